"""Moves a choice between two values into the `if` on a shape that made one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..program import Block, Branch, Call, Ref, Statement
from ..substitute import reading
from .levels import Infos, look, outs_of

Body = list[Statement]


@dataclass(frozen=True)
class _Choice:
    """A choice that is to stand where `made` is made; `other` is what it takes instead."""

    call: Call
    made: Ref
    other: Ref
    infos: Infos
    fresh: Iterator[int]


def sunk(
    sides: Sequence[Body], choices: Sequence[Call], infos: Infos, fresh: Iterator[int]
) -> tuple[Body, Body, list[Call]]:
    """Returns both sides of an `if` with choices moved into them, and the choices that stay.

    A parameter without an axis has no matrix for it; chosen behind the `if` that asks for the
    axis, it would have to have one. fresh: numbers for new values.
    """
    then, orelse = sides
    own, rest = set(outs_of([*then, *orelse])), []
    for call in choices:
        _, new, old = call.args
        into_then = _moved(then, _Choice(call, new, old, infos, fresh), own)
        into_orelse = into_then is None and _moved(
            orelse, _Choice(call, old, new, infos, fresh), own
        )
        then, orelse = into_then or then, into_orelse or orelse
        if not (into_then or into_orelse):
            rest.append(call)
    return then, orelse, rest


def _moved(body: Body, choice: _Choice, own: set[int]) -> Body | None:
    """Returns a side whose `if` on a shape hands out the choice in the place of what it made.

    None if no such `if` made it, or if none of its sides hands on what the choice would take
    instead: then nothing is gained. own: what is computed in the sides, which is not there yet.
    """
    found = _maker(body, choice)
    if found is None or choice.other in own:
        return None
    at, one, place = found
    if choice.other not in (one.then.results[place], one.orelse.results[place]):
        return None
    outs, names = list(one.outs), list(one.names or ("",) * len(one.outs))
    outs[place], names[place] = choice.call.out, choice.call.name
    chosen = replace(_chosen(one, place, choice), outs=tuple(outs), names=tuple(names))
    later = reading(body[at + 1 :], {choice.made: choice.call.out})
    return [*body[:at], chosen, *later]


def _maker(body: Sequence[Statement], choice: _Choice) -> tuple[int, Branch, int] | None:
    """Returns the `if` on a shape that makes the value: its place, itself, the place of its out."""
    for at, one in enumerate(body):
        if isinstance(one, Branch) and choice.made in one.outs:
            static = look(choice.infos, one.condition).static
            return (at, one, one.outs.index(choice.made)) if static else None  # type: ignore[arg-type]
    return None


def _chosen(branch: Branch, place: int, choice: _Choice) -> Branch:
    then, orelse = (_side(side, place, choice) for side in (branch.then, branch.orelse))
    return replace(branch, then=then, orelse=orelse)


def _side(block: Block, place: int, choice: _Choice) -> Block:
    """Returns one side with the choice at its end, or in an `if` on a shape inside of it."""
    made = block.results[place]
    if made == choice.other:
        return block
    found = _maker(block.body, replace(choice, made=made))
    if found:
        at, one, inner = found
        chosen = _chosen(one, inner, choice)
        return replace(block, body=(*block.body[:at], chosen, *block.body[at + 1 :]))
    out, (condition, new, _) = next(choice.fresh), choice.call.args
    pair = (made, choice.other) if new == choice.made else (choice.other, made)
    call = replace(choice.call, out=out, args=(condition, *pair))
    results = list(block.results)
    results[place] = out
    return replace(block, body=(*block.body, call), results=tuple(results))
