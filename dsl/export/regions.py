"""Rewrites what a generated text has no form for: lazy `if`s of tracers and late starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..program import Block, Branch, Call, Literal, Program, Ref, Statement, calls
from .errors import ExportError
from .levels import Infos, infer, is_of_model, look

_LATE = frozenset({"g", "loss", "t", "lr"})  # inputs that are not there before the first step


def straightened(program: Program, traced: bool) -> Program:
    """Returns the program with every `if` that Python cannot run as one written as `where`.

    Both sides are then computed: with tracers, and where the two sides need the whole model.
    """
    program = started(program)
    infos = infer(program, traced)
    return replace(program, body=tuple(_body(program.body, infos, traced)))


def _body(body: Iterable[Statement], infos: Infos, traced: bool) -> Iterable[Statement]:
    for statement in body:
        if isinstance(statement, Call):
            yield statement
        elif _runs(statement, infos, traced):
            yield _kept(statement, infos, traced)
        else:
            yield from _selected(statement, infos, traced)


def _runs(branch: Branch, infos: Infos, traced: bool) -> bool:
    """Tells whether Python can run the branch as it stands."""
    condition = look(infos, branch.condition)
    if condition.static and condition.leaf:
        return True
    return (condition.static or not traced) and _uniform(branch, infos)


def _kept(branch: Branch, infos: Infos, traced: bool) -> Branch:
    if any(map(is_of_model, _inside(branch))):
        raise ExportError("export has no form for a reduction over the model inside an `if`.")
    sides = [
        Block(tuple(_body(b.body, infos, traced)), b.results) for b in (branch.then, branch.orelse)
    ]
    return replace(branch, then=sides[0], orelse=sides[1])


def _inside(branch: Branch) -> list[Call]:
    return [*calls(branch.then.body), *calls(branch.orelse.body)]


def _uniform(branch: Branch, infos: Infos) -> bool:
    """Tells whether a branch is of one place: all in the loop over parameters, or all outside."""
    inside = _inside(branch)
    if any(map(is_of_model, inside)):
        return False
    leaves = {infos[ref].leaf for ref in [*branch.outs, *(call.out for call in inside)]}
    return leaves == {look(infos, branch.condition).leaf} or leaves == {True}


def _selected(branch: Branch, infos: Infos, traced: bool) -> Iterable[Statement]:
    yield from _body(branch.then.body, infos, traced)
    yield from _body(branch.orelse.body, infos, traced)
    names = branch.names or ("",) * len(branch.outs)
    pairs = zip(branch.outs, names, branch.then.results, branch.orelse.results, strict=True)
    for out, name, then, orelse in pairs:
        yield Call(out, "where", (branch.condition, then, orelse), name=name)


def started(program: Program) -> Program:
    """Returns the program with initial values that read `g` and the like taken at step 1."""
    fresh = 1 + max((call.out for call in _every_call(program)), default=0)
    fresh = max(fresh, 1 + max(_branch_outs(program.body), default=0))
    for state in program.states:
        if not _is_late(state.init):
            continue
        program = _start(program, state.name, fresh)
        fresh += 2
    return program


def _every_call(program: Program) -> Iterable[Call]:
    for state in program.states:
        yield from calls(state.init.body)
    yield from calls(program.body)


def _branch_outs(body: Iterable[Statement]) -> Iterable[int]:
    for statement in body:
        if isinstance(statement, Branch):
            yield from statement.outs
            yield from _branch_outs(statement.then.body)
            yield from _branch_outs(statement.orelse.body)


def _is_late(init: Block) -> bool:
    refs = {ref for call in calls(init.body) for ref in call.args} | set(init.results)
    return bool(refs & _LATE)


def _start(program: Program, name: str, fresh: int) -> Program:
    (state,) = [s for s in program.states if s.name == name]
    first = Call(fresh, "eq", ("t", Literal(1)), name="first")
    pick = Call(fresh + 1, "where", (fresh, state.init.results[0], name), name=name)
    body = tuple(_renamed(program.body, name, fresh + 1))
    empty = replace(state, init=Block((), (Literal(0),)))
    return replace(
        program,
        inputs=(*program.inputs, *(() if "t" in program.inputs else ("t",))),
        states=tuple(empty if s is state else s for s in program.states),
        body=(*state.init.body, first, pick, *body),
        results=tuple((role, fresh + 1 if ref == name else ref) for role, ref in program.results),
    )


def _renamed(body: Iterable[Statement], old: str, new: int) -> Iterable[Statement]:
    def swap(refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return tuple(new if ref == old else ref for ref in refs)

    for statement in body:
        if isinstance(statement, Call):
            yield replace(statement, args=swap(statement.args))
            continue
        sides = [
            Block(tuple(_renamed(b.body, old, new)), swap(b.results))
            for b in (statement.then, statement.orelse)
        ]
        (condition,) = swap((statement.condition,))
        yield replace(statement, condition=condition, then=sides[0], orelse=sides[1])
