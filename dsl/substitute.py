"""Other values in the place of some values of a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .program import Block, Branch, Call, Program, Ref, Statement
from .tidy import tidied


def substituted(
    program: Program,
    stand_ins: Mapping[Any, Ref],
    made: Mapping[int, Sequence[Call]] | None = None,
) -> Program:
    """Returns the tidied program in which refs are replaced by their stand-ins.

    made: calls that come where the call with that number was.
    """

    return tidied(renamed(program, stand_ins, made))


def renamed(
    program: Program,
    stand_ins: Mapping[Any, Ref],
    made: Mapping[int, Sequence[Call]] | None = None,
) -> Program:
    """Returns `substituted`'s program before it is tidied."""
    results = tuple((role, stand_ins.get(ref, ref)) for role, ref in program.results)
    return replace(program, body=reading(program.body, stand_ins, made), results=results)


def reading(
    body: Iterable[Statement],
    stand_ins: Mapping[Any, Ref],
    made: Mapping[int, Sequence[Call]] | None = None,
) -> tuple[Statement, ...]:
    """Returns the statements of a body, which read the stand-ins of refs in their place."""

    def refs(many: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return tuple([stand_ins.get(ref, ref) for ref in many])

    def block(side: Block) -> Block:
        return Block(reading(side.body, stand_ins, made), refs(side.results))

    out: list[Statement] = []
    for statement in body:
        if isinstance(statement, Branch):
            then, orelse = block(statement.then), block(statement.orelse)
            (condition,) = refs((statement.condition,))
            out.append(Branch(statement.outs, condition, then, orelse, statement.names))
        else:
            out += (made or {}).get(statement.out, ())
            out.append(replace(statement, args=refs(statement.args)))
    return tuple(out)


def without_state(program: Program, name: str, value: Ref) -> Program:
    """Returns the tidied program in which a value stands for a state."""
    states = tuple(state for state in program.states if state.name != name)
    results = tuple((role, ref) for role, ref in program.results if role != name)
    return substituted(replace(program, states=states, results=results), {name: value})
