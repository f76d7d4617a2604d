"""The paths of single programs in NumPy, on gradients that are given or on a loss of one vector."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dsl import load
from dsl.simulate import simulate

Arrays = list[np.ndarray]
TINY = 1e-300  # an eps that does nothing
SHAPES = ((6, 4), (5,), (3, 2, 4))


def arrays(seed: int, shapes: Sequence[tuple[int, ...]] = SHAPES) -> Arrays:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def updates(name: str, grads: Sequence[Arrays], start: Arrays, lr: float = 0.1, **h: Any) -> list:
    """Returns w before minus w after, for each step."""
    path = [start, *simulate(load(name), start, grads, lr, **h)]
    pairs = itertools.pairwise(path)
    return [[a - b for a, b in zip(old, new, strict=True)] for old, new in pairs]


def descent(
    name: str,
    loss: Callable[[np.ndarray], float],
    slope: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    steps: int,
    lr: float = 1.0,
    **h: Any,
) -> list[np.ndarray]:
    """Returns the point before the first step and after each, on a loss of one vector."""

    def answers(t: int, w: Arrays) -> dict[str, Callable]:
        del t, w
        return {"loss_at": lambda x: loss(x[0]), "grad_at": lambda x: [slope(x[0])]}

    blank = [[np.zeros_like(start)]] * steps
    path = simulate(load(name), [start], blank, lr, oracles=answers, asks=True, **h)
    return [start, *(w for (w,) in path)]
