"""Primitives on matrices: a parameter seen as fan-in by fan-out."""

from __future__ import annotations

from types import ModuleType

from .core import LEAF, Array, Primitive

STEPS = 5  # of Muon's iteration y <- a y + b (y y^T) y + c (y y^T)^2 y
A, B, C = 3.4445, -4.7750, 2.0315
EPS = 1e-8  # beside a norm
# The same numbers for each step of Polar Express; from the last on they stay.
POLAR = (
    (8.2051, -22.9019, 16.4607), (4.0664, -2.8612, 0.5184), (3.9096, -2.8234, 0.5250),
    (3.2856, -2.4153, 0.4853), (2.2779, -1.6198, 0.3985), (1.8726, -1.2307, 0.3585),
    (1.8564, -1.2132, 0.3568), (1.8750, -1.2500, 0.3750),
)  # fmt: skip


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


def wide(xp: ModuleType, x: Array, *, out: int = -1) -> Array:
    """Views an array with two or more axes with its shorter side first; columns, if equal."""
    y = matrix(xp, x, out=out)
    return y.T if y.shape[0] >= y.shape[1] else y


def unwide(xp: ModuleType, y: Array, x: Array, *, out: int = -1) -> Array:
    """Undoes `wide`: gives y the shape of x."""
    cols = x.shape[out]
    turned = x.size >= cols * cols
    return unmatrix(xp, y.T if turned else y, x, out=out)


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


def polar_express(xp: ModuleType, x: Array, *, steps: int = STEPS, out: int = -1) -> Array:
    """Moves every singular value of x to 1, by other numbers at each step. Amsel et al., 2025."""
    y = matrix(xp, x, out=out)
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / xp.maximum(xp.sqrt(xp.sum(xp.square(y))), 1e-7)
    for step in range(steps):
        a, b, c = POLAR[min(step, len(POLAR) - 1)]
        s = y @ y.T
        y = a * y + (b * s + c * s @ s) @ y
    return unmatrix(xp, y.T if tall else y, x, out=out)


def orthogonalize(xp: ModuleType, x: Array, *, out: int = -1) -> Array:
    """newton_schulz where there are two axes or more, x / rms(x) where there are fewer."""
    if xp.ndim(x) >= 2:
        return newton_schulz(xp, x, out=out)
    return x / (xp.sqrt(xp.mean(xp.square(x))) + EPS)


def gram(xp: ModuleType, x: Array, *, axis: int) -> Array:
    """The products of the slices of x along an axis with each other: x x^T for a matrix's rows."""
    y = xp.moveaxis(x, axis, 0).reshape(x.shape[axis], -1)
    return y @ y.T


def mode(xp: ModuleType, m: Array, x: Array, *, axis: int) -> Array:
    """Multiplies x by the matrix m along an axis."""
    return xp.moveaxis(xp.tensordot(m, x, axes=(1, axis)), 0, axis)


def solve_along(xp: ModuleType, m: Array, x: Array, *, axis: int) -> Array:
    """Multiplies x by the inverse of the matrix m along an axis."""
    moved = xp.moveaxis(x, axis, 0)
    solved = xp.linalg.solve(m, moved.reshape(moved.shape[0], -1))
    return xp.moveaxis(solved.reshape(moved.shape), 0, axis)


def eigenvectors(xp: ModuleType, m: Array) -> Array:
    """The eigenvectors of a symmetric matrix as columns, that of the largest eigenvalue first."""
    return xp.linalg.eigh(m)[1][:, ::-1]


def singular_vectors(xp: ModuleType, m: Array, *, rank: int, short: int) -> Array:
    """The left singular vectors of the largest singular values, as columns: rank, but <= short."""
    return xp.linalg.svd(m, full_matrices=m.shape[0] > m.shape[1])[0][:, : min(rank, short)]


def inverse_root(xp: ModuleType, m: Array, p: Array, *, eps: float = 0.0) -> Array:
    """m to the power -1 / p, for a symmetric matrix with eigenvalues above -eps."""
    values, vectors = xp.linalg.eigh(m)
    return (vectors * (values + eps) ** (-1.0 / p)) @ vectors.T


def sorter(xp: ModuleType, d: Array) -> Array:
    """The matrix by which columns are put in the falling order of the entries of d."""
    flat = d.reshape(-1)
    return xp.eye(flat.shape[0], dtype=d.dtype)[:, xp.argsort(-flat)]


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
        "matrix", matrix, 1, LEAF, "view", context=("out",), flops=0.0,
        doc="A parameter with two axes or more as a matrix, fan-in by fan-out.",
    ),
    Primitive(
        "unmatrix", unmatrix, 2, LEAF, "unview", context=("out",), flops=0.0,
        doc="The matrix y in the shape of the parameter x.",
    ),
    Primitive(
        "wide", wide, 1, LEAF, "view", context=("out",), flops=0.0,
        doc="A parameter with two axes or more as a matrix, its shorter side first.",
    ),
    Primitive(
        "unwide", unwide, 2, LEAF, "unview", context=("out",), flops=0.0,
        doc="The wide matrix y in the shape of the parameter x.",
    ),
    Primitive(
        "newton_schulz", newton_schulz, 1, LEAF, "orthogonal", options=_STEPS, context=("out",),
        flops=3000.0, doc="Moves every singular value towards 1, in five steps of Muon's quintic.",
    ),
    Primitive(
        "polar_express", polar_express, 1, LEAF, "orthogonal", options=("steps",),
        context=("out",), flops=3000.0,
        doc="Moves every singular value to 1, in steps= of Polar Express, by default five.",
    ),
    Primitive(
        "orthogonalize", orthogonalize, 1, LEAF, "tensor", context=("out",), flops=3000.0,
        doc="newton_schulz on two axes or more, x / rms(x) on fewer.",
    ),
    Primitive(
        "gram", gram, 1, LEAF, "gram", options=("axis",), flops=100.0,
        doc="The products of the slices along an axis with each other, a Matrix.",
    ),
    Primitive(
        "mode", mode, 2, LEAF, "mode", options=("axis",), flops=100.0,
        doc="The matrix x along an axis of y.",
    ),
    Primitive(
        "solve_along", solve_along, 2, LEAF, "mode", options=("axis",), flops=300.0,
        doc="The inverse of the matrix x along an axis of y.",
    ),
    Primitive(
        "triu", lambda xp, m: xp.triu(m), 1, LEAF, "square",
        doc="A square matrix with zeros below its diagonal.",
    ),
    Primitive(
        "eigenvectors", eigenvectors, 1, LEAF, "square", flops=1000.0,
        doc="The eigenvectors of a symmetric matrix, that of the largest eigenvalue first.",
    ),
    Primitive(
        "singular_vectors", singular_vectors, 1, LEAF, "leading", options=("rank",),
        context=("short",), flops=3000.0,
        doc="The left singular vectors of the largest singular values, a Matrix[rows, rank].",
    ),
    Primitive(
        "orthogonal", lambda xp, m: xp.linalg.qr(m)[0], 1, LEAF, "tall", flops=1000.0,
        doc="The orthogonal factor of a matrix, Q of its QR.",
    ),
    Primitive(
        "inverse_root", inverse_root, 2, LEAF, "square", options=("eps",), flops=1000.0,
        doc="A symmetric matrix to the power -1 / y.",
    ),
    Primitive(
        "sorter", sorter, 1, LEAF, "sorter", flops=10.0,
        doc="The matrix that puts columns in the falling order of the entries of x.",
    ),
)
