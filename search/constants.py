"""Mutations of constants: hyperparameters and float literals."""

from __future__ import annotations

import random

from dsl.program import Call, Hyperparameter, Literal, Program

from .draft import Draft, Edit, finished, with_arg
from .vocabulary import SCALE, SMALL


def value(draft: Draft, purpose: str) -> float:
    """Draws a constant of the vocabulary for a purpose."""
    return draft.rng.choice(draft.vocabulary.values[purpose])


def change_constant(draft: Draft) -> Program | None:
    """Changes the value of a hyperparameter or of a literal."""
    program = draft.program
    slots: list[Hyperparameter | tuple[Call, int, float]] = [
        item for item in program.hyperparameters if item.default.__class__ is float
    ]
    for call in draft.calls:
        for place, ref in enumerate(call.args):
            if isinstance(ref, Literal) and ref.value.__class__ is float:
                slots.append((call, place, ref.value))  # type: ignore[arg-type]
    if not slots:
        return None
    slot = draft.rng.choice(slots)
    if isinstance(slot, Hyperparameter):
        return _with_default(program, slot, _changed(slot.default, draft))  # type: ignore[arg-type]
    call, place, old = slot
    new = with_arg(call, place, Literal(_changed(old, draft)))
    return finished(program, Edit(instead=new))


def _with_default(program: Program, changed: Hyperparameter, default: float) -> Program:
    new = Hyperparameter(changed.name, default)
    return Program(
        program.name,
        program.inputs,
        tuple([new if item is changed else item for item in program.hyperparameters]),
        program.states,
        program.body,
        program.results,
        program.doc,
    )


def _changed(old: float, draft: Draft) -> float:
    """Flips the sign (one in ten), draws a usual value (one in ten) or moves by a factor."""
    chance = draft.rng.random()
    if chance < 0.1 and old:
        return -old
    if chance < 0.2:
        return value(draft, SCALE if abs(old) > 0.05 else SMALL)
    return _moved(old, draft.rng)


def _moved(old: float, rng: random.Random) -> float:
    """Moves a constant by a factor of about 2; one between 1/2 and 1 in its distance to 1."""
    factor = 2.0 ** rng.gauss(0.0, 1.0)
    if 0.5 < old < 1.0:
        return _near_one(min((1.0 - old) * factor, 1.0))
    if old == 0.0:
        old = rng.choice((0.001, 0.01, 0.1, 1.0))
    return float(f"{old * factor:.3g}")


def _near_one(distance: float) -> float:
    """Returns 1 - distance, written with as few digits as tell it apart."""
    return float(f"{1.0 - float(f'{distance:.2g}'):.12g}")
