"""Whether a changed program is still the same rule, so that no comparison could notice the change.

A ratio of two norms is the ratio of two root mean squares; a floor of 1e-38 is never felt. Both
programs are run on problems of their own: gradients of all sizes, zeros among them, hyperparameters
moved. What never differs by more than rounding is taken for the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dsl import Program

from .conformance import UNABLE, departs, simulated
from .following import Path
from .problems import SHAPES, Problem
from .references import STEPS, Reference

DRAWS = 8  # problems that both are run on
ENOUGH = 4  # of them, at least, on which the program itself stays finite
AWAY = 0.2  # stands for a hyperparameter of 0, which takes a part of the rule away
ROUNDING = 1e-11  # relative to the distance moved


@dataclass(frozen=True)
class Drawn:
    """A problem, hyperparameters, and the path of a program there."""

    problem: Problem
    numbers: Mapping[str, Any]
    path: Path


def drawn(program: Program, reference: Reference, settings: Mapping[str, Any]) -> list[Drawn]:
    """Runs a program on problems that are drawn; those on which it stays finite are returned."""
    runs = []
    for seed in range(DRAWS):
        rng = np.random.default_rng((7, seed))
        one = _problem(rng, reference, zeros=seed % 2 == 1)
        numbers = _moved(rng, program, settings)
        try:
            path = simulated(program, reference, numbers, one)
        except UNABLE:  # eigenvalues of what is infinite
            continue
        if all(np.all(np.isfinite(w)) for ws in path for w in ws):
            runs.append(Drawn(one, numbers, path))
    return runs


def same(other: Program, runs: Sequence[Drawn], reference: Reference) -> bool:
    """Tells whether a program moves as the one did that was run on the drawn problems."""
    return len(runs) >= ENOUGH and not any(
        departs(other, reference, one.numbers, one.problem, one.path, ROUNDING) for one in runs
    )


def _problem(rng: np.random.Generator, reference: Reference, zeros: bool) -> Problem:
    """Gradients of sizes from 1e-4 to 1e3, with a mean or without.

    zeros: in some entries, in a whole tensor, at one step, and at the start of a tensor.
    """
    shapes = reference.shapes or SHAPES
    size, mean = 10.0 ** rng.uniform(-4, 3), rng.choice([0.0, 4.0])
    start = [np.asarray(rng.normal(size=shape)) for shape in shapes]
    kept = [np.asarray(rng.random(size=shape) >= 0.2 * zeros) for shape in shapes]
    if zeros:
        kept[rng.integers(len(shapes))] = np.asarray(False)
        start[rng.integers(len(shapes))] *= 0.0
    pause = rng.integers(STEPS) if zeros else STEPS
    sizes = [size * 4 ** rng.normal() * (step != pause) for step in range(STEPS)]

    def drawn(one: float) -> list[np.ndarray]:
        pairs = zip(kept, shapes, strict=True)
        return [np.asarray(one * k * (rng.normal(size=shape) + mean)) for k, shape in pairs]

    return Problem(start, [drawn(one) for one in sizes])


def _moved(
    rng: np.random.Generator, program: Program, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Every number by a factor of its own between a half and 1, and 0 away from it.

    What sizes or unrolls something stays.
    """
    out = dict(settings)
    for item in program.hyperparameters:
        if isinstance(item.default, float):
            usual = settings.get(item.name, item.default) or AWAY
            out[item.name] = usual * 2.0 ** rng.uniform(-1, 0)
    return out
