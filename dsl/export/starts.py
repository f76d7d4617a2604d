"""Writes the state before the first step, and for which parameters it is stored."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from primitives.kinds import UpTo

from ..program import Branch, Call, Literal, Ref, State, Statement, branches, calls
from .errors import ExportError
from .levels import infer, look
from .plan import Plan
from .spell import Scope, condition, expression, fill, number, substituted, written


def start(state: State, plan: Plan, lists: Mapping[Ref, str] | None = None) -> str:
    """Returns the expression of a state's first value, for one parameter w or for the model."""
    scope = _scope(state, plan, lists or {})
    (ref,) = state.init.results
    info = look(scope.infos, ref)
    made = number(ref, scope) if info.truth and info.leaf else expression(ref, scope)
    spellings = scope.target.arrays
    if state.declared.kind == "Matrix":
        return _matrix(state, ref, made, scope)
    if state.declared.kind == "Scalar":
        made = ast.Constant(float(ref.value)) if isinstance(ref, Literal) else made  # type: ignore[arg-type]
        return written(fill(spellings["scalar"], {"x": made}) if not _python(state, plan) else made)
    if ref == "w":
        return written(fill(spellings["copy"], {"x": made}))
    if info.leaf and info.form == look(scope.infos, state.name).form:
        return written(made)
    zero = isinstance(ref, Literal) and ref.value == 0
    if state.declared.kind == "Layer":
        return written(fill(spellings["zeros" if zero else "full"], {"x": made}))
    like = {"x": _like(state), "y": made}
    return written(fill(spellings["zeros_like" if zero else "full_like"], like))


def _matrix(state: State, ref: Ref, made: ast.expr, scope: Scope) -> str:
    """Returns the first value of a Matrix, whose sides follow from the shape of w."""
    arrays = scope.target.arrays
    sides = [ast.parse(_side_length(entry), mode="eval").body for entry in state.declared.index]
    if isinstance(ref, Literal):
        zero, shape = ref.value == 0, {"x": ast.Tuple(sides), "y": made}
        return written(fill(arrays["zeros_of" if zero else "full_of"], shape))
    eye = fill(arrays["eye"], dict(zip("xy", sides, strict=True)))
    return written(substituted(made, {"eye": eye}))


def _sides(state: State) -> tuple:
    """Returns what the sides of a Matrix follow from, nothing for other kinds."""
    return tuple(state.declared.index) if state.declared.kind == "Matrix" else ()


def _side_length(entry: int | str | UpTo) -> str:
    short = "min(fan_in(w), fan_out(w))"
    named = {"rows": "fan_in(w)", "cols": "fan_out(w)", "short": short,
             "long": short.replace("min", "max")}
    if isinstance(entry, UpTo):
        return f"min({entry.count}, fan_in(w), fan_out(w))"
    return named[entry] if isinstance(entry, str) else f"w.shape[{entry}]"


def _python(state: State, plan: Plan) -> bool:
    return look(plan.scope.infos, state.name).python


def _scope(state: State, plan: Plan, lists: Mapping[Ref, str]) -> Scope:
    made = tuple(calls(state.init.body))
    if len(made) != len(state.init.body):
        raise ExportError(f"export has no form for an `if` in the first value of {state.name}.")
    program = replace(plan.program, body=state.init.body, results=((state.name, state.name),))
    program = replace(program, states=(state,))
    infos = infer(program, plan.scope.target.traced)
    inlined, names = {call.out: call for call in made}, {**plan.scope.names, "eye": "eye"}
    return replace(plan.scope, infos=infos, inlined=inlined, names=names, lists=lists)


def _like(state: State) -> ast.expr:
    """Returns w, or the part of w that has the shape of a Vector with its lost axes at length 1."""
    index = state.declared.index
    match index:
        case ():
            text = "w"
        case ((1, None),):
            text = "w[:1]"
        case ((None, -1),):
            text = "w[..., :1]"
        case ((None, -2), -1):
            text = "w[..., :1, :]"
        case _ if all(isinstance(axis, int) for axis in index):
            kept = f"a in {index!r} or a - w.ndim in {index!r}"
            text = f"w[tuple(slice(None if {kept} else 1) for a in range(w.ndim))]"
        case _:
            raise ExportError(f"export has no form for the axes of the state {state.name!r}.")
    return ast.parse(text, mode="eval").body


def guard(state: State, plan: Plan) -> str:
    """Returns the condition under which a parameter stores `state`, "" where all do."""
    if not look(plan.scope.infos, state.name).leaf:
        return ""
    body, own = plan.program.body, dict(plan.program.results)[state.name]
    held = {state.name, *_handed_on(body, own)}
    sides = list(_readers(body, held, plan.scope, ()))
    if any(ref == state.name and role != state.name for role, ref in plan.program.results):
        sides.append(())
    texts = [tuple(_side(branch, side, plan) for branch, side in path) for path in sides]
    shared = _common(texts)
    axes = [axis for axis in _sides(state) if isinstance(axis, int)]
    needed = [f"w.ndim > {axis}" for axis in axes if not _is_there(axis, shared)]
    if any(each in path for path in texts for each in needed):
        raise ExportError(
            f"export has no form for {state.name}, a matrix that some parameters have no axis for"
            " and that an `if` on a number hands on: lower the program instead."
        )
    asked = [ast.parse(text, mode="eval").body for text in _sharpest(shared)]
    return written(ast.BoolOp(ast.And(), asked)) if len(asked) > 1 else "".join(map(written, asked))


def _sharpest(conditions: Sequence[str]) -> list[str]:
    """Returns conditions without those that another one on the number of axes contains."""
    found = [_least_axes(one) for one in conditions]
    most = max(found, default=0)
    return [
        one
        for place, (one, least) in enumerate(zip(conditions, found, strict=True))
        if not least or (least == most and most not in found[:place])
    ]


def _least_axes(condition: str) -> int:
    """Returns how many axes a condition asks for at least, 0 for one that asks something else."""
    found = re.fullmatch(r"w\.ndim (>=|>) (\d+)", condition)
    return int(found[2]) + (found[1] == ">") if found else 0


def _is_there(axis: int, conditions: Iterable[str]) -> bool:
    """Tells whether conditions on the number of axes leave only parameters with that axis."""
    found = [re.fullmatch(r"w\.ndim (==|>=|>) (\d+)", one) for one in conditions]
    return any(int(one[2]) + (one[1] == ">") > axis for one in found if one)


def _side(branch: Branch, side: int, plan: Plan) -> str:
    """Returns the condition of one side of an `if`, written out whole."""
    made = {call.out: call for call in calls(plan.program.body)}
    scope = replace(plan.scope, inlined=made)
    asked = condition(branch.condition, scope)
    return written(_opposite(asked) if side else asked)


def _opposite(asked: ast.expr) -> ast.expr:
    """Returns `not asked`; a comparison of whole numbers is turned round."""
    turned = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt}
    if isinstance(asked, ast.Compare) and type(asked.ops[0]) in turned:
        return ast.Compare(asked.left, [turned[type(asked.ops[0])]()], asked.comparators)
    return ast.UnaryOp(ast.Not(), asked)


def _readers(
    body: Iterable[Statement], held: Collection[Ref], scope: Scope, path: tuple
) -> Iterable[tuple]:
    """Yields the static sides around each place that reads what may be the old value of a state.

    held: the state, and what the `if`s hand on to its new value; to hand on is not to read.
    """
    for statement in body:
        if isinstance(statement, Call):
            if any(arg in held for arg in statement.args):
                yield path
            continue
        static = look(scope.infos, statement.condition).static
        for side, block in enumerate((statement.then, statement.orelse)):
            inner = (*path, (statement, side)) if static else path
            yield from _readers(block.body, held, scope, inner)
            handed = zip(statement.outs, block.results, strict=True)
            if any(ref in held and out not in held for out, ref in handed):
                yield inner


def _handed_on(body: Iterable[Statement], own: Ref) -> set[Ref]:
    """Returns the outs of `if`s that become the value `own`."""
    handed: dict[Ref, tuple[Ref, Ref]] = {
        out: (then, orelse)
        for one in branches(tuple(body))
        for out, then, orelse in zip(one.outs, one.then.results, one.orelse.results, strict=True)
    }
    found: set[Ref] = set()
    wanted = [own]
    while wanted:
        ref = wanted.pop()
        if ref in handed and ref not in found:
            found.add(ref)
            wanted += handed[ref]
    return found


def _common(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Returns the conditions that all paths begin with."""
    shared = paths[0] if paths else ()
    for path in paths[1:]:
        same = [a == b for a, b in zip(shared, path, strict=False)]
        shared = shared[: same.index(False) if False in same else len(same)]
    return shared
