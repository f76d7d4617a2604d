"""How NumPy spells each primitive, and the helpers that some spellings call."""

from __future__ import annotations

from . import noise
from .target import OPERATORS

ARRAYS: dict[str, str] = OPERATORS | noise.SPELLINGS | {
    **{
        name: f"np.{name}(x)"
        for name in (
            "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh arcsin"
            " arccos arctan arcsinh arccosh arctanh sign floor isfinite"
        ).split()
    },
    "maximum": "np.maximum(x, y)",
    "minimum": "np.minimum(x, y)",
    "clip": "np.minimum(np.maximum(x, y), z)",
    "copysign": "np.copysign(x, y)",
    "relu": "np.maximum(x, 0)",
    "sigmoid": "0.5 + 0.5 * np.tanh(0.5 * x)",
    "softplus": "np.logaddexp(x, 0.0)",
    "where": "np.where(x, y, z)",
    "where:number": "y if x else z",
    "where:numbers": "np.where(x, y, z).astype(w.dtype)",
    "logical_and": "x & y",
    "logical_or": "x | y",
    "logical_not": "~x",
    "divide_no_nan": "np.where(y == 0, 0 * x, x / np.where(y == 0, 1, y))",
    "sqrt_abs": "np.sqrt(abs(x))",
    "log_abs": "np.log(np.where(x == 0, 1, abs(x)))",
    "power_abs": "np.where(x == 0, 0, np.where(x == 0, 1, abs(x)) ** y)",
    "sum": "np.sum(x)",
    "mean": "np.mean(x)",
    "max": "np.max(x)",
    "min": "np.min(x)",
    "norm": "np.linalg.norm(x)",
    "norm:axes": "np.sqrt(np.sum(x ** 2))",
    "rms": "np.sqrt(np.mean(x ** 2))",
    "dot": "np.sum(x * y)",
    "cosine": "cosine(x, y)",
    "size": "x.size",
    "matrix": "matrix(x)",
    "unmatrix": "x.reshape(y.shape)",
    "wide": "wide(x)",
    "unwide": "unwide(x, y)",
    "gram": "gram(x, axis)",
    "mode": "mode(x, y, axis)",
    "solve_along": "solve_along(x, y, axis)",
    "triu": "np.triu(x)",
    "eigenvectors": "np.linalg.eigh(x)[1][:, ::-1]",
    "singular_vectors": "singular_vectors(x, rank, min(fan_in(w), fan_out(w)))",
    "orthogonal": "np.linalg.qr(x)[0]",
    "inverse_root": "inverse_root(x, y)",
    "sorter": "sorter(x)",
    "quantile": "np.quantile(x, y)",
    "newton_schulz": "newton_schulz(x)",
    "polar_express": "polar_express(x)",
    "orthogonalize": "orthogonalize(x)",
    "global_sum": "sum(np.sum(x) for x in xs)",
    "global_mean": "sum(np.sum(x) for x in xs) / sum(np.size(x) for x in xs)",
    "global_norm": "np.sqrt(sum(np.sum(x ** 2) for x in xs))",
    "global_rms": "np.sqrt(sum(np.sum(x ** 2) for x in xs) / sum(np.size(x) for x in xs))",
    "global_dot": "sum(np.sum(x * y) for x, y in zip(xs, ys, strict=True))",
    "global_max": "max(np.max(x) for x in xs)",
    "global_min": "min(np.min(x) for x in xs)",
    "grad_at": "grad_at(xs)",
    "loss_at": "loss_at(xs)",
    "hvp": "hvp(xs)",
    "full_grad": "full_grad(xs)",
    "project": "project(xs)",
    "prox": "prox(xs, ys)",
    "lmo": "lmo(xs)",
    "copy": "x.copy()",
    "single": "w.dtype.type(x)",
    "scalar": "x",
    "zeros_like": "np.zeros_like(x)",
    "full_like": "np.full_like(x, y)",
    "zeros": "np.zeros((), w.dtype)",
    "zeros_of": "np.zeros(x, w.dtype)",
    "full_of": "np.full(x, y, w.dtype)",
    "eye": "np.eye(x, y, dtype=w.dtype)",
    "full": "np.full((), x, w.dtype)",
}

HELPERS: dict[str, str] = noise.NUMPY | {
    "fan_in": '''
def fan_in(w):
    """The number of inputs of a parameter: all axes but the last."""
    return w.size // max(1, fan_out(w))
''',
    "fan_out": '''
def fan_out(w):
    """The number of outputs of a parameter: its last axis."""
    return w.shape[-1] if w.ndim else 1
''',
    "other_axes": '''
def other_axes(x, keep):
    """All axes of x but those to keep."""
    kept = {axis % x.ndim for axis in np.atleast_1d(keep)}
    return tuple(axis for axis in range(x.ndim) if axis not in kept)
''',
    "cosine": '''
def cosine(x, y):
    """The cosine of the angle between two arrays, 0 where one of them is 0."""
    sizes = np.sqrt(np.sum(x**2)) * np.sqrt(np.sum(y**2))
    return np.where(sizes == 0, 0, np.sum(x * y) / np.where(sizes == 0, 1, sizes))
''',
    "matrix": '''
def matrix(x):
    """A parameter with two axes or more as inputs by outputs."""
    return x.reshape(-1, x.shape[-1])
''',
    "wide": '''
def wide(x):
    """A parameter as a matrix with its shorter side first."""
    y = x.reshape(-1, x.shape[-1])
    return y.T if y.shape[0] >= y.shape[1] else y
''',
    "unwide": '''
def unwide(y, x):
    """Gives a wide matrix the shape of the parameter x."""
    return (y.T if fan_in(x) >= fan_out(x) else y).reshape(x.shape)
''',
    "gram": '''
def gram(x, axis):
    """The products of the slices of x along an axis with each other."""
    y = np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1)
    return y @ y.T
''',
    "mode": '''
def mode(m, x, axis):
    """Multiplies x by a matrix along an axis."""
    return np.moveaxis(np.tensordot(m, x, axes=(1, axis)), 0, axis)
''',
    "solve_along": '''
def solve_along(m, x, axis):
    """Multiplies x by the inverse of a matrix along an axis."""
    y = np.moveaxis(x, axis, 0)
    solved = np.linalg.solve(m, y.reshape(y.shape[0], -1))
    return np.moveaxis(solved.reshape(y.shape), 0, axis)
''',
    "singular_vectors": '''
def singular_vectors(x, rank, short):
    """The left singular vectors of the largest singular values, as columns."""
    tall = x.shape[0] > x.shape[1]
    return np.linalg.svd(x, full_matrices=tall)[0][:, : min(rank, short)]
''',
    "inverse_root": '''
def inverse_root(m, p, eps=0.0):
    """A symmetric matrix to the power -1 / p."""
    values, vectors = np.linalg.eigh(m)
    return (vectors * (values + eps) ** (-1.0 / p)) @ vectors.T
''',
    "sorter": '''
def sorter(d):
    """The matrix that puts columns in the falling order of d."""
    flat = d.reshape(-1)
    return np.eye(flat.size, dtype=d.dtype)[:, np.argsort(-flat)]
''',
    "newton_schulz": '''
def newton_schulz(x, steps=5, a=3.4445, b=-4.775, c=2.0315, eps=1e-8):
    """Moves every singular value of x towards 1."""
    y = x.reshape(-1, x.shape[-1])
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / (np.sqrt(np.sum(y**2)) + eps)
    for _ in range(steps):
        s = y @ y.T
        y = a * y + (b * s + c * s @ s) @ y
    return (y.T if tall else y).reshape(x.shape)
''',
    "polar_express": '''
POLAR = [
    (8.2051, -22.9019, 16.4607), (4.0664, -2.8612, 0.5184), (3.9096, -2.8234, 0.525),
    (3.2856, -2.4153, 0.4853), (2.2779, -1.6198, 0.3985), (1.8726, -1.2307, 0.3585),
    (1.8564, -1.2132, 0.3568), (1.875, -1.25, 0.375),
]


def polar_express(x, steps=5):
    """Moves every singular value of x to 1."""
    y = x.reshape(-1, x.shape[-1])
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / np.maximum(np.sqrt(np.sum(y**2)), 1e-7)
    for step in range(steps):
        a, b, c = POLAR[min(step, len(POLAR) - 1)]
        s = y @ y.T
        y = a * y + (b * s + c * s @ s) @ y
    return (y.T if tall else y).reshape(x.shape)
''',
    "orthogonalize": '''
def orthogonalize(x):
    """newton_schulz on two axes or more, x / rms(x) on fewer."""
    if x.ndim >= 2:
        return newton_schulz(x)
    return x / (np.sqrt(np.mean(x**2)) + 1e-8)
''',
}
