"""The fixed problem that programs and references are run on: start, gradients, loss, noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dsl.fixed_loss import constraint
from dsl.simulate import Oracles
from primitives import NOISE, TABLE

from .references import STEPS

SHAPES = ((6, 4), (4,), (4, 4), (4, 2, 3, 3), ())
OUTLIER = 12  # the step, from 0, whose gradient is 50 times as large in the second run


@dataclass(frozen=True)
class Problem:
    """A start and one list of arrays a step, in float64.

    The arrays are the gradients, or for rules that ask for a loss the points where it is lowest.
    """

    start: list[np.ndarray]
    gradients: list[list[np.ndarray]]


def real_loss(params: Sequence[Any], lowest: Sequence[Any]) -> Any:
    """A convex function around a point, neither quadratic nor as steep in each parameter."""
    return sum(
        (1 + k) * ((w - c) ** 2 / 8 + (1 + (w - c) ** 2) ** 0.5).sum()
        for k, (w, c) in enumerate(zip(params, lowest, strict=True))
    )


def second_loss(params: Sequence[Any], lowest: Sequence[Any]) -> Any:
    """What stands for a task's second loss: another lowest point, and parameters that interact."""
    return real_loss(params, _opposite(lowest)) + sum(w.mean() for w in params) ** 2 / 2


def half_loss(params: Sequence[Any], lowest: Sequence[Any]) -> Any:
    """What stands for the loss on the first half of a batch."""
    return real_loss(params, _halved(lowest))


def _opposite(lowest: Sequence[Any]) -> list[Any]:
    return [-c for c in lowest]


def _halved(lowest: Sequence[Any]) -> list[Any]:
    return [c / 2 for c in lowest]


def problem(
    outlier: int | None = None,
    scale: float = 1.0,
    seed: int = 0,
    shapes: Sequence[tuple[int, ...]] | None = None,
    zeros: float = 0.0,
) -> Problem:
    """Returns the fixed problem; the gradient of step `outlier` is 50 times as large.

    zeros: the share of entries, the same at every step, whose gradient is 0.
    """
    rng, shapes = np.random.default_rng(seed), shapes or SHAPES
    start = [rng.normal(size=shape) for shape in shapes]
    gradients = [[rng.normal(size=shape) + 0.3 for shape in shapes] for _ in range(STEPS)]
    sizes = [scale * (50 if step == outlier else 1) for step in range(STEPS)]
    felt = [rng.random(size=shape) >= zeros for shape in shapes]
    scaled = [
        [np.asarray(size * g * one) for g, one in zip(gs, felt, strict=True)]
        for size, gs in zip(sizes, gradients, strict=True)
    ]
    return Problem([np.asarray(w) for w in start], scaled)


def lowest_loss_of(one: Problem, t: int, w: list[np.ndarray]) -> Oracles:
    """What the real loss of step t = 1, 2, ... answers in NumPy, with the parameters at w."""
    lowest = one.gradients[t - 1]

    def everywhere(x: Sequence[np.ndarray]) -> list[np.ndarray]:
        slopes = [_slope(x, one_lowest) for one_lowest in one.gradients]
        return [np.mean(step, axis=0) for step in zip(*slopes, strict=True)]

    return {
        "loss_at": lambda x: real_loss(x, lowest),
        "grad_at": lambda x: _slope(x, lowest),
        "hvp": lambda v: _curved(w, lowest, v),
        "third": lambda v: _third(w, lowest, v),
        "full_grad": everywhere,
        "half_grad": lambda x: _slope(x, _halved(lowest)),
        **_second(lowest, w),
        **constraint(np),
    }


def _second(lowest: list[np.ndarray], w: list[np.ndarray]) -> Oracles:
    """What `second_loss` answers."""
    other = _opposite(lowest)

    def joined(some: list[np.ndarray], x: Sequence[np.ndarray]) -> list[np.ndarray]:
        total = sum(a.mean() for a in x)
        return [a + total / a.size for a in some]

    return {
        "aux_loss": lambda x: second_loss(x, lowest),
        "aux_grad": lambda x: joined(_slope(x, other), x),
        "aux_hvp": lambda v: joined(_curved(w, other, v), v),
    }


def _slope(x: Sequence[np.ndarray], lowest: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The gradient of `real_loss`."""
    ways = [a - c for a, c in zip(x, lowest, strict=True)]
    return [(1 + k) * (d / 4 + d / (1 + d**2) ** 0.5) for k, d in enumerate(ways)]


def _curved(
    w: Sequence[np.ndarray], lowest: Sequence[np.ndarray], v: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """The Hessian of `real_loss` at w, times v."""
    rows = enumerate(zip(w, lowest, v, strict=True))
    return [(1 + k) * (0.25 + (1 + (a - c) ** 2) ** -1.5) * b for k, (a, c, b) in rows]


def _third(
    w: Sequence[np.ndarray], lowest: Sequence[np.ndarray], v: Sequence[np.ndarray]
) -> float:
    """The third derivative of `real_loss` at w, along v."""
    rows = enumerate((a - c, b) for a, c, b in zip(w, lowest, v, strict=True))
    return sum(float((-3 * (1 + k) * d * (1 + d**2) ** -2.5 * b**3).sum()) for k, (d, b) in rows)


def rate(first: float) -> Callable[[Any], Any]:
    """Returns the schedule: the learning rate after `count` steps."""
    return lambda count: first / (1 + 0.1 * count)


def noise(t: int, shapes: Sequence[tuple[int, ...]]) -> dict[str, Callable[..., Any]]:
    """What each kind of noise draws at step t, by the number of the stream."""

    def drawn(name: str) -> Callable[[int], list[np.ndarray]]:
        draw = TABLE[name].meaning
        return lambda stream: [
            draw(np, np.zeros(shape), stream=stream, key=(0, t, place))
            for place, shape in enumerate(shapes)
        ]

    return {name: drawn(name) for name, one in TABLE.items() if one.scope == NOISE}
