"""How PyTorch spells each primitive, and the helpers that some spellings call."""

from __future__ import annotations

from . import noise
from .target import OPERATORS

# As everywhere in torch, the sign of NaN is 0; NumPy and JAX give NaN.
ARRAYS: dict[str, str] = OPERATORS | noise.SPELLINGS | {
    **{
        name: f"torch.{name}(x)"
        for name in (
            "sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh arcsin"
            " arccos arctan arcsinh arccosh arctanh sign floor isfinite sigmoid relu"
        ).split()
    },
    "cbrt": "torch.sign(x) * abs(x) ** (1 / 3)",
    "lerp:arrays": "torch.lerp(x, y, z)",
    "maximum": "torch.maximum(x, y)",
    "maximum:number": "x.clamp(min=y)",
    "minimum": "torch.minimum(x, y)",
    "minimum:number": "x.clamp(max=y)",
    "clip": "torch.minimum(torch.maximum(x, y), z)",
    "clip:number": "clip(x, y, z)",
    "copysign": "torch.copysign(x, y)",
    "copysign:number": "torch.copysign(tensor(x), tensor(y))",
    "softplus": "torch.logaddexp(x, torch.zeros_like(x))",
    "where": "torch.where(x, y, z)",
    "where:number": "torch.where(x, tensor(y), tensor(z))",
    "where:then": "torch.full_like(w, y) if x else z",  # a state is an array at every step
    "where:else": "y if x else torch.full_like(w, z)",
    "where:numbers": "torch.where(x, w.new_tensor(y), w.new_tensor(z))",
    "logical_and": "x & y",
    "logical_or": "x | y",
    "logical_not": "~x",
    "divide_no_nan": "torch.where(y == 0, 0 * x, x / torch.where(y == 0, 1, y))",
    "divide_no_nan:number": "divide_no_nan(x, y)",
    "sqrt_abs": "torch.sqrt(abs(x))",
    "log_abs": "torch.log(torch.where(x == 0, 1, abs(x)))",
    "power_abs:number": "power_abs(x, y)",
    "power_abs": "torch.where(x == 0, 0, torch.where(x == 0, 1, abs(x)) ** y)",
    "sum": "torch.sum(x)",
    "mean": "torch.mean(x)",
    "max": "torch.amax(x)",
    "min": "torch.amin(x)",
    "norm": "torch.linalg.vector_norm(x)",
    "rms": "torch.sqrt(torch.mean(x ** 2))",
    "dot": "torch.sum(x * y)",
    "cosine": "cosine(x, y)",
    "size": "x.numel()",
    "matrix": "x.flatten(1).T",
    "unmatrix": "x.T.reshape(y.shape)",
    "wide": "wide(x)",
    "unwide": "unwide(x, y)",
    "gram": "gram(x, axis)",
    "mode": "mode(x, y, axis)",
    "solve_along": "solve_along(x, y, axis)",
    "triu": "torch.triu(x)",
    "eigenvectors": "torch.linalg.eigh(x)[1].flip(1)",
    "singular_vectors": "singular_vectors(x, rank, min(fan_in(w), fan_out(w)))",
    "orthogonal": "torch.linalg.qr(x)[0]",
    "inverse_root": "inverse_root(x, y)",
    "sorter": "sorter(x)",
    "quantile": "torch.quantile(x, y)",
    "newton_schulz": "newton_schulz(x)",
    "polar_express": "polar_express(x)",
    "orthogonalize": "orthogonalize(x)",
    "global_sum": "sum(x.sum() for x in xs)",
    "global_mean": "sum(x.sum() for x in xs) / sum(x.numel() for x in xs)",
    "global_norm": "torch.sqrt(sum((x ** 2).sum() for x in xs))",
    "global_rms": "torch.sqrt(sum((x ** 2).sum() for x in xs) / sum(x.numel() for x in xs))",
    "global_dot": "sum((x * y).sum() for x, y in zip(xs, ys, strict=True))",
    "global_max": "torch.stack([x.max() for x in xs]).max()",
    "global_min": "torch.stack([x.min() for x in xs]).min()",
    "grad_at": "grad_at(closure, params, xs)",
    "loss_at": "loss_at(closure, params, xs)",
    "hvp": "hvp(closure, params, xs)",
    "full_grad": "grad_at(full_closure, params, xs)",
    "project": "project(xs)",
    "prox": "prox(xs, ys)",
    "lmo": "lmo(xs)",
    "copy": "x.clone()",
    "single": "w.new_tensor(x)",
    "scalar": "torch.tensor(x, dtype=torch.float64)",
    "zeros_like": "torch.zeros_like(x)",
    "full_like": "torch.full_like(x, y)",
    "zeros": "w.new_zeros(())",
    "zeros_of": "w.new_zeros(x)",
    "full_of": "w.new_full(x, y)",
    "eye": "torch.eye(x, y, dtype=w.dtype, device=w.device)",
    "full": "w.new_tensor(x)",
}

HELPERS: dict[str, str] = noise.TORCH | {
    "grad_at": '''
def grad_at(closure, params, point):
    """The gradients at a point of the loss that a closure returns."""
    kept = [w.clone() for w in params]
    torch._foreach_copy_(params, point)
    with torch.enable_grad():
        loss = closure()
        grads = torch.autograd.grad(loss, params, allow_unused=True, materialize_grads=True)
    torch._foreach_copy_(params, kept)
    return grads
''',
    "loss_at": '''
def loss_at(closure, params, point):
    """The loss that a closure returns, at a point."""
    kept = [w.clone() for w in params]
    torch._foreach_copy_(params, point)
    loss = closure()
    torch._foreach_copy_(params, kept)
    return loss
''',
    "hvp": '''
def hvp(closure, params, vector):
    """The Hessian at the parameters of the loss that a closure returns, times a vector."""
    unused = dict(allow_unused=True, materialize_grads=True)
    with torch.enable_grad():
        grads = torch.autograd.grad(closure(), params, create_graph=True, **unused)
        return torch.autograd.grad(grads, params, vector, **unused)
''',
    "fan_in": '''
def fan_in(w):
    """The number of inputs of a parameter: all axes but the first."""
    return w.numel() // max(1, fan_out(w))
''',
    "fan_out": '''
def fan_out(w):
    """The number of outputs of a parameter: its first axis."""
    return w.shape[0] if w.ndim else 1
''',
    "other_axes": '''
def other_axes(x, keep):
    """All axes of x but those to keep."""
    kept = {axis % x.ndim for axis in (keep if isinstance(keep, tuple) else (keep,))}
    return tuple(axis for axis in range(x.ndim) if axis not in kept)
''',
    "tensor": '''
def tensor(x):
    """A number as a tensor that does not widen others; a tensor as it is."""
    return x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=torch.float64)
''',
    "divide_no_nan": '''
def divide_no_nan(x, y):
    """x / y, and 0 where y is 0."""
    x, y = tensor(x), tensor(y)
    return torch.where(y == 0, 0 * x, x / torch.where(y == 0, 1, y))
''',
    "clip": '''
def clip(x, low, high):
    """x held between two bounds, each a number or a tensor."""
    return torch.minimum(torch.maximum(tensor(x), tensor(low)), tensor(high))
''',
    "power_abs": '''
def power_abs(x, y):
    """abs(x) to the power y, and 0 where x is 0."""
    x = tensor(x)
    return torch.where(x == 0, 0, torch.where(x == 0, 1, abs(x)) ** y)
''',
    "cosine": '''
def cosine(x, y):
    """The cosine of the angle between two arrays, 0 where one of them is 0."""
    x, y = tensor(x), tensor(y)
    sizes = torch.linalg.vector_norm(x) * torch.linalg.vector_norm(y)
    return torch.where(sizes == 0, 0, torch.sum(x * y) / torch.where(sizes == 0, 1, sizes))
''',
    "wide": '''
def wide(x):
    """A parameter as a matrix with its shorter side first."""
    y = x.flatten(1).T
    return y.T if y.shape[0] >= y.shape[1] else y
''',
    "unwide": '''
def unwide(y, x):
    """Gives a wide matrix the shape of the parameter x."""
    return (y if fan_in(x) >= fan_out(x) else y.T).reshape(x.shape)
''',
    "gram": '''
def gram(x, axis):
    """The products of the slices of x along an axis with each other."""
    y = x.movedim(axis, 0).reshape(x.shape[axis], -1)
    return y @ y.T
''',
    "mode": '''
def mode(m, x, axis):
    """Multiplies x by a matrix along an axis."""
    return torch.tensordot(m, x, dims=([1], [axis])).movedim(0, axis)
''',
    "solve_along": '''
def solve_along(m, x, axis):
    """Multiplies x by the inverse of a matrix along an axis."""
    y = x.movedim(axis, 0)
    return torch.linalg.solve(m, y.flatten(1)).reshape(y.shape).movedim(0, axis)
''',
    "singular_vectors": '''
def singular_vectors(x, rank, short):
    """The left singular vectors of the largest singular values, as columns."""
    tall = x.shape[0] > x.shape[1]
    return torch.linalg.svd(x, full_matrices=tall)[0][:, : min(rank, short)]
''',
    "inverse_root": '''
def inverse_root(m, p, eps=0.0):
    """A symmetric matrix to the power -1 / p."""
    values, vectors = torch.linalg.eigh(m)
    return (vectors * (values + eps) ** (-1.0 / p)) @ vectors.T
''',
    "sorter": '''
def sorter(d):
    """The matrix that puts columns in the falling order of d."""
    flat = d.flatten()
    eye = torch.eye(flat.numel(), dtype=d.dtype, device=d.device)
    return eye[:, torch.argsort(-flat)]
''',
    "newton_schulz": '''
def newton_schulz(x, steps=5, a=3.4445, b=-4.775, c=2.0315, eps=1e-8):
    """Moves every singular value of x towards 1."""
    y = x.flatten(1)
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / (torch.linalg.vector_norm(y) + eps)
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
    y = x.flatten(1)
    tall = y.shape[0] > y.shape[1]
    y = y.T if tall else y
    y = y / torch.linalg.vector_norm(y).clamp_min(1e-7)
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
    return x / (torch.sqrt(torch.mean(x**2)) + 1e-8)
''',
}
