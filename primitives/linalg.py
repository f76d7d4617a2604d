"""Primitives on matrices: a parameter seen as fan-in by fan-out."""

from __future__ import annotations

from types import ModuleType

from .core import LEAF, Array, Primitive

STEPS = 5  # of Muon's iteration y <- a y + b (y y^T) y + c (y y^T)^2 y
A, B, C = 3.4445, -4.7750, 2.0315
EPS = 1e-8  # beside a norm


def matrix(xp: ModuleType, x: Array, *, out: int = -1) -> Array:
    """Views an array with two or more axes as fan-in by fan-out; `out` is its output axis."""
    last = out in (-1, x.ndim - 1)
    return (x if last else xp.moveaxis(x, out, -1)).reshape(-1, x.shape[out])


def unmatrix(xp: ModuleType, y: Array, x: Array, *, out: int = -1) -> Array:
    """Undoes `matrix`: gives y the shape of x."""
    if out in (-1, x.ndim - 1):
        return y.reshape(x.shape)
    moved = list(x.shape)
    moved.append(moved.pop(out))
    return xp.moveaxis(y.reshape(moved), -1, out)


def newton_schulz(
    xp: ModuleType,
    x: Array,
    *,
    steps: int = STEPS,
    a: float = A,
    b: float = B,
    c: float = C,
    eps: float = EPS,
    out: int = -1,
) -> Array:
    """Moves every singular value of x towards 1. Jordan et al., 2024, Muon."""
    y = matrix(xp, x, out=out)
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / (xp.sqrt(xp.sum(xp.square(y))) + eps)
    for _ in range(steps):
        s = y @ y.T
        y = a * y + (b * s + c * s @ s) @ y
    return unmatrix(xp, y.T if tall else y, x, out=out)


def orthogonalize(xp: ModuleType, x: Array, *, out: int = -1) -> Array:
    """newton_schulz where there are two axes or more, x / rms(x) where there are fewer."""
    if xp.ndim(x) >= 2:
        return newton_schulz(xp, x, out=out)
    return x / (xp.sqrt(xp.mean(xp.square(x))) + EPS)


_STEPS = ("steps", "a", "b", "c", "eps")

PRIMITIVES = (
    Primitive(
        "matmul", lambda xp, x, y: x @ y, 2, LEAF, "matmul", operator="@", flops=100.0,
        doc="The product of two matrices.",
    ),
    Primitive(
        "transpose", lambda xp, x: x.T, 1, LEAF, "transpose", operator=".T", flops=0.0,
        doc="Rows for columns.",
    ),
    Primitive(
        "matrix", matrix, 1, LEAF, "matrix", context=("out",), flops=0.0,
        doc="A parameter with two axes or more as a matrix, fan-in by fan-out.",
    ),
    Primitive(
        "unmatrix", unmatrix, 2, LEAF, "unmatrix", context=("out",), flops=0.0,
        doc="The matrix y in the shape of the parameter x.",
    ),
    Primitive(
        "newton_schulz", newton_schulz, 1, LEAF, "orthogonal", options=_STEPS, context=("out",),
        flops=3000.0, doc="Moves every singular value towards 1, in five steps of Muon's quintic.",
    ),
    Primitive(
        "orthogonalize", orthogonalize, 1, LEAF, "tensor", context=("out",), flops=3000.0,
        doc="newton_schulz on two axes or more, x / rms(x) on fewer.",
    ),
)
