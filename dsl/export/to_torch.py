"""Writes a program as a PyTorch optimizer: a class `Adamw(params, lr, *, beta1=0.9, ...)`."""

from __future__ import annotations

from ..program import Program, Ref, State
from . import lines as write
from .errors import ExportError
from .levels import look
from .plan import Plan, make_plan
from .spell import number, written
from .starts import guard, start
from .target import NUMBERS, OPERATORS, Target

# As everywhere in torch, the sign of NaN is 0; NumPy and JAX give NaN.
ARRAYS: dict[str, str] = OPERATORS | {
    **{
        name: f"torch.{name}(x)"
        for name in (
            "sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh arcsin"
            " arccos arctan arcsinh arccosh arctanh sign floor isfinite sigmoid relu"
        ).split()
    },
    "cbrt": "torch.sign(x) * abs(x) ** (1 / 3)",
    "lerp:arrays": "torch.lerp(x, y, z)",
    "maximum": "torch.maximum(x, y)",
    "maximum:number": "x.clamp(min=y)",
    "minimum": "torch.minimum(x, y)",
    "minimum:number": "x.clamp(max=y)",
    "clip": "torch.minimum(torch.maximum(x, y), z)",
    "clip:number": "clip(x, y, z)",
    "copysign": "torch.copysign(x, y)",
    "copysign:number": "torch.copysign(tensor(x), tensor(y))",
    "softplus": "torch.logaddexp(x, torch.zeros_like(x))",
    "where": "torch.where(x, y, z)",
    "where:number": "y if x else z",
    "where:numbers": "torch.where(x, w.new_tensor(y), w.new_tensor(z))",
    "logical_and": "x & y",
    "logical_or": "x | y",
    "logical_not": "~x",
    "divide_no_nan": "torch.where(y == 0, 0 * x, x / torch.where(y == 0, 1, y))",
    "divide_no_nan:number": "divide_no_nan(x, y)",
    "sqrt_abs": "torch.sqrt(abs(x))",
    "log_abs": "torch.log(torch.where(x == 0, 1, abs(x)))",
    "power_abs:number": "power_abs(x, y)",
    "power_abs": "torch.where(x == 0, 0, torch.where(x == 0, 1, abs(x)) ** y)",
    "sum": "torch.sum(x)",
    "mean": "torch.mean(x)",
    "max": "torch.amax(x)",
    "min": "torch.amin(x)",
    "norm": "torch.linalg.vector_norm(x)",
    "rms": "torch.sqrt(torch.mean(x ** 2))",
    "dot": "torch.sum(x * y)",
    "cosine": "cosine(x, y)",
    "size": "x.numel()",
    "matrix": "x.flatten(1).T",
    "unmatrix": "x.T.reshape(y.shape)",
    "newton_schulz": "newton_schulz(x)",
    "orthogonalize": "orthogonalize(x)",
    "global_sum": "sum(x.sum() for x in xs)",
    "global_mean": "sum(x.sum() for x in xs) / sum(x.numel() for x in xs)",
    "global_norm": "torch.sqrt(sum((x ** 2).sum() for x in xs))",
    "global_rms": "torch.sqrt(sum((x ** 2).sum() for x in xs) / sum(x.numel() for x in xs))",
    "global_dot": "sum((x * y).sum() for x, y in zip(xs, ys, strict=True))",
    "global_max": "torch.stack([x.max() for x in xs]).max()",
    "global_min": "torch.stack([x.min() for x in xs]).min()",
    "copy": "x.clone()",
    "single": "w.new_tensor(x)",
    "scalar": "torch.tensor(x, dtype=torch.float64)",
    "zeros_like": "torch.zeros_like(x)",
    "full_like": "torch.full_like(x, y)",
    "zeros": "w.new_zeros(())",
    "full": "w.new_tensor(x)",
}

HELPERS: dict[str, str] = {
    "fan_in": '''
def fan_in(w):
    """The number of inputs of a parameter: all axes but the first."""
    return w.numel() // max(1, fan_out(w))
''',
    "fan_out": '''
def fan_out(w):
    """The number of outputs of a parameter: its first axis."""
    return w.shape[0] if w.ndim else 1
''',
    "other_axes": '''
def other_axes(x, keep):
    """All axes of x but those to keep."""
    kept = {axis % x.ndim for axis in (keep if isinstance(keep, tuple) else (keep,))}
    return tuple(axis for axis in range(x.ndim) if axis not in kept)
''',
    "tensor": '''
def tensor(x):
    """A number as a tensor that does not widen others; a tensor as it is."""
    return x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=torch.float64)
''',
    "divide_no_nan": '''
def divide_no_nan(x, y):
    """x / y, and 0 where y is 0."""
    x, y = tensor(x), tensor(y)
    return torch.where(y == 0, 0 * x, x / torch.where(y == 0, 1, y))
''',
    "clip": '''
def clip(x, low, high):
    """x held between two bounds, each a number or a tensor."""
    return torch.minimum(torch.maximum(tensor(x), tensor(low)), tensor(high))
''',
    "power_abs": '''
def power_abs(x, y):
    """abs(x) to the power y, and 0 where x is 0."""
    x = tensor(x)
    return torch.where(x == 0, 0, torch.where(x == 0, 1, abs(x)) ** y)
''',
    "cosine": '''
def cosine(x, y):
    """The cosine of the angle between two arrays, 0 where one of them is 0."""
    x, y = tensor(x), tensor(y)
    sizes = torch.linalg.vector_norm(x) * torch.linalg.vector_norm(y)
    return torch.where(sizes == 0, 0, torch.sum(x * y) / torch.where(sizes == 0, 1, sizes))
''',
    "newton_schulz": '''
def newton_schulz(x, steps=5, a=3.4445, b=-4.775, c=2.0315, eps=1e-8):
    """Moves every singular value of x towards 1."""
    y = x.flatten(1)
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / (torch.linalg.vector_norm(y) + eps)
    for _ in range(steps):
        s = y @ y.T
        y = a * y + (b * s + c * s @ s) @ y
    return (y.T if tall else y).reshape(x.shape)
''',
    "orthogonalize": '''
def orthogonalize(x):
    """newton_schulz on two axes or more, x / rms(x) on fewer."""
    if x.ndim >= 2:
        return newton_schulz(x)
    return x / (torch.sqrt(torch.mean(x**2)) + 1e-8)
''',
}

TORCH = Target(
    "torch",
    ARRAYS,
    NUMBERS,
    HELPERS,
    axis="dim",
    keep="keepdim",
    cast="x.to(w.dtype)",
    whole="torch.zeros_like(w) + x",
    reserved=frozenset("torch self group params grads state closure".split()),
)


def to_torch(program: Program) -> str:
    """Returns a module with a `torch.optim.Optimizer` for `program`."""
    lists: dict[Ref, str] = {"w": "params", "g": "grads"}
    lists |= {s.name: f'[self.state[w]["{s.name}"] for w in params]' for s in program.states}
    plan = make_plan(program, TORCH, lists)
    if "w_eval" in dict(program.results):
        raise ExportError("export to torch has no form for w_eval.")
    title = "".join(part.capitalize() for part in program.name.split("_"))
    body = [f"class {title}(torch.optim.Optimizer):"]
    more = ["Reductions over the model cover one parameter group."] if _whole(plan) else []
    if write.uses_role(program):
        more.append('A parameter group may carry a role: {"params": ..., "role": "embedding"}.')
    body += write.indented([*write.about(program, *more), "", *_init(plan), "", *_step(plan)])
    return write.module(["import torch"], plan, body)


def _whole(plan: Plan) -> bool:
    """Tells whether a step needs all parameters of a group at once."""
    text = "\n".join(line for s in plan.stages for line in write.body_lines(s.outside, plan.scope))
    return len(plan.stages) > 1 or "params" in text or "grads" in text


def _init(plan: Plan) -> list[str]:
    program, names = plan.program, plan.scope.names
    inputs = [name for name in ("lr", "T") if name in program.inputs]
    first = write.signature(
        "__init__", ["self", "params", *inputs], write.defaults(program, plan)
    )
    given = [*inputs, *(names[h.name] for h in program.hyperparameters)]
    entries = [f"{name}={name}" for name in given]
    for state in program.states:
        if not look(plan.scope.infos, state.name).leaf:
            entries.append(f"{names[state.name]}={start(state, plan)}")
    line = f"super().__init__(params, dict({', '.join([*entries, 't=0'])}))"
    if len(line) > write.WIDTH - 8:
        inner = write.indented(f"{entry}," for entry in [*entries, "t=0"])
        return [*first, *write.indented(["defaults = dict(", *inner, ")"]),
                *write.indented(["super().__init__(params, defaults)"])]
    return [*first, *write.indented([line])]


def _step(plan: Plan) -> list[str]:
    body = _group(plan)
    loss = ["loss = None", "if closure is not None:"]
    lines = [*loss, *write.indented(["with torch.enable_grad():", "    loss = closure()"])]
    if "loss" in plan.program.inputs:
        lines = ["with torch.enable_grad():", "    loss = float(closure())"]
    closure = "closure" if "loss" in plan.program.inputs else "closure=None"
    lines += ["for group in self.param_groups:", *write.indented(body), "return loss"]
    head = ["@torch.no_grad()", f"def step(self, {closure}):"]
    return [*head, *write.indented(['"""Makes one step."""', *lines])]


def _group(plan: Plan) -> list[str]:
    """Returns the step of one parameter group."""
    stages = [_stage(plan, index) for index in range(len(plan.stages))]
    text = "\n".join(line for lines in stages for line in lines) + "".join(_starts(plan))
    given = [name for name in ("lr", "T") if name in plan.program.inputs]
    given += [plan.scope.names[h.name] for h in plan.program.hyperparameters]
    given += [plan.scope.names[name] for name in write.numbers_read(plan)]
    read = [name for name in given if write.mentions(text, name)]
    loads = write.unpacked(read, [f'group["{name}"]' for name in read], 3)
    loads += ['role = group.get("role", "")'] if write.mentions(text, "role") else []
    count = ['group["t"] += 1', *(['t = group["t"]'] if write.mentions(text, "t") else [])]
    lines = [*count, *loads]
    if _whole(plan):
        lines.append('params = [w for w in group["params"] if w.grad is not None]')
        lines += ["grads = [w.grad for w in params]"] if write.mentions(text, "grads") else []
        begin = _starts(plan)
        if begin:
            head = ["for w in params:", "    state = self.state[w]", *write.indented(begin)]
            lines += head
    return [*lines, *(line for stage in stages for line in stage), *_kept_numbers(plan)]


def _starts(plan: Plan) -> list[str]:
    """Returns the lines that make the state of a parameter at its first step."""
    by_guard: dict[str, list[str]] = {}
    for state in plan.program.states:
        if look(plan.scope.infos, state.name).leaf:
            made = f'state["{state.name}"] = {start(state, plan)}'
            by_guard.setdefault(guard(state, plan), []).append(made)
    lines = by_guard.pop("", [])
    for asked, made in by_guard.items():
        lines += [f"if {asked}:", *write.indented(made)]
    return ["if not state:", *write.indented(lines)] if lines else []


def _stage(plan: Plan, index: int) -> list[str]:
    scope, stage, whole = plan.scope, plan.stages[index], _whole(plan)
    lines = write.body_lines(stage.outside, scope)
    results = write.stage_results(plan, index)
    carried = [ref for ref, at in plan.carried.items() if at == index]
    if not stage.inside and not results:
        return lines
    lines += [f"{scope.lists[ref]} = []" for ref in carried]
    inner = write.body_lines(stage.inside, scope)
    inner += [f"{scope.lists[ref]}.append({written(number(ref, scope))})" for ref in carried]
    inner += _stores(results, plan)
    reads = write.stage_reads(plan, index, inner)
    earlier = [ref for ref in reads if isinstance(ref, int)]
    names, lists = [scope.names[r] for r in earlier], [scope.lists[r] for r in earlier]
    if whole:
        head = write.loop(["w", *names], ["params", *lists])
    else:
        head = ['for w in group["params"]:', "    if w.grad is None:", "        continue"]
    return [*lines, *head, *write.indented([*_loads(plan, reads, inner, whole), *inner])]


def _loads(plan: Plan, reads: list[Ref], inner: list[str], whole: bool) -> list[str]:
    states = [s for s in plan.program.states if look(plan.scope.infos, s.name).leaf]
    read = [s for s in states if s.name in reads]
    lines = ["g = w.grad"] if "g" in reads else []
    if read or any("state[" in line for line in inner) or (states and not whole):
        lines = ["g, state = w.grad, self.state[w]" if lines else "state = self.state[w]"]
    lines += [] if whole else _starts(plan)
    values = [_old(state, plan) for state in read]
    return lines + write.unpacked([plan.scope.names[s.name] for s in read], values, 4)


def _old(state: State, plan: Plan) -> str:
    return f'state.get("{state.name}")' if guard(state, plan) else f'state["{state.name}"]'


def _stores(results: dict[str, Ref], plan: Plan) -> list[str]:
    lines = []
    for role, ref in results.items():
        if role == "return":
            lines.append(f"w.sub_({written(number(ref, plan.scope))})")
        elif role == "w":
            lines.append(f"w.copy_({written(write.stored(role, ref, plan))})")
        else:
            lines.append(f'state["{role}"] = {written(write.stored(role, ref, plan))}')
    return lines


def _kept_numbers(plan: Plan) -> list[str]:
    """Returns the lines that store the Scalar states."""
    lines = []
    for state in plan.program.states:
        ref = dict(plan.program.results)[state.name]
        if not look(plan.scope.infos, state.name).leaf and ref != state.name:
            made = number(ref, plan.scope)
            lines.append(f'group["{state.name}"] = {written(made)}')
    return lines


