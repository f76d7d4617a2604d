"""What a strategy needs to know about programs: how to vary, read, tell apart and measure them."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Literal

import dsl
from dsl import canonical
from dsl.live import live_calls, without_dead
from dsl.probe import probe
from dsl.program import Call

from . import mutate, splice
from .errors import SearchError
from .vocabulary import QUICK, Vocabulary

Program = Any  # a `dsl.Program`; strategies hand programs around and never look inside

NAME = "found"  # of every program in a search

Marks = tuple[str, str]  # the canonical key, and the same without the constants


@dataclass(frozen=True, slots=True)
class Keys:
    """What tells programs apart, and their two costs."""

    canonical: str
    structure: str
    behaviour: str
    length: int  # live calls
    state_bytes: float  # a parameter


Unfit = Literal["not_finite", "no_descent"]  # on the probe; such a program is not trained
NOT_FINITE: Unfit = "not_finite"
NO_DESCENT: Unfit = "no_descent"


@dataclass(frozen=True)
class Breeder:
    """The language as a strategy sees it."""

    propose: Callable[[Program, random.Random], tuple[Program, str]]
    load: Callable[[str], Program]  # a zoo name, an expression, a path
    parse: Callable[[str], Program]
    text: Callable[[Program], str]
    marks: Callable[[Program], Marks]  # cheap
    keys: Callable[[Program, Marks], Keys | Unfit]  # dear: they need the probe


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Has Python look for garbage in cycles less often, which is a fifth of the work of breeding.

    Programs hold no cycles, and the modules that stand already are not looked through again.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def breeder(mode: str = "evolution", donors: Sequence[str] = ()) -> Breeder:
    """Returns the breeder of the quick vocabulary; mode "constants" varies numbers alone.

    donors: programs, pieces of which may be spliced into others.
    """
    propose = _constants if mode == "constants" else partial(_proposed, _vocabulary(donors))
    parsed = lru_cache(maxsize=4096)(dsl.parse)
    return Breeder(propose, _load, parsed, dsl.text, _marks, _keys)


def _vocabulary(donors: Sequence[str]) -> Vocabulary:
    """Returns the quick vocabulary with the pieces of the named programs."""
    found = {name: splice.donors([canonical.canonical(_load(name))]) for name in donors}
    for name, pieces in found.items():
        if not pieces:
            raise SearchError(
                f"{name} cannot be a donor: it has no value without regions, axes or matrices that"
                " a step makes of the gradient."
            )
    return replace(QUICK, donors=tuple(piece for pieces in found.values() for piece in pieces))


def _proposed(
    vocabulary: Vocabulary, program: Program, rng: random.Random
) -> tuple[Program, str]:
    return mutate.propose(program, rng, vocabulary)


def _constants(program: Program, rng: random.Random) -> tuple[Program, str]:
    return mutate.constant(program, rng), "constant"


def _load(given: str) -> Program:
    # What descends from a published rule must not carry its name and its paper.
    return replace(without_dead(dsl.load(given)), name=NAME, doc="")


def _marks(program: Program) -> Marks:
    structure, key = canonical.keys(program)
    return key, structure


def _keys(program: Program, marks: Marks) -> Keys | Unfit:
    seen = probe(program)
    if not seen.finite:
        return NOT_FINITE
    if not (seen.moved and seen.descends):
        return NO_DESCENT
    # A rule whose `if` took one side only has no behavioural key: it is told apart by its text.
    behaviour = seen.key or marks[0]
    return Keys(*marks, behaviour, len(live_calls(program)), _state_bytes(program))


def _state_bytes(program: Program) -> float:
    """`dsl.state_bytes`, at once for a program without regions."""
    kinds = [state.declared.kind for state in program.states]
    if all(isinstance(s, Call) for s in program.body) and {"Scalar", "Layer", "Tensor"} >= {*kinds}:
        return 4.0 * kinds.count("Tensor")
    return float(dsl.state_bytes(program))
