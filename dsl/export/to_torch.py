"""Writes a program as a PyTorch optimizer: a class `Adamw(params, lr, *, beta1=0.9, ...)`."""

from __future__ import annotations

from ..needs import oracles
from ..program import Program, Ref, State
from . import lines as write
from .entrywise import entrywise
from .errors import ExportError
from .levels import look
from .names import class_name
from .noise import draws
from .plan import Plan, collected, make_plan
from .points import apart
from .spell import number, written
from .starts import guard, start
from .target import NUMBERS, Target
from .torch_spellings import ARRAYS, HELPERS

TORCH = Target(
    "torch",
    ARRAYS,
    NUMBERS,
    HELPERS,
    axis="dim",
    keep="keepdim",
    empty_is_all=True,
    in_place=True,
    cast="x.to(w.dtype)",
    whole="torch.zeros_like(w) + x",
    reserved=frozenset(
        "torch self group params grads state closure full_closure project prox lmo".split()
    ),
)


def to_torch(program: Program) -> str:
    """Returns a module with a `torch.optim.Optimizer` for `program`."""
    lists: dict[Ref, str] = {"w": "params", "g": "grads"}
    lists |= {s.name: f'[self.state[w]["{s.name}"] for w in params]' for s in program.states}
    step, point = apart(program)
    plan = make_plan(step, TORCH, lists)
    body = [f"class {class_name(program)}(torch.optim.Optimizer):"]
    more = ["Reductions over the model cover one parameter group."] if _whole(plan) else []
    if oracles(program):
        more = ["What a step asks of the loss, and every reduction, is of one parameter group."]
    if write.uses_role(program):
        more.append('A parameter group may carry a role: {"params": ..., "role": "embedding"}.')
    if point is not None:
        more.append("Call eval() before the model is evaluated or saved, and train() after it.")
    body += write.indented([*write.about(program, *more), "", *_init(plan), "", *_step(plan)])
    if point is not None:
        body += write.indented(_moves(make_plan(point, TORCH, lists)))
    return write.module(["import torch"], plan, body)


def _moves(plan: Plan) -> list[str]:
    """Returns the methods that move the parameters to where they are evaluated, and back."""
    if _whole(plan):
        raise ExportError("export to torch has no form for a w_eval that reads the whole model.")
    (stage,) = plan.stages
    inner = write.body_lines(stage.inside, plan.scope)
    made = written(write.stored("w", dict(plan.program.results)["w"], plan))
    reads = write.stage_reads(plan, 0, inner)
    states = [s.name for s in plan.program.states if s.name in reads]
    numbers = [plan.scope.names[h.name] for h in plan.program.hyperparameters]
    loads = [f'{name} = group["{name}"]' for name in [*numbers, *write.numbers_read(plan)]]
    loads += write.body_lines(stage.outside, plan.scope)
    there = [
        *(f'{plan.scope.names[name]} = state["{name}"]' for name in states),
        *inner,
        'state["trained"] = w.clone()',
        f"w.copy_({made})",
    ]
    back = ['w.copy_(state.pop("trained"))']
    to = "Moves the parameters to where the model is to be evaluated."
    return [
        *_move("eval", to, loads, ["if not state:", "    continue", *there]),
        *_move("train", "Moves the parameters back.", [], ['if "trained" in state:',
                                                           *write.indented(back)]),
    ]


def _move(name: str, doc: str, loads: list[str], inner: list[str]) -> list[str]:
    loop = ['for w in group["params"]:', *write.indented(["state = self.state[w]", *inner])]
    body = ["for group in self.param_groups:", *write.indented([*loads, *loop])]
    return ["", "@torch.no_grad()", f"def {name}(self):", *write.indented([f'"""{doc}"""', *body])]


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
    given += ["seed"] if draws(program) else []
    entries = [f"{name}={name}" for name in given]
    for state in program.states:
        if not look(plan.scope.infos, state.name).leaf:
            entries.append(f"{names[state.name]}={start(state, plan)}")
    line = f"super().__init__(params, dict({', '.join([*entries, 't=0'])}))"
    if len(line) > write.WIDTH - 8:
        inner = write.indented(write.packed([*entries, "t=0"]))
        return [*first, *write.indented(["defaults = dict(", *inner, ")"]),
                *write.indented(["super().__init__(params, defaults)"])]
    return [*first, *write.indented([line])]


def _step(plan: Plan) -> list[str]:
    body = _group(plan)
    asked, reads_loss = oracles(plan.program), "loss" in plan.program.inputs
    given = [name for name in asked if name in ("project", "prox", "lmo")]
    keywords = [*(["full_closure"] if "full_grad" in asked else []), *given]
    said = "Makes one step."
    if {"grad_at", "loss_at", "hvp"} & {*asked}:
        said = "Makes one step; closure returns the loss and does not call backward()."
        lines = ["self.zero_grad()", "with torch.enable_grad():"]
        lines += ["    loss = closure()", "    loss.backward()"]
        lines += ["loss = loss.item()"] if reads_loss else []
    elif reads_loss:
        lines = ["with torch.enable_grad():", "    loss = closure().item()"]
    else:
        lines = ["loss = None", "if closure is not None:"]
        lines += ["    with torch.enable_grad():", "        loss = closure()"]
    closure = "closure=None" if "loss = None" in lines else "closure"
    arguments = ", ".join(["self", closure, *(["*", *keywords] if keywords else [])])
    lines += _places() if any(write.mentions(line, "places") for line in body) else []
    lines += ["for group in self.param_groups:", *write.indented(body), "return loss"]
    head = ["@torch.no_grad()", f"def step({arguments}):"]
    return [*head, *write.indented([f'"""{said}"""', *lines])]


def _places() -> list[str]:
    """Returns the lines that number the parameters of all groups, for their noise."""
    return [
        'every = (w for group in self.param_groups for w in group["params"])',
        "places = {w: place for place, w in enumerate(every)}",
    ]


def _group(plan: Plan) -> list[str]:
    """Returns the step of one parameter group."""
    listed = entrywise(plan)
    if listed is not None:
        return _listed_group(plan, listed)
    stages = [line for index in range(len(plan.stages)) for line in _stage(plan, index)]
    lines = _counted(plan, "\n".join([*stages, *_starts(plan)]))
    if _whole(plan):
        lines += _gathered(plan, "\n".join(stages))
    return [*lines, *stages, *_kept_numbers(plan)]


def _counted(plan: Plan, text: str) -> list[str]:
    """Returns the lines that count a step and load what `text` reads of the group."""
    given = [name for name in ("lr", "T") if name in plan.program.inputs]
    given += [plan.scope.names[h.name] for h in plan.program.hyperparameters]
    given += [plan.scope.names[name] for name in write.numbers_read(plan)]
    given += ["seed"] if draws(plan.program) else []
    read = [name for name in given if write.mentions(text, name)]
    loads = write.unpacked(read, [f'group["{name}"]' for name in read], 3)
    loads += ['role = group.get("role", "")'] if write.mentions(text, "role") else []
    return ['group["t"] += 1', *(['t = group["t"]'] if write.mentions(text, "t") else []), *loads]


def _gathered(plan: Plan, text: str) -> list[str]:
    """Returns the lines that list the parameters and gradients, and make the first states."""
    lines = ['params = [w for w in group["params"] if w.grad is not None]']
    lines += ["grads = [w.grad for w in params]"] if write.mentions(text, "grads") else []
    begin = _starts(plan)
    if begin:
        lines += ["for w in params:", "    state = self.state[w]", *write.indented(begin)]
    return lines


def _listed_group(plan: Plan, listed: list[str]) -> list[str]:
    """Returns the step of one parameter group on lists of tensors."""
    text = "\n".join([*listed, *_starts(plan)])
    first, *others = _gathered(plan, text)
    lines = [*_counted(plan, text), first, "if not params:", "    continue", *others]
    for state in plan.program.states:
        name = plan.scope.names[state.name]
        if look(plan.scope.infos, state.name).leaf and write.mentions(text, name):
            lines.append(f'{name} = [self.state[w]["{state.name}"] for w in params]')
    return [*lines, *listed, *_kept_numbers(plan)]


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
    carried = collected(plan, index)
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
    lines += ["place = places[w]"] if any(write.mentions(line, "place") for line in inner) else []
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


