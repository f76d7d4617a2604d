"""Makes a program shorter, by steps that each leave it what it was.

Equations (`dsl.rules`) are used from left to right where that is shorter; sums and products are
written in one way (`dsl.arithmetic`), which an ordering matcher could not reach: of the ways to
order and bracket a sum there are too many. States that are sums of each other become moving
averages (`dsl.averages`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .canonical import canonical, canonical_key
from .moves import (
    Move,
    Moved,
    Step,
    averages,
    by_equations,
    nearly_by_equations,
    on_a_constant,
    one_way,
    other_states,
    read_through,
    still_state,
)
from .program import Program, calls

__all__ = ["Simplified", "Step", "simplify"]

# In this order: the next is tried where none before finds anything.
_MOVES: tuple[Move, ...] = (
    by_equations, on_a_constant, still_state, averages, one_way, read_through, other_states,
)  # fmt: skip
_NEARLY: tuple[Move, ...] = (nearly_by_equations, *_MOVES[1:])


@dataclass(frozen=True)
class Simplified:
    """A program that does the same wherever the first one is finite, and how it came about.

    finished: whether no more can be done; False where the time was over before.
    """

    program: Program
    steps: tuple[Step, ...]
    finished: bool = True


def simplify(
    program: Program, nearly: bool = False, over: Callable[[], bool] = lambda: False
) -> Simplified:
    """Returns a program of at most as many calls, and the steps that led to it.

    Shared expressions become one, what is dead or constant goes. The update is the same, but for
    rounding, wherever all values of the program are finite. nearly: equations that hold only where
    a caveat says are used too. over: asked before each move; what was reached so far is
    returned where it says so.
    """
    steps: list[Step] = []
    program = _shared(program, steps)
    seen = {canonical_key(program)}
    while found := _first_move(program, _NEARLY if nearly else _MOVES, seen, over):
        program, done = found
        steps += done
        program = _shared(program, steps)
        seen.add(canonical_key(program))
    return Simplified(program, tuple(steps), finished=not over())


def _first_move(
    program: Program, moves: tuple[Move, ...], seen: set[str], over: Callable[[], bool]
) -> Moved | None:
    """Returns what the first move gives that leads to a program not met before, in time."""
    for move in moves:
        if over():
            return None
        found = move(program)
        if found is not None and canonical_key(found[0]) not in seen:
            return found
    return None


def _shared(program: Program, steps: list[Step]) -> Program:
    """Returns the canonical form, in which equal expressions and equal states are one."""
    short = canonical(program)
    before, after = len(list(calls(program.body))), len(list(calls(short.body)))
    if after < before or len(short.states) < len(program.states):
        words = (_counted(before, program), _counted(after, short))
        steps.append(Step("dead code and common subexpressions", *words))
    return short


def _counted(count: int, program: Program) -> str:
    return f"{count} calls, {len(program.states)} states"
