"""Writes a program as NumPy source: `init(params)` and `update(state, params, grads, ...)`."""

from __future__ import annotations

from ..program import Program, Ref
from . import lines as write
from .errors import ExportError
from .levels import look
from .loops import listed_stage
from .plan import Plan, make_plan
from .spell import fill, number, written
from .starts import guard, start
from .target import NUMBERS, OPERATORS, Target

ARRAYS: dict[str, str] = OPERATORS | {
    **{
        name: f"np.{name}(x)"
        for name in (
            "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh arcsin"
            " arccos arctan arcsinh arccosh arctanh sign floor isfinite"
        ).split()
    },
    "maximum": "np.maximum(x, y)",
    "minimum": "np.minimum(x, y)",
    "clip": "np.minimum(np.maximum(x, y), z)",
    "copysign": "np.copysign(x, y)",
    "relu": "np.maximum(x, 0)",
    "sigmoid": "0.5 + 0.5 * np.tanh(0.5 * x)",
    "softplus": "np.logaddexp(x, 0.0)",
    "where": "np.where(x, y, z)",
    "where:number": "y if x else z",
    "where:numbers": "np.where(x, y, z).astype(w.dtype)",
    "logical_and": "x & y",
    "logical_or": "x | y",
    "logical_not": "~x",
    "divide_no_nan": "np.where(y == 0, 0 * x, x / np.where(y == 0, 1, y))",
    "sqrt_abs": "np.sqrt(abs(x))",
    "log_abs": "np.log(np.where(x == 0, 1, abs(x)))",
    "power_abs": "np.where(x == 0, 0, np.where(x == 0, 1, abs(x)) ** y)",
    "sum": "np.sum(x)",
    "mean": "np.mean(x)",
    "max": "np.max(x)",
    "min": "np.min(x)",
    "norm": "np.linalg.norm(x)",
    "norm:axes": "np.sqrt(np.sum(x ** 2))",
    "rms": "np.sqrt(np.mean(x ** 2))",
    "dot": "np.sum(x * y)",
    "cosine": "cosine(x, y)",
    "size": "x.size",
    "matrix": "matrix(x)",
    "unmatrix": "x.reshape(y.shape)",
    "newton_schulz": "newton_schulz(x)",
    "orthogonalize": "orthogonalize(x)",
    "global_sum": "sum(np.sum(x) for x in xs)",
    "global_mean": "sum(np.sum(x) for x in xs) / sum(np.size(x) for x in xs)",
    "global_norm": "np.sqrt(sum(np.sum(x ** 2) for x in xs))",
    "global_rms": "np.sqrt(sum(np.sum(x ** 2) for x in xs) / sum(np.size(x) for x in xs))",
    "global_dot": "sum(np.sum(x * y) for x, y in zip(xs, ys, strict=True))",
    "global_max": "max(np.max(x) for x in xs)",
    "global_min": "min(np.min(x) for x in xs)",
    "copy": "x.copy()",
    "single": "w.dtype.type(x)",
    "scalar": "x",
    "zeros_like": "np.zeros_like(x)",
    "full_like": "np.full_like(x, y)",
    "zeros": "np.zeros((), w.dtype)",
    "full": "np.full((), x, w.dtype)",
}

HELPERS: dict[str, str] = {
    "fan_in": '''
def fan_in(w):
    """The number of inputs of a parameter: all axes but the last."""
    return w.size // max(1, fan_out(w))
''',
    "fan_out": '''
def fan_out(w):
    """The number of outputs of a parameter: its last axis."""
    return w.shape[-1] if w.ndim else 1
''',
    "other_axes": '''
def other_axes(x, keep):
    """All axes of x but those to keep."""
    kept = {axis % x.ndim for axis in np.atleast_1d(keep)}
    return tuple(axis for axis in range(x.ndim) if axis not in kept)
''',
    "cosine": '''
def cosine(x, y):
    """The cosine of the angle between two arrays, 0 where one of them is 0."""
    sizes = np.sqrt(np.sum(x**2)) * np.sqrt(np.sum(y**2))
    return np.where(sizes == 0, 0, np.sum(x * y) / np.where(sizes == 0, 1, sizes))
''',
    "matrix": '''
def matrix(x):
    """A parameter with two axes or more as inputs by outputs."""
    return x.reshape(-1, x.shape[-1])
''',
    "newton_schulz": '''
def newton_schulz(x, steps=5, a=3.4445, b=-4.775, c=2.0315, eps=1e-8):
    """Moves every singular value of x towards 1."""
    y = x.reshape(-1, x.shape[-1])
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / (np.sqrt(np.sum(y**2)) + eps)
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
    return x / (np.sqrt(np.mean(x**2)) + 1e-8)
''',
}

NUMPY = Target(
    "numpy",
    ARRAYS,
    NUMBERS,
    HELPERS,
    whole="np.full_like(w, x)",
    reserved=frozenset("np init update state params grads roles".split()),
)


def to_numpy(program: Program) -> str:
    """Returns a NumPy module for `program`; parameters and gradients are lists of arrays."""
    lists: dict[Ref, str] = {s.name: f'state["{s.name}"]' for s in program.states}
    lists |= {"w": "params", "g": "grads", "role": "roles"}
    plan = make_plan(program, NUMPY, lists)
    if "w_eval" in dict(program.results):
        raise ExportError("export to numpy has no form for w_eval.")
    body = [*_init(plan), "", "", *_update(plan)]
    return write.module(["import numpy as np"], plan, body)


def _init(plan: Plan) -> list[str]:
    """Returns the function that makes the state before the first step."""
    roles = write.uses_role(plan.program)
    entries = ['"t": 0,']
    for state in plan.program.states:
        made, asked = start(state, plan, {"w": "params"}), guard(state, plan)
        if look(plan.scope.infos, state.name).leaf:
            made = f"{made} if {asked} else None" if asked else made
            pairs = "w, role in zip(params, roles, strict=True)" if roles else "w in params"
            entries += _entry(state.name, made, f"for {pairs}")
        else:
            entries.append(f'"{state.name}": {made},')
    defaults = [f"{name}={value}" for name, value in _init_arguments(plan)]
    first = write.signature("init", ["params", *(["roles=None"] if roles else [])], defaults)
    given = ['roles = roles or [""] * len(params)'] if roles else []
    doc = write.docstring("Returns the state before the first step; params is a list of arrays.")
    inner = [*doc, *given, "return {", *write.indented(entries), "}"]
    return [*first, *write.indented(inner)]


def _entry(name: str, made: str, pairs: str) -> list[str]:
    line = f'"{name}": [{made} {pairs}],'
    if len(line) <= write.WIDTH - 8:
        return [line]
    return [f'"{name}": [', *write.indented([made, pairs]), "],"]


def _init_arguments(plan: Plan) -> list[tuple[str, str]]:
    """Returns the hyperparameters that first values read, with their defaults."""
    text = " ".join(start(s, plan, {"w": "params"}) for s in plan.program.states)
    pairs = [d.partition("=")[::2] for d in write.defaults(plan.program, plan)]
    return [(name, value) for name, value in pairs if write.mentions(text, name)]


def _update(plan: Plan) -> list[str]:
    program = plan.program
    roles = write.uses_role(program)
    inputs = [name for name in ("lr", "T", "loss") if name in program.inputs]
    tail = ["roles=None"] if roles else []
    first = write.signature(
        "update", ["state", "params", "grads", *inputs], [*write.defaults(program, plan), *tail]
    )
    lines = write.about(
        program, "Returns the new parameters and the new state; params and grads are lists."
    )
    lines += ['roles = roles or [""] * len(params)'] if roles else []
    lines += ['t = state["t"] + 1']
    lines += [f'{plan.scope.names[n]} = state["{n}"]' for n in write.numbers_read(plan)]
    for index in range(len(plan.stages)):
        lines += listed_stage(plan, index, "new_params", _result)
    lines += _return(plan)
    head = ['@np.errstate(all="ignore")  # infinities and NaN are values here, not errors']
    return [*head, *first, *write.indented(lines)]


def _result(role: str, ref: Ref, plan: Plan) -> str:
    if role == "return":
        return written(fill("w - x", {"x": number(ref, plan.scope)}))
    return written(write.stored(role, ref, plan))


def _return(plan: Plan) -> list[str]:
    entries = ['"t": t']
    for name, ref in plan.program.results:
        if name in ("return", "w"):
            continue
        if ref == name:
            value = f'state["{name}"]'
        elif look(plan.scope.infos, name).leaf:
            value = f"new_{plan.scope.names[name]}"
        else:
            value = written(number(ref, plan.scope))
        entries.append(f'"{name}": {value}')
    line = f"return new_params, {{{', '.join(entries)}}}"
    if len(line) <= write.WIDTH:
        return [line]
    return ["return new_params, {", *write.indented(f"{e}," for e in entries), "}"]


