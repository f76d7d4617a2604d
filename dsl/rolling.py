"""Finds loops again in the straight line that they were unrolled to, so that compiling sees one
round of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from .known import Settled
from .program import Call, Literal, Program, Ref, Statement

ROUNDS = 6  # of a loop, at least
PERIOD = 6  # calls of a round, at least
FEW, LONG = 3, 150  # as few rounds will do, where they are as many calls together


@dataclass(frozen=True)
class Loop:
    """Rounds of equal calls in a body.

    start: the place of the first call. carried: by its place in a round, a value that the next
    round reads, and what the first round reads in its stead; 0 for one that is read afterwards
    alone.
    """

    start: int
    period: int
    rounds: int
    carried: tuple[tuple[int, Ref], ...]

    @property
    def end(self) -> int:
        return self.start + self.period * self.rounds


class _NoLoop(Exception):
    """What looked like rounds of a loop is none."""


@dataclass(frozen=True)
class _Line:
    """A straight line of statements: which are equal, and which are equal but for what they read.

    places: of the values that it defines, by their number.
    """

    body: Sequence[Statement]
    equal: Sequence[int]
    alike: Sequence[int]
    places: Mapping[int, int]


def loops(
    body: Sequence[Statement], settled: Settled, active: tuple[int, ...], folded: Mapping
) -> list[Loop]:
    """Returns the loops of a body, in its order; active: the parameters that it runs on.

    folded: values that are known already, by their number.
    """
    if len(body) < ROUNDS * PERIOD:
        return []
    line = _line(body, settled, active, folded)
    found: list[Loop] = []
    for start, period, rounds in _repeats(line.equal):
        earliest = max([0, *(one.end for one in found if one.end <= start)])
        # Calls that come again every `period` may read alike at a multiple of it alone.
        for times in range(1, rounds // FEW + 1):
            one = _best(line, (earliest, start, start + period * rounds), period * times, settled)
            if one:
                found.append(one)
                break
    return sorted(found, key=lambda one: one.start)


def _best(
    line: _Line, span: tuple[int, int, int], period: int, settled: Settled
) -> Loop | None:
    """Returns the loop with the most rounds that begins in the last period before a stretch.

    span: the earliest place for it to begin, and the stretch's first and one behind its last.
    """
    earliest, start, end = span
    begins = range(max(start - period + 1, earliest), start + 1)
    tries = (_tried(line, begin, period, end, settled.program) for begin in begins)
    fitting = [one for one in tries if one]
    return min(fitting, key=lambda one: (-one.rounds, len(one.carried)), default=None)


def _enough(rounds: int, period: int) -> bool:
    return rounds >= ROUNDS or (rounds >= FEW and rounds * period >= LONG)


# --- where the same calls come again and again


def _line(
    body: Sequence[Statement], settled: Settled, active: tuple[int, ...], folded: Mapping
) -> _Line:
    numbers: dict[object, int] = {}
    equal, alike, places = [], [], {}
    for place, one in enumerate(body):
        known: object = place  # an `if` is like nothing else, nor is what is not computed
        read: tuple = ()
        if isinstance(one, Call):
            places[one.out] = place
            if one.out not in folded:
                known = repr((one.op, one.options, _known(one.out, settled, active)))
                read = tuple(None if isinstance(ref, int) else ref for ref in one.args)
        alike.append(numbers.setdefault(known, len(numbers)))
        equal.append(numbers.setdefault((known, read), len(numbers)))
    return _Line(body, equal, alike, places)


def _known(out: int, settled: Settled, active: tuple[int, ...]) -> list[object]:
    """Returns of each parameter what a value is there, None where it is not computed."""
    of = [settled.of[place] for place in active]
    known = [one.known[out] if out in one.live else None for one in of]
    return [(one.shape, one.model, one.static) if one else None for one in known]


def _repeats(tokens: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yields start, period and rounds of stretches that repeat, the longest first.

    Others lie before or behind it.
    """
    stretches = [(0, len(tokens))]
    every = np.asarray(tokens)
    while stretches:
        low, high = stretches.pop()
        best = _longest(every[low:high])
        if best is None:
            continue
        start, period, rounds = best
        yield low + start, period, rounds
        stretches += [(low, low + start), (low + start + period * rounds, high)]


def _longest(tokens: np.ndarray) -> tuple[int, int, int] | None:
    best, covered = None, 0
    for period in range(PERIOD, len(tokens) // (ROUNDS - 1) + 1):
        same = np.concatenate([[0], tokens[:-period] == tokens[period:], [0]])
        edges = np.flatnonzero(np.diff(same))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            rounds = int(end - start) // period + 1
            if rounds >= ROUNDS - 1 and period * rounds > covered:
                best, covered = (int(start), period, rounds), period * rounds
    return best


# --- what goes from one round to the next


def _tried(line: _Line, start: int, period: int, end: int, program: Program) -> Loop | None:
    """Returns the loop whose first round begins at `start`, if every round does the same."""
    rounds = (end - start) // period
    first, second = (line.alike[place : place + period] for place in (start, start + period))
    if not _enough(rounds, period) or first != second:
        return None
    try:
        carried: dict[int, Ref] = {}
        for offset in range(period):
            for refs in _reads(line, start + offset, period, rounds):
                _link(carried, refs, line.places, start, period)
        for offset in _handed(line, start, period, rounds, program):
            carried.setdefault(offset, Literal(0))
    except _NoLoop:
        return None
    return Loop(start, period, rounds, tuple(carried.items()))


def _reads(line: _Line, place: int, period: int, rounds: int) -> Iterator[tuple[Ref, ...]]:
    """Yields for each argument of the call at a place what each round reads there."""
    calls = (line.body[place + period * k] for k in range(rounds))
    yield from zip(*(one.args for one in calls if isinstance(one, Call)), strict=True)


def _link(
    carried: dict[int, Ref],
    refs: tuple[Ref, ...],
    places: Mapping[int, int],
    start: int,
    period: int,
) -> None:
    """Notes what is carried into an argument, if anything; raises where rounds differ."""
    at = [places.get(ref, -1) if isinstance(ref, int) else -1 for ref in refs]
    if len(set(refs)) == 1 and at[0] < start:
        return
    if any(later - sooner != period for sooner, later in pairwise(at[1:])):
        raise _NoLoop
    offset = at[1] - start
    if offset >= period and at[1] - at[0] == period:  # made in the same round
        return
    first = refs[0]
    if not 0 <= offset < period or at[0] >= start or carried.setdefault(offset, first) != first:
        raise _NoLoop


def _handed(
    line: _Line, start: int, period: int, rounds: int, program: Program
) -> Iterator[int]:
    """Yields the places in the last round of what is read behind the loop; raises for others."""
    inside = line.body[start : start + period * rounds]
    made = {one.out: place for place, one in enumerate(inside) if isinstance(one, Call)}
    readers = _readers(program)
    for out, place in made.items():
        if readers.get(out, set()) - made.keys():
            if place < period * (rounds - 1):
                raise _NoLoop
            yield place - period * (rounds - 1)


@lru_cache(maxsize=8)
def _readers(program: Program) -> dict[int, set[int]]:
    """Returns by value number the numbers of what reads it; -1 is a result, or a condition."""
    found: dict[int, set[int]] = {}

    def note(refs: Sequence[Ref], reader: int) -> None:
        for ref in refs:
            if isinstance(ref, int):
                found.setdefault(ref, set()).add(reader)

    def walk(body: Sequence[Statement]) -> None:
        for one in body:
            if isinstance(one, Call):
                note(one.args, one.out)
                continue
            note((one.condition, *one.then.results, *one.orelse.results), -1)
            walk(one.then.body)
            walk(one.orelse.body)

    walk(program.body)
    note([ref for _, ref in program.results], -1)
    return found
