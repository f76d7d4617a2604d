"""Primitives on flat vectors in as few NumPy calls as possible: proposals are probed with these.

A test holds each equal to its primitive.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from primitives.linalg import EPS, STEPS, A, B, C

from .layout import Layout

# Element by element


def _divide_no_nan(x: Any, y: Any) -> Any:
    empty = y == 0
    if not np.ndim(empty):
        return 0 * x if empty else np.divide(x, y)
    out = np.divide(x, y)
    np.putmask(out, empty, 0 * x)
    return out


def _truth(compare: Callable) -> Callable:
    return lambda x, y: compare(x, y) * 1.0


DIRECT: dict[str, Callable] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": np.divide,
    "neg": operator.neg,
    "divide_no_nan": _divide_no_nan,
    **{name: _truth(getattr(operator, name)) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
    **{
        name: getattr(np, name)
        for name in (
            "abs arccos arccosh arcsin arcsinh arctan arctanh cbrt copysign cos cosh exp exp2 "
            "expm1 floor log log10 log1p log2 maximum minimum mod sign sin sinh sqrt square tan "
            "tanh where"
        ).split()
    },
}


# On whole parameters and the whole model


def _sums(layout: Layout) -> Callable[[np.ndarray], np.ndarray]:
    """Returns a function from a flat vector to the sum over each parameter."""
    offsets = np.array(layout.offsets)
    return lambda x: np.add.reduceat(x, offsets)


def _spread(layout: Layout) -> Callable[[np.ndarray], np.ndarray]:
    """Returns a function from a number a parameter to a flat vector."""
    index = np.repeat(np.arange(len(layout.sizes)), layout.sizes)
    return lambda x: x[index]


def _per_parameter(function: Callable) -> Callable[[Layout], Callable]:
    """Makes a reduction of the sums over each parameter: function(sums, sizes, *vectors)."""

    def build(layout: Layout) -> Callable:
        sums, spread = _sums(layout), _spread(layout)
        sizes = np.array(layout.sizes, float)
        return lambda *args: spread(function(sums, sizes, *args))

    return build


def _cosine(sums: Callable, sizes: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    del sizes
    length = np.sqrt(sums(x * x)) * np.sqrt(sums(y * y))
    return np.where(length == 0, 0, sums(x * y) / np.where(length == 0, 1, length))


@dataclass(frozen=True)
class _Stack:
    """The matrices of a model as one array [matrices, rows, columns], no more rows than columns.

    Shorter ones are filled up with zeros, which no product of matrices can tell.
    """

    shape: tuple[int, int, int]
    places: np.ndarray  # in the stack, as one vector
    entries: np.ndarray  # in the flat vector, of the same values


def _stack(layout: Layout) -> _Stack | None:
    """Returns where the matrices of a layout lie in a stack, None where it has none."""
    numbers = np.arange(layout.size)
    matrices = [
        numbers[span].reshape(-1, shape[-1]) for span, shape in layout.spans if len(shape) > 1
    ]
    wide = [one.T if one.shape[0] > one.shape[1] else one for one in matrices]
    if not wide:
        return None
    rows, columns = (max(one.shape[axis] for one in wide) for axis in (0, 1))
    room = np.arange(len(wide) * rows * columns).reshape(len(wide), rows, columns)
    held = [room[k, : one.shape[0], : one.shape[1]] for k, one in enumerate(wide)]
    return _Stack(
        (len(wide), rows, columns),
        np.concatenate([one.ravel() for one in held]),
        np.concatenate([one.ravel() for one in wide]),
    )


def _orthogonalize(layout: Layout) -> Callable[[np.ndarray], np.ndarray]:
    """Muon's five steps on all matrices at once; x / rms(x) on what has fewer axes."""
    sums, spread, stack = _sums(layout), _spread(layout), _stack(layout)
    pairs = zip(layout.sizes, layout.shapes, strict=True)
    counts = np.array([1.0 if len(shape) > 1 else size for size, shape in pairs])

    def orthogonalize(x: np.ndarray) -> np.ndarray:
        out = x / spread(np.sqrt(sums(x * x) / counts) + EPS)
        if stack is None:
            return out
        y = np.zeros(stack.shape)
        y.reshape(-1)[stack.places] = out[stack.entries]
        out[stack.entries] = _quintic(y).reshape(-1)[stack.places]
        return out

    return orthogonalize


def _quintic(y: np.ndarray) -> np.ndarray:
    """y <- (a I + b s + c s s) y with s = y y^T, five times, for a stack of matrices."""
    count, rows, _ = y.shape
    s, p = np.empty((2, count, rows, rows))
    diagonal = p.reshape(count, -1)[:, :: rows + 1]
    for _ in range(STEPS):
        np.matmul(y, y.transpose(0, 2, 1), out=s)
        np.matmul(s, s, out=p)
        p *= C
        s *= B
        p += s
        diagonal += A
        y = np.matmul(p, y)
    return y


WHOLE: dict[str, Callable[[Layout], Callable]] = {
    "sum": _per_parameter(lambda sums, sizes, x: sums(x)),
    "mean": _per_parameter(lambda sums, sizes, x: sums(x) / sizes),
    "norm": _per_parameter(lambda sums, sizes, x: np.sqrt(sums(x * x))),
    "rms": _per_parameter(lambda sums, sizes, x: np.sqrt(sums(x * x) / sizes)),
    "dot": _per_parameter(lambda sums, sizes, x, y: sums(x * y)),
    "cosine": _per_parameter(_cosine),
    "orthogonalize": _orthogonalize,
    "global_sum": lambda layout: lambda x: x.sum(),
    "global_mean": lambda layout: lambda x: x.mean(),
    "global_norm": lambda layout: lambda x: np.sqrt(x.dot(x)),
    "global_rms": lambda layout: lambda x: np.sqrt(x.dot(x) / layout.size),
    "global_dot": lambda layout: lambda x, y: x.dot(y),
    "global_max": lambda layout: lambda x: x.max(),
    "global_min": lambda layout: lambda x: x.min(),
}
