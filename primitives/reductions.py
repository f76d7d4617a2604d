"""Primitives that take an array to fewer axes, or the whole model to one number."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType

from .core import LEAF, MODEL, Array, Primitive

Axes = int | tuple[int, ...] | None


def reduced_axes(ndim: int, axis: Axes = None, keep: Axes = None) -> tuple[int, ...]:
    """Returns the axes that a reduction drops: those of `axis`, or all but those of `keep`.

    Raises IndexError(n) for an axis n that does not exist.
    """
    if axis is not None:
        return _existing(ndim, axis)
    kept = () if keep is None else _existing(ndim, keep)
    return tuple(i for i in range(ndim) if i not in kept)


def _existing(ndim: int, axes: int | tuple[int, ...]) -> tuple[int, ...]:
    wanted = axes if isinstance(axes, tuple) else (axes,)
    for axis in wanted:
        if not -ndim <= axis < ndim:
            raise IndexError(axis)
    return tuple(sorted({axis % ndim for axis in wanted}))


def _reduction(reduce: Callable[[ModuleType, Array, tuple[int, ...]], Array]) -> Callable:
    """Makes the meaning of a reduction of one array; reduced axes keep length 1."""

    def meaning(xp: ModuleType, x: Array, *, axis: Axes = None, keep: Axes = None) -> Array:
        return reduce(xp, x, reduced_axes(xp.ndim(x), axis, keep))

    return meaning


def _sum(xp: ModuleType, x: Array, axes: tuple[int, ...]) -> Array:
    return xp.asarray(x).sum(axis=axes, keepdims=True)


def _mean(xp: ModuleType, x: Array, axes: tuple[int, ...]) -> Array:
    return xp.asarray(x).mean(axis=axes, keepdims=True)


def _norm(xp: ModuleType, x: Array, axes: tuple[int, ...]) -> Array:
    return xp.sqrt(_sum(xp, xp.square(x), axes))


def _rms(xp: ModuleType, x: Array, axes: tuple[int, ...]) -> Array:
    return xp.sqrt(_mean(xp, xp.square(x), axes))


def _dot(
    xp: ModuleType, x: Array, y: Array, *, axis: Axes = None, keep: Axes = None
) -> Array:
    product = x * y
    return _sum(xp, product, reduced_axes(xp.ndim(product), axis, keep))


def _quantile(
    xp: ModuleType, x: Array, q: Array, *, axis: Axes = None, keep: Axes = None
) -> Array:
    """The entry below which a share q of the entries lies, interpolated; q is held in 0 to 1."""
    axes = reduced_axes(xp.ndim(x), axis, keep)
    q = xp.reshape(xp.where(q > 0, xp.minimum(q, 1), 0), ())
    return xp.quantile(x, q, axis=axes, keepdims=True) if axes else x


def _cosine(xp: ModuleType, x: Array, y: Array) -> Array:
    """The cosine of the angle between two arrays, and 0 where one of them is 0."""
    sizes = xp.sqrt(_dot(xp, x, x)) * xp.sqrt(_dot(xp, y, y))
    return xp.where(sizes == 0, 0, _dot(xp, x, y) / xp.where(sizes == 0, 1, sizes))


def _fan_out(xp: ModuleType, x: Array, *, out: int = -1) -> int:
    return xp.shape(x)[out] if xp.ndim(x) else 1


def _fan_in(xp: ModuleType, x: Array, *, out: int = -1) -> int:
    return math.prod(xp.shape(x)) // max(1, _fan_out(xp, x, out=out))


def _role(xp: ModuleType, x: Array, *, role: str = "") -> str:
    del xp, x
    return role


def _total(xp: ModuleType, x: Sequence[Array]) -> Array:
    return sum(xp.sum(leaf) for leaf in x)


def _global_mean(xp: ModuleType, x: Sequence[Array]) -> Array:
    return _total(xp, x) / sum(xp.size(leaf) for leaf in x)


def _global_norm(xp: ModuleType, x: Sequence[Array]) -> Array:
    return xp.sqrt(_total(xp, [xp.square(leaf) for leaf in x]))


def _global_rms(xp: ModuleType, x: Sequence[Array]) -> Array:
    return xp.sqrt(_global_mean(xp, [xp.square(leaf) for leaf in x]))


def _global_dot(xp: ModuleType, x: Sequence[Array], y: Sequence[Array]) -> Array:
    return _total(xp, [a * b for a, b in zip(x, y, strict=True)])


def _extreme(name: str, pick: str) -> Callable[..., Array]:
    def meaning(xp: ModuleType, x: Sequence[Array]) -> Array:
        leaves = [getattr(xp, name)(leaf) for leaf in x]
        return _folded(getattr(xp, pick), leaves)

    return meaning


def _folded(function: Callable[[Array, Array], Array], values: list[Array]) -> Array:
    result = values[0]
    for value in values[1:]:
        result = function(result, value)
    return result


def _leaf(name: str, meaning: Callable[..., Array], doc: str, flops: float = 1.0) -> Primitive:
    return Primitive(
        name, meaning, 1, LEAF, "reduce", options=("axis", "keep"), flops=flops, doc=doc
    )


def _static(
    name: str,
    meaning: Callable[..., Array],
    doc: str,
    arity: int = 1,
    context: tuple[str, ...] = (),
) -> Primitive:
    return Primitive(name, meaning, arity, LEAF, "shape", context=context, flops=0.0, doc=doc)


def _model(
    name: str, meaning: Callable[..., Array], doc: str, arity: int = 1, flops: float = 1.0
) -> Primitive:
    return Primitive(
        name, meaning, arity, MODEL, "scalar", commutative=arity == 2, flops=flops, doc=doc
    )


_PLACES = " over a parameter, or over axis=, or over all but keep=."

OF_A_PARAMETER = (
    _leaf("sum", _reduction(_sum), "The sum" + _PLACES),
    _leaf("mean", _reduction(_mean), "The mean" + _PLACES),
    _leaf(
        "max",
        _reduction(lambda xp, x, axes: xp.max(x, axis=axes, keepdims=True)),
        "The largest entry" + _PLACES,
    ),
    _leaf(
        "min",
        _reduction(lambda xp, x, axes: xp.min(x, axis=axes, keepdims=True)),
        "The smallest entry" + _PLACES,
    ),
    _leaf("norm", _reduction(_norm), "The root of the sum of squares" + _PLACES, 2.0),
    _leaf("rms", _reduction(_rms), "The root of the mean of squares" + _PLACES, 2.0),
    Primitive(
        "dot", _dot, 2, LEAF, "reduce", options=("axis", "keep"), commutative=True, flops=2.0,
        doc="The sum of x * y" + _PLACES,
    ),
    Primitive(
        "quantile", _quantile, 2, LEAF, "quantile", options=("axis", "keep"), flops=30.0,
        doc="The entry that a share y of the entries of x is below" + _PLACES,
    ),
    Primitive(
        "cosine", _cosine, 2, LEAF, "reduce", commutative=True, flops=6.0,
        doc="The cosine of the angle between x and y over a parameter, and 0 where one is 0.",
    ),
)

OF_A_SHAPE = (
    _static("ndim", lambda xp, x: xp.ndim(x), "The number of axes of a parameter."),
    _static("size", lambda xp, x: math.prod(xp.shape(x)), "The number of entries of a parameter."),
    _static("shape", lambda xp, x, axis: xp.shape(x)[axis], "The length of one axis.", 2),
    _static("fan_in", _fan_in, "The rows of matrix(x): inputs of a parameter.", context=("out",)),
    _static(
        "fan_out", _fan_out, "The columns of matrix(x): outputs of a parameter.", context=("out",)
    ),
    _static("role", _role, 'What a parameter is: "embedding", "head", ...; "" when not told.',
            context=("role",)),
)

OF_THE_MODEL = (
    _model("global_sum", _total, "The sum over the whole model."),
    _model("global_mean", _global_mean, "The mean over all entries; of a Layer, over parameters."),
    _model("global_norm", _global_norm, "The root of the sum of all squares.", flops=2.0),
    _model("global_rms", _global_rms, "The root of the mean of all squares.", flops=2.0),
    _model("global_dot", _global_dot, "The sum of x * y over the whole model.", 2, 2.0),
    _model("global_max", _extreme("max", "maximum"), "The largest entry of the model."),
    _model("global_min", _extreme("min", "minimum"), "The smallest entry of the model."),
)

PRIMITIVES = OF_A_PARAMETER + OF_A_SHAPE + OF_THE_MODEL
