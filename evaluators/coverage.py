"""Which sides of its branches a program takes while it is compared with a reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from dsl import Program
from dsl.live import without_dead
from dsl.program import branches

from .conformance import problems, program_of, simulated
from .references import Reference


@dataclass(frozen=True)
class Covered:
    """How many sides were taken, of all `if`s and of each `where` on a number for the model.

    missed: the others, as "if 2, else" of the second `if` in the text.
    """

    taken: int
    sides: int
    missed: tuple[str, ...]


def covered(reference: Reference) -> Covered:
    """Returns the sides that a program takes on all problems, at all settings of a reference.

    Settings that size or unroll something make programs with other branches; their sides are
    counted together where there are as many.
    """
    taken: set[tuple[int, str, bool]] = set()
    every: set[tuple[int, str, bool]] = set()
    for settings in reference.settings:
        program = without_dead(program_of(reference, settings))
        seen: set[tuple[int, bool]] = set()
        for one in problems(reference):
            simulated(program, reference, settings, one, partial(_note, seen))
        names = _names(program, {out for out, _ in seen})
        every |= {(len(names), name, side) for name in names.values() for side in (True, False)}
        taken |= {(len(names), names[out], side) for out, side in seen}
    missed = sorted(f"{name}, {'then' if side else 'else'}" for _, name, side in every - taken)
    return Covered(len(taken), len(every), tuple(missed))


def _note(seen: set[tuple[int, bool]], out: int, side: bool) -> None:
    seen.add((out, side))


def _names(program: Program, watched: set[int]) -> dict[int, str]:
    """Returns the place of every branch in the order of the text, by the number of its value."""
    asked = [branch.outs[0] for branch in branches(program.body)]
    choices = sorted(watched - {*asked})
    names = {out: f"if {place}" for place, out in enumerate(asked, start=1)}
    return names | {out: f"where {place}" for place, out in enumerate(choices, start=1)}
