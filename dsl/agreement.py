"""How far two programs come apart when both are run: the proof of a simplification by trying it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .fixed_loss import constraint
from .program import Program
from .simulate import simulate

SHAPES = ((), (4,), (3, 2), (2, 2, 3, 3))
ROLES = ("", "norm", "embedding", "head")
STEPS = 20
DRAWS = 3  # the hyperparameters at their defaults, then moved
RATE = 0.05


@dataclass(frozen=True)
class Agreement:
    """The steps that both made, and the largest distance relative to the largest move."""

    steps: int
    apart: float

    def __str__(self) -> str:
        return f"{self.steps} random steps of both: {self.apart:.1e} apart"


def agreement(one: Program, other: Program, seed: int = 0) -> Agreement | None:
    """Runs two programs on the same random gradients, in double precision.

    None where the first does not stay finite. Hyperparameters that both have are moved alike.
    """
    steps, apart = 0, 0.0
    for draw in range(DRAWS):
        rng = np.random.default_rng((seed, draw))
        start = [rng.normal(size=shape) for shape in SHAPES]
        slopes = [[rng.normal(size=shape) for shape in SHAPES] for _ in range(STEPS)]
        numbers = _numbers(one, rng) if draw else {}
        paths = [_path(program, start, slopes, numbers, seed) for program in (one, other)]
        ours, theirs = (np.array([np.concatenate([w.ravel() for w in ws]) for ws in path])
                        for path in paths)  # fmt: skip
        if not np.isfinite(ours).all():
            continue
        moved = np.abs(ours - np.concatenate([w.ravel() for w in start])).max()
        apart = max(apart, float(np.abs(ours - theirs).max() / (moved or 1.0)))
        steps += STEPS
    return Agreement(steps, apart) if steps else None


def _path(
    program: Program, start: list, slopes: list, numbers: dict[str, Any], seed: int
) -> list[list[np.ndarray]]:
    names = {item.name for item in program.hyperparameters}
    given = {name: value for name, value in numbers.items() if name in names}
    return simulate(
        program, start, slopes, RATE, roles=ROLES, oracles=_oracles, seed=seed, **given
    )


def _numbers(program: Program, rng: np.random.Generator) -> dict[str, Any]:
    """Every hyperparameter at a half to the whole of its default."""
    return {
        item.name: item.default * rng.uniform(0.5, 1)
        for item in program.hyperparameters
        if isinstance(item.default, float)
    }


def _oracles(t: int, w: list[np.ndarray]) -> dict[str, Callable[..., Any]]:
    """What a loss of x**2 / 2 + cos(x) answers."""
    del t
    return {
        "loss_at": lambda x: sum(float(np.sum(a * a / 2 + np.cos(a))) for a in x),
        "grad_at": lambda x: [a - np.sin(a) for a in x],
        "hvp": lambda x: [(1 - np.cos(a)) * b for a, b in zip(w, x, strict=True)],
        "full_grad": lambda x: [a - np.sin(a) for a in x],
        **constraint(np),
    }
