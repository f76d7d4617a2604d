"""Where plain rules would go on the noisy gradients: directions that others are compared with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .experiments import LAB, SHAPES, joined, split


def _references() -> dict[str, np.ndarray]:
    g = np.array([joined(step) for step in LAB.noisy])
    fast, slow = _averaged(g, 0.1), _averaged(g, 0.02)
    spread = np.sqrt(_averaged(g * g, 0.02))
    return {
        "gradient": g, "sign": np.sign(g), "average": fast, "long average": slow,
        "sign of average": np.sign(fast), "gradient over spread": g / spread,
        "average over spread": fast / spread, "adagrad": g / np.sqrt(np.cumsum(g * g, axis=0)),
        "orthogonal": _by_tensor(g, _orthogonal),
        "orthogonal average": _by_tensor(fast, _orthogonal),
        "by tensor": _by_tensor(g, _normed), "average by tensor": _by_tensor(fast, _normed),
        "innovation": g - np.vstack([0 * g[:1], g[:-1]]),
        "parameters": np.tile(joined(LAB.start), (len(g), 1)),
        "last gradient": np.vstack([0 * g[:1], g[:-1]]),
    }  # fmt: skip


def _averaged(rows: np.ndarray, rate: float) -> np.ndarray:
    out, value = [], np.zeros(rows.shape[1])
    for t, row in enumerate(rows, 1):
        value = value + rate * (row - value)
        out.append(value / (1 - (1 - rate) ** t))
    return np.array(out)


def _by_tensor(rows: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return np.array([joined([change(x) for x in split(row)]) for row in rows])


def _orthogonal(x: np.ndarray) -> np.ndarray:
    if x.ndim < 2:
        return _normed(x) * np.sqrt(min(SHAPES[0]) / 2)
    left, _, right = np.linalg.svd(x, full_matrices=False)
    return left @ right


def _normed(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x) * np.sqrt(x.size)


REFERENCES = _references()
