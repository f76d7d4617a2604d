"""The fixed experiment that probes vary: a start, gradients, and the updates of a rule on them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from dsl import Program
from dsl.simulate import simulate

from ..linear_loss import linear_loss

STEPS = 24
RATE = 0.01
SHAPES = ((5, 4), (4,), (3, 3))
SMALL = 1e-6  # the size of a start whose weight decay is not felt
SAME = 1e-6  # relative distance of updates that count as equal
NEARLY = 1e-2  # of those that are, but for an eps or a little weight decay

MEASURED, PROVEN, COUNTED = "measured", "proven", "counted"
PROVEN_BUT_EPS = "proven, an eps taken for 0"

Arrays = list[np.ndarray]


@dataclass(frozen=True)
class Fact:
    """One property: its name for scripts, its value, and the sentence that people read.

    how: MEASURED on the experiment, PROVEN of every gradient by the calls,
    PROVEN_BUT_EPS if a small number that is added is taken for 0, or COUNTED off the calls.
    """

    name: str
    value: Any
    sentence: str
    how: str = MEASURED


@dataclass(frozen=True)
class Seen:
    """A program, a start of the usual size, and gradients that have a mean."""

    program: Program
    start: Arrays
    gradients: list[Arrays]
    direction: Arrays = field(repr=False)  # of a start that is almost 0

    def updates(
        self, gradients: Sequence[Arrays] | None = None, start: Arrays | None = None, **numbers: Any
    ) -> list[Arrays]:
        """The update of every step, with other gradients, start or hyperparameters if given."""
        first = self.start if start is None else start
        steps = self.gradients if gradients is None else gradients
        path = simulate(
            self.program, first, steps, lr=RATE,
            oracles=lambda t, w: linear_loss(steps[t - 1], w), **numbers,
        )  # fmt: skip
        return [
            [before - after for before, after in zip(a, b, strict=True)]
            for a, b in itertools.pairwise([first, *path])
        ]

    @cached_property
    def small(self) -> Arrays:
        """A start at which no weight decay is felt."""
        return [SMALL * w for w in self.direction]

    def mapped(self, change: Callable[[np.ndarray], np.ndarray]) -> list[Arrays]:
        """The gradients, each changed."""
        return [[change(g) for g in step] for step in self.gradients]


def seen(program: Program) -> Seen:
    """Returns the experiment with a program."""
    rng = np.random.default_rng(0)
    start = [rng.normal(size=shape) for shape in SHAPES]
    gradients = [[0.3 + rng.normal(size=shape) for shape in SHAPES] for _ in range(STEPS)]
    return Seen(program, start, gradients, [rng.normal(size=shape) for shape in SHAPES])


def apart(a: Sequence[Arrays], b: Sequence[Arrays]) -> float:
    """The largest distance of two lists of updates, relative to the largest entry."""
    one, other = flat(a), flat(b)
    size = max(np.max(np.abs(one)), np.max(np.abs(other)), 1e-300)
    return float(np.max(np.abs(one - other)) / size)


def flat(updates: Sequence[Arrays]) -> np.ndarray:
    """All entries of all updates, one after another."""
    return np.concatenate([np.ravel(x) for step in updates for x in step])
