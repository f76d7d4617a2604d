"""Rewrites what a generated text has no form for: lazy `if`s of tracers and late starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from ..program import Block, Branch, Call, Literal, Program, Statement, calls
from ..substitute import reading
from .errors import ExportError
from .levels import Infos, infer, is_of_model, look
from .nesting import nested, unused
from .sinking import sunk

_LATE = frozenset({"g", "loss", "t", "lr"})  # inputs that are not there before the first step


@dataclass(frozen=True)
class _Setting:
    """What is known of a program; traced: numbers may be tracers; fresh: unused numbers."""

    infos: Infos
    traced: bool
    fresh: Iterator[int]


def straightened(program: Program, traced: bool) -> Program:
    """Returns the program with every `if` that Python cannot run as one written as `where`.

    Both sides are then computed: with tracers, and where the two sides need the whole model.
    """
    program = nested(started(program))
    setting = _Setting(infer(program, traced), traced, count(unused(program)))
    return replace(program, body=tuple(_body(program.body, setting)))


def _body(body: Iterable[Statement], setting: _Setting) -> Iterable[Statement]:
    for statement in body:
        if isinstance(statement, Call):
            yield statement
        elif _runs(statement, setting):
            yield _kept(statement, setting)
        else:
            yield from _selected(statement, setting)


def _runs(branch: Branch, setting: _Setting) -> bool:
    """Tells whether Python can run the branch as it stands."""
    condition = look(setting.infos, branch.condition)
    if condition.static and condition.leaf:
        return True
    return (condition.static or not setting.traced) and _uniform(branch, setting.infos)


def _kept(branch: Branch, setting: _Setting) -> Branch:
    if any(map(is_of_model, _inside(branch))):
        raise ExportError("export has no form for a reduction over the model inside an `if`.")
    sides = [
        Block(tuple(_body(b.body, setting)), b.results) for b in (branch.then, branch.orelse)
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


def _selected(branch: Branch, setting: _Setting) -> Iterable[Statement]:
    """Yields an `if` as both of its sides and a choice between what they hand out."""
    sides = [list(_body(b.body, setting)) for b in (branch.then, branch.orelse)]
    if not setting.traced and _parts(branch, setting.infos):
        yield from _parted(branch, sides, setting.infos)
        return
    handed = zip(branch.then.results, branch.orelse.results, strict=True)
    choices = [
        Call(out, "where", (branch.condition, *refs), name=name)
        for out, name, refs in zip(branch.outs, _names(branch), handed, strict=True)
    ]
    first, second, rest = sunk(sides, choices, setting.infos, setting.fresh)
    yield from (*first, *second, *rest)


def _names(branch: Branch) -> tuple[str, ...]:
    return branch.names or ("",) * len(branch.outs)


def _parts(branch: Branch, infos: Infos) -> bool:
    """Tells whether what a branch does for the model and for parameters can be told apart."""
    inner = [s for b in (branch.then, branch.orelse) for s in b.body if isinstance(s, Branch)]
    of_parameters = all(infos[out].leaf for one in inner for out in one.outs)
    return of_parameters and not any(map(is_of_model, _inside(branch)))


def _parted(
    branch: Branch, sides: Sequence[Sequence[Statement]], infos: Infos
) -> Iterable[Statement]:
    """Yields what a branch computes for the model, the choices of it, then the rest as an `if`."""
    for side in sides:
        yield from (one for one in side if isinstance(one, Call) and not infos[one.out].leaf)
    handed = zip(branch.then.results, branch.orelse.results, strict=True)
    rows = list(zip(branch.outs, _names(branch), handed, strict=True))
    for out, name, (then, orelse) in rows:
        if not infos[out].leaf:
            yield Call(out, "where", (branch.condition, then, orelse), name=name)
    kept = [row for row in rows if infos[row[0]].leaf]
    blocks = [
        Block(
            tuple(one for one in side if isinstance(one, Branch) or infos[one.out].leaf),
            tuple(results[place] for _, _, results in kept),
        )
        for place, side in enumerate(sides)
    ]
    outs, names = tuple(row[0] for row in kept), tuple(row[1] for row in kept)
    yield replace(branch, outs=outs, names=names, then=blocks[0], orelse=blocks[1])


def started(program: Program) -> Program:
    """Returns the program with initial values that read `g` and the like taken at step 1."""
    fresh = unused(program)
    for state in program.states:
        if not _is_late(state.init):
            continue
        program = _start(program, state.name, fresh)
        fresh += 2
    return program


def _is_late(init: Block) -> bool:
    refs = {ref for call in calls(init.body) for ref in call.args} | set(init.results)
    return bool(refs & _LATE)


def _start(program: Program, name: str, fresh: int) -> Program:
    (state,) = [s for s in program.states if s.name == name]
    first = Call(fresh, "eq", ("t", Literal(1)), name="first")
    pick = Call(fresh + 1, "where", (fresh, state.init.results[0], name), name=name)
    body = reading(program.body, {name: fresh + 1})
    empty = replace(state, init=Block((), (Literal(0),)))
    return replace(
        program,
        inputs=(*program.inputs, *(() if "t" in program.inputs else ("t",))),
        states=tuple(empty if s is state else s for s in program.states),
        body=(*state.init.body, first, pick, *body),
        results=tuple((role, fresh + 1 if ref == name else ref) for role, ref in program.results),
    )
