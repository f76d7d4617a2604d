"""Reads the operations of a jaxpr that move, add, drop or reduce axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from .algebra import make
from .nodes import number
from .unify import Leaves
from .values import PLACE, LiftError, Parts, Value


class Reader(Protocol):
    """What reads the equations around this one."""

    leaves: Leaves

    def elementwise(self, op: str, args: list[Any]) -> Any: ...

    def complete(self, join: str, terms: dict[int, Any]) -> Any: ...


Read = Callable[[Any, Any, list[Any]], list[Any]]  # of a reader, an equation, its arguments


def _broadcast(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    (x,) = args
    if isinstance(x, Parts):
        return [x]
    dims: list[tuple[int, ...]] = [()] * len(equation.params["shape"])
    for place, entry in zip(equation.params["broadcast_dimensions"], x.dims, strict=True):
        dims[place] = entry
    return [Value(x.node, tuple(dims), x.leaf)]


def _squeeze(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    (x,) = args
    if isinstance(x, Parts):
        return [x]
    gone = equation.params["dimensions"]
    return [Value(x.node, tuple(d for i, d in enumerate(x.dims) if i not in gone), x.leaf)]


def _reshape(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    """Adds and drops axes of length 1, makes one axis of several, or several of one again."""
    (x,) = args
    if isinstance(x, Parts):
        return [x]
    old, new = equation.invars[0].aval.shape, equation.outvars[0].aval.shape
    kept = [(length, dims) for length, dims in zip(old, x.dims, strict=True) if length != 1]
    wanted = [length for length in new if length != 1]
    if [length for length, _ in kept] == wanted:
        found = [dims for _, dims in kept]
    elif len(wanted) == 1:
        found = [tuple(axis for _, dims in kept for axis in dims)]
    elif len(kept) == 1 and len(wanted) == len(kept[0][1]):
        found = [(axis,) for axis in kept[0][1]]
    else:
        raise LiftError(f"It takes the axes of a parameter apart{PLACE}")
    rest = iter(found)
    return [Value(x.node, tuple(() if n == 1 else next(rest) for n in new), x.leaf)]


def _transposed(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    (x,) = args
    return [Value(x.node, tuple(x.dims[i] for i in equation.params["permutation"]), x.leaf)]


def _reduction(op: str) -> Read:
    def read(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
        (x,) = args
        if isinstance(x, Parts):
            raise LiftError(f"It reduces numbers of some parameters{PLACE}")
        gone = equation.params["axes"]
        kept = tuple(d for i, d in enumerate(x.dims) if i not in gone)
        axes = sorted(axis for i in gone for axis in x.dims[i])
        repeats = [equation.invars[0].aval.shape[i] for i in gone if not x.dims[i]]
        one = x.node
        if axes:
            one = reader.leaves.reduced(op, one, tuple(axes), x.leaf, kept)
        if op == "sum" and np.prod(repeats) != 1:
            one = make("mul", number(int(np.prod(repeats))), one)
        return [Value(one, kept, x.leaf)]

    return read


def _product(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    """Reads the inner product of two arrays that lie alike; no other product of matrices."""
    x, y = args
    (left, right), batch = equation.params["dimension_numbers"]
    whole = not any(batch) and len(left) == len(x.dims) and len(right) == len(y.dims)
    if not whole or [x.dims[i] for i in left] != [y.dims[i] for i in right]:
        raise LiftError(f"It multiplies matrices, which lifting does not read yet{PLACE}")
    product = reader.elementwise("mul", [x, y])
    axes = tuple(sorted(axis for dims in product.dims for axis in dims))
    one = product.node
    if axes:
        one = reader.leaves.reduced("sum", one, axes, product.leaf, ())
    return [Value(one, (), product.leaf)]


def _concatenated(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    raise LiftError(f"It joins the arrays of parameters end to end{PLACE}")


AXES: dict[str, Read] = {
    "broadcast_in_dim": _broadcast, "squeeze": _squeeze, "reshape": _reshape,
    "expand_dims": _reshape, "transpose": _transposed, "reduce_sum": _reduction("sum"),
    "reduce_max": _reduction("max"), "reduce_min": _reduction("min"),
    "reduce_and": _reduction("min"), "reduce_or": _reduction("max"), "dot_general": _product,
    "concatenate": _concatenated,
}  # fmt: skip
