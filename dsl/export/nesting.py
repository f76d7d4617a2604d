"""Writes an `if` on a shape and on a number as one inside the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from ..program import Block, Branch, Call, Program, Ref, Statement, calls
from .levels import Infos, infer, look, outs_of


@dataclass(frozen=True)
class _Setting:
    """What is known of a program, its calls by their number, and unused numbers."""

    infos: Infos
    made: Mapping[Ref, Call]
    fresh: Iterator[int]


def nested(program: Program) -> Program:
    """Returns the program with each `if shape and number:` as `if shape:` around `if number:`."""
    made: dict[Ref, Call] = {call.out: call for call in calls(program.body)}
    setting = _Setting(infer(program, traced=False), made, count(unused(program)))
    return replace(program, body=_body(program.body, setting))


def unused(program: Program) -> int:
    """Returns a number above those of all values."""
    bodies = (program.body, *(state.init.body for state in program.states))
    return 1 + max((out for body in bodies for out in outs_of(body)), default=0)


def _body(body: tuple[Statement, ...], setting: _Setting) -> tuple[Statement, ...]:
    return tuple(one if isinstance(one, Call) else _branch(one, setting) for one in body)


def _branch(branch: Branch, setting: _Setting) -> Branch:
    then, orelse = (
        replace(side, body=_body(side.body, setting)) for side in (branch.then, branch.orelse)
    )
    pair = None if orelse.body else _asked(branch.condition, setting)
    if pair is None:
        return replace(branch, then=then, orelse=orelse)
    outs = tuple(next(setting.fresh) for _ in branch.outs)
    within = Branch(outs, pair[1], then, orelse, branch.names)
    return replace(branch, condition=pair[0], then=Block((within,), outs), orelse=orelse)


def _asked(ref: Ref, setting: _Setting) -> tuple[Ref, Ref] | None:
    """Returns the static and the other part of a condition that is the `and` of both."""
    call = setting.made.get(ref)
    if call is None or call.op != "logical_and":
        return None
    static = [look(setting.infos, arg).static for arg in call.args]
    one, other = call.args if static[0] else call.args[::-1]
    return (one, other) if sum(static) == 1 else None
