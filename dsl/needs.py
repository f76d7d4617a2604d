"""What of a program its result needs, on each parameter, and which states that stores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from primitives import ORACLE, TABLE

from .errors import ProgramError
from .known import Known, OneLeaf
from .program import Block, Call, Literal, Program, Ref, calls
from .shapes import lacking_axis, missing_axis, state_shape


def refs_of(refs: Iterable[Ref]) -> tuple[Ref, ...]:
    """Returns those that are no constants."""
    return tuple(ref for ref in refs if not isinstance(ref, Literal))


def mark_live(program: Program, ones: Sequence[OneLeaf]) -> None:
    """Marks what reaches the result through any number of steps.

    A number for the whole model that one parameter needs is needed of all that share in it, and
    what an oracle gives of all there are.
    """
    names = {state.name for state in program.states}
    roots = [ref for name, ref in program.results if name not in names]
    for one in ones:
        _reach(one, refs_of(roots))
    shared: set[Ref] = set()
    while True:
        found = {
            ref for one in ones for ref in one.live
            if one.known[ref].model or one.known[ref].asked
        }
        if found == shared:
            return
        shared = found
        for one in ones:
            if any(known.asked and ref not in one.known for known, ref in _asked(ones, shared)):
                raise ProgramError(
                    "expected an oracle outside of every `if` on shape or role: it takes the"
                    " whole model"
                )
            _reach(one, [ref for ref in shared if ref in one.uses])


def _asked(ones: Sequence[OneLeaf], refs: Iterable[Ref]) -> Iterator[tuple[Known, Ref]]:
    """Yields what is known of each of `refs`, on any parameter that computes it."""
    for ref in refs:
        yield next(one.known[ref] for one in ones if ref in one.known), ref


def _reach(one: OneLeaf, refs: Iterable[Ref]) -> None:
    waiting = [ref for ref in refs if ref not in one.live]
    while waiting:
        ref = waiting.pop()
        if ref in one.live:
            continue
        one.live.add(ref)
        waiting.extend(one.uses.get(ref, ()))


def stored_on(program: Program, of: Sequence[OneLeaf]) -> dict[str, tuple[bool, ...]]:
    stored: dict[str, tuple[bool, ...]] = {}
    for state in program.states:
        marks = tuple(state.name in one.live for one in of)
        if any(marks):
            stored[state.name] = marks
        for one in of:
            if state.name in one.live and state_shape(state, one.leaf) is None:
                ndim = len(one.leaf.shape)
                raise missing_axis(lacking_axis(state.declared.index, ndim), ndim)
    return stored


def reads(
    program: Program, of: Sequence[OneLeaf], stored: Mapping[str, object]
) -> frozenset[str]:
    refs = {ref for one in of for ref in one.live}
    for state in program.states:
        if state.name in stored:
            refs.update(block_reads(state.init))
    if any(name == "w" for name, _ in program.results):
        refs.add("w")
    return frozenset(name for name in program.inputs if name in refs)


def oracles(program: Program) -> list[str]:
    """Returns the names of the oracles that a program asks, in the order of the text."""
    asked = dict.fromkeys(call.op for call in calls(program.body))
    return [op for op in asked if TABLE[op].scope == ORACLE]


def block_reads(block: Block) -> set[Ref]:
    """Returns what the statements and results of a block refer to."""
    refs = set(refs_of(block.results))
    for statement in block.body:
        if isinstance(statement, Call):
            refs.update(refs_of(statement.args))
        else:
            refs.update(refs_of((statement.condition,)))
            refs |= block_reads(statement.then) | block_reads(statement.orelse)
    return refs
