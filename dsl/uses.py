"""How the values of a program are used: how often, where, and of what kind they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from primitives.kinds import Kind

from .check import kinds
from .errors import ProgramError
from .program import Branch, Call, Literal, Program, Ref, Statement, calls


class Uses:
    """Counts of reads, a result twice; the values that an `if` below them reads; kinds."""

    def __init__(self, program: Program) -> None:
        self.count = Counter(_reads(program))
        self.crossing = _crossing(program)
        self.kinds = list(_kinds(program))

    def fits(self, call: Call) -> bool:
        """Whether all are numbers, of the model or a layer, or arrays of one kind.

        Then the order of the operations does not matter.
        """
        refs = [call.out, *(arg for arg in call.args if not isinstance(arg, Literal))]
        known = [held for held, _ in self.kinds if call.out in held]
        return bool(known) and all(_alike([held.get(ref) for ref in refs]) for held in known)

    def rank(self, ref: Ref) -> int:
        """-2 for the learning rate, -1 for another number, else how many axes an array has."""
        if ref == "lr":
            return -2
        for held, ndim in self.kinds:
            if ref in held:
                kind = held[ref]
                if kind.family in ("Scalar", "Static"):
                    return -1
                return _WHOLE if len(kind.axes) == ndim else len(kind.axes)
        return _WHOLE

    def made(self, out: int, args: Sequence[Ref], like: Ref | None = None) -> None:
        """Takes note of the kind of a new value: that of an old one, or of its largest argument."""
        for held, _ in self.kinds:
            if like in held:
                held[out] = held[like]
                continue
            found = [held[ref] for ref in args if ref in held]
            if found and like is None:
                held[out] = max(found, key=lambda k: (k.family != "Scalar", len(k.axes)))


def _alike(found: Sequence[Kind | None]) -> bool:
    if any(kind is None or kind.family == "Static" for kind in found):
        return False
    return len({kind for kind in found if kind and kind.family != "Scalar" and kind.axes}) <= 1


_WHOLE = 9  # the rank of an array of the parameter's own shape



def _kinds(program: Program) -> Iterator[tuple[dict[Ref, Kind], int]]:
    """Yields the kinds on parameters of so many axes, and these."""
    for axes in (2, 1, 3, 4, 0):
        try:
            yield {**kinds(program, axes)}, axes
        except ProgramError:
            continue


def _reads(program: Program) -> Iterator[Ref]:
    """Yields each value as often as it is read; a result counts twice."""
    for call in calls(program.body):
        yield from call.args
    yield from _handed(program.body)
    for _, ref in program.results:
        yield ref
        yield ref


def _handed(body: Sequence[Statement]) -> Iterator[Ref]:
    for statement in body:
        if isinstance(statement, Branch):
            yield statement.condition
            for side in (statement.then, statement.orelse):
                yield from _handed(side.body)
                yield from side.results


def _crossing(program: Program) -> set[Ref]:
    """The values that are read on a side of an `if` that stands below them."""
    found: set[Ref] = set()

    def walk(body: Sequence[Statement], outer: set[Ref]) -> None:
        inside: set[Ref] = set()
        for statement in body:
            if isinstance(statement, Call):
                found.update(outer & set(statement.args))
                inside.add(statement.out)
                continue
            found.update(outer & {statement.condition})
            for side in (statement.then, statement.orelse):
                walk(side.body, outer | inside)
                found.update((outer | inside) & set(side.results))
            inside.update(statement.outs)

    walk(program.body, set())
    return found
