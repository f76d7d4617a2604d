"""Writes a program as NumPy source: `init(params)` and `update(state, params, grads, ...)`."""

from __future__ import annotations

from primitives import TABLE

from ..needs import oracles
from ..program import Program, Ref
from . import lines as write
from .levels import look
from .loops import listed_stage
from .numpy_spellings import ARRAYS, HELPERS
from .plan import Plan, make_plan
from .points import apart
from .spell import fill, number, written
from .starts import guard, start
from .target import NUMBERS, Target

NUMPY = Target(
    "numpy",
    ARRAYS,
    NUMBERS,
    HELPERS,
    whole="np.full_like(w, x)",
    reserved=frozenset(
        "np init update state params grads roles grad_at loss_at hvp full_grad project prox"
        " lmo".split()
    ),
)


def to_numpy(program: Program) -> str:
    """Returns a NumPy module for `program`; parameters and gradients are lists of arrays."""
    lists: dict[Ref, str] = {s.name: f'state["{s.name}"]' for s in program.states}
    lists |= {"w": "params", "g": "grads", "role": "roles", "place": "range(len(params))"}
    step, point = apart(program)
    plan = make_plan(step, NUMPY, lists)
    body = [*_init(plan), "", "", *_update(plan)]
    if point is not None:
        body += ["", "", *_point(make_plan(point, NUMPY, lists))]
    return write.module(["import numpy as np"], plan, body)


def _point(plan: Plan) -> list[str]:
    """Returns the function that gives where the model is to be evaluated."""
    keywords = write.defaults(plan.program, plan)
    first = write.signature("eval_params", ["state", "params"], keywords)
    lines = write.docstring("Returns where the model is to be evaluated, a list like params.")
    lines += [f'{plan.scope.names[n]} = state["{n}"]' for n in write.numbers_read(plan)]
    for index in range(len(plan.stages)):
        lines += listed_stage(plan, index, "points", _result)
    return [*first, *write.indented([*lines, "return points"])]


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
    asked = oracles(program)
    keywords = [*asked, *write.defaults(program, plan), *tail]
    first = write.signature("update", ["state", "params", "grads", *inputs], keywords)
    more = ["Returns the new parameters and the new state; params and grads are lists."]
    more += [TABLE[name].doc + f" {name} takes and returns lists." for name in asked]
    lines = write.about(program, *more)
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


