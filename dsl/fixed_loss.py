"""The fixed small model that behavioural keys run on, with its gradient written out.

The loss of step t is the sum over entries of a/2 (w - c)**2 + b/4 (w - c)**4, its centres c drawn
anew each step as a batch would; without that a moving average keeps the sign of the gradient and
cannot be told from it. A few entries have no loss, as weights of dead units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .layout import Layout

STEPS = 12
ZERO_STEP, LARGE_STEP = 5, 8  # a gradient of zeros, and one 50 times as large
LARGE = 50.0

LAYOUT = Layout(((), (4,), (4, 4), (2, 2, 3, 3)))  # a scalar, a vector, a square, a conv kernel

# RandomState and not a newer generator: its numbers are the same in every version of NumPy.
_draw = np.random.RandomState(20)
START: np.ndarray = _draw.normal(size=LAYOUT.size)
_CENTRE = START + _draw.normal(size=LAYOUT.size)
_CENTRES = _CENTRE + _draw.normal(size=(STEPS, LAYOUT.size))
_DEAD = np.isin(np.arange(LAYOUT.size), (2, 9, 30))
_A = np.where(_DEAD, 0.0, np.exp(_draw.uniform(-2.0, 1.0, LAYOUT.size)))
_B = np.where(_DEAD, 0.0, 0.1 * _draw.uniform(0.0, 1.0, LAYOUT.size))
_FACTOR = np.ones((STEPS, 1))
_FACTOR[ZERO_STEP - 1], _FACTOR[LARGE_STEP - 1] = 0.0, LARGE
_CENTRE_ROWS, _A_ROWS, _B_ROWS = list(_CENTRES), list(_A * _FACTOR), list(_B * _FACTOR)


def gradient(t: int, w: np.ndarray) -> np.ndarray:
    """Returns the gradient at w of the loss of step t = 1, 2, ...; both of shape (size,)."""
    d = w - _CENTRE_ROWS[t - 1]
    return (_A_ROWS[t - 1] + _B_ROWS[t - 1] * d * d) * d


def curvature(t: int, w: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Returns the Hessian at w of the loss of step t, which is diagonal, times v."""
    d = w - _CENTRE_ROWS[t - 1]
    return (_A_ROWS[t - 1] + 3 * _B_ROWS[t - 1] * d * d) * v


def third(t: int, w: np.ndarray, v: np.ndarray) -> float:
    """Returns the third derivative at w of the loss of step t along v."""
    return float(np.sum(6 * _B_ROWS[t - 1] * (w - _CENTRE_ROWS[t - 1]) * v**3))


def loss(t: int, w: np.ndarray) -> float:
    """Returns the loss of step t at w."""
    square = (w - _CENTRE_ROWS[t - 1]) ** 2
    return float(np.sum((_A_ROWS[t - 1] / 2 + _B_ROWS[t - 1] / 4 * square) * square))


def full_gradient(w: np.ndarray) -> np.ndarray:
    """Returns the gradient at w of the mean of the losses of all steps."""
    return np.mean([gradient(t, w) for t in range(1, STEPS + 1)], axis=0)


def constraint(xp: Any) -> Mapping[str, Callable[..., list[Any]]]:
    """What a constraint answers: a box of side 3, and for `prox` 0.3 |x|."""

    def prox(x: Sequence[Any], step: Sequence[Any]) -> list[Any]:
        pairs = zip(x, step, strict=True)
        return [xp.sign(a) * xp.maximum(abs(a) - 0.3 * s, 0) for a, s in pairs]

    return {
        "project": lambda x: [xp.clip(a, -1.5, 1.5) for a in x],
        "prox": prox,
        "lmo": lambda x: [-1.5 * xp.sign(a) for a in x],
    }
