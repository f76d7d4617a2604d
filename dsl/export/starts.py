"""Writes the state before the first step, and for which parameters it is stored."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..program import Branch, Call, Literal, Program, Ref, State, Statement, calls
from .errors import ExportError
from .levels import infer, look
from .plan import Plan
from .spell import Scope, condition, expression, fill, written


def start(state: State, plan: Plan, lists: Mapping[Ref, str] | None = None) -> str:
    """Returns the expression of a state's first value, for one parameter w or for the model."""
    scope = _scope(state, plan, lists or {})
    (ref,) = state.init.results
    made, info = expression(ref, scope), look(scope.infos, ref)
    spellings = scope.target.arrays
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


def _python(state: State, plan: Plan) -> bool:
    return look(plan.scope.infos, state.name).python


def _scope(state: State, plan: Plan, lists: Mapping[Ref, str]) -> Scope:
    made = tuple(calls(state.init.body))
    if len(made) != len(state.init.body):
        raise ExportError(f"export has no form for an `if` in the first value of {state.name}.")
    program = replace(plan.program, body=state.init.body, results=((state.name, state.name),))
    program = replace(program, states=(state,))
    infos = infer(program, plan.scope.target.traced)
    return replace(plan.scope, infos=infos, inlined={call.out: call for call in made}, lists=lists)


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
    sides = list(_readers(plan.program.body, state.name, plan.program, plan.scope, ()))
    if any(ref == state.name and role != state.name for role, ref in plan.program.results):
        sides.append(())
    common = _common(sides)
    asked = [_side(branch, side, plan) for branch, side in common]
    return written(ast.BoolOp(ast.And(), asked)) if len(asked) > 1 else "".join(map(written, asked))


def _side(branch: Branch, side: int, plan: Plan) -> ast.expr:
    """Returns the condition of one side of an `if`, written out whole."""
    made = {call.out: call for call in calls(plan.program.body)}
    scope = replace(plan.scope, inlined=made)
    asked = condition(branch.condition, scope)
    return _opposite(asked) if side else asked


def _opposite(asked: ast.expr) -> ast.expr:
    """Returns `not asked`; a comparison of whole numbers is turned round."""
    turned = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt}
    if isinstance(asked, ast.Compare) and type(asked.ops[0]) in turned:
        return ast.Compare(asked.left, [turned[type(asked.ops[0])]()], asked.comparators)
    return ast.UnaryOp(ast.Not(), asked)


def _readers(
    body: Iterable[Statement], state: str, program: Program, scope: Scope, path: tuple
) -> Iterable[tuple]:
    """Yields the static sides around each place that reads the old value of `state`."""
    own = dict(program.results)[state]
    for statement in body:
        if isinstance(statement, Call):
            if state in statement.args:
                yield path
            continue
        static = look(scope.infos, statement.condition).static
        for side, block in enumerate((statement.then, statement.orelse)):
            inner = (*path, (statement, side)) if static else path
            yield from _readers(block.body, state, program, scope, inner)
            handed = zip(statement.outs, block.results, strict=True)
            if any(ref == state and out != own for out, ref in handed):
                yield inner


def _common(paths: list[tuple]) -> tuple:
    """Returns the sides that all paths begin with."""
    if not paths:
        return ()
    shared = paths[0]
    for path in paths[1:]:
        length = 0
        while length < min(len(shared), len(path)) and shared[length] == path[length]:
            length += 1
        shared = shared[:length]
    return shared


