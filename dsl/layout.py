"""A model's parameters as one flat vector, and primitives on such vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from primitives import TABLE
from primitives.core import ELEMENTWISE, LEAF, Array
from primitives.kinds import SCALAR, Kind

from .frame import spread

# The kinds of one argument on parameters of 0, 1, 2, ... axes (None on those where it is not
# read); None where it is a full array on all of them.
Form = tuple[Kind | None, ...] | None


@dataclass(frozen=True)
class Layout:
    """The shapes of a model's parameters, in the order in which they lie in the flat vector."""

    shapes: tuple[tuple[int, ...], ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of entries of each parameter."""
        return tuple(math.prod(shape) for shape in self.shapes)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Where each parameter begins in the flat vector."""
        return tuple(sum(self.sizes[:i]) for i in range(len(self.sizes)))

    @cached_property
    def spans(self) -> tuple[tuple[slice, tuple[int, ...]], ...]:
        """The place of each parameter in the flat vector, and its shape."""
        places = zip(self.offsets, self.sizes, strict=True)
        spans = (slice(start, start + size) for start, size in places)
        return tuple(zip(spans, self.shapes, strict=True))

    @cached_property
    def size(self) -> int:
        """The number of entries of the flat vector."""
        return sum(self.sizes)

    def split(self, flat: Array) -> list[Array]:
        """Returns the parameters of a flat vector, shape (size,)."""
        return [flat[span].reshape(shape) for span, shape in self.spans]

    def join(self, xp: Array, leaves: Sequence[Array]) -> Array:
        """Returns the flat vector of `leaves`; those that have lost axes are broadcast."""
        pairs = zip(leaves, self.shapes, strict=True)
        full = [spread(xp, x, shape) for x, shape in pairs]
        return xp.concatenate([leaf.reshape(-1) for leaf in full])


@dataclass(frozen=True)
class Operation:
    """One primitive as it is applied to flat vectors.

    forms: of each argument, where it is not a full array. active: the parameters that it covers,
    None for all; the others get zeros (they take another side of a shape `if`).
    """

    op: str
    options: tuple[tuple[str, object], ...] = ()
    forms: tuple[Form, ...] = ()
    active: tuple[int, ...] | None = None


def flat_meaning(operation: Operation, layout: Layout) -> Callable[..., Array]:
    """Returns f(xp, *vectors), the operation on vectors of shape (layout.size,).

    Values that have lost axes (Layer, Vector, Scalar) come and go broadcast to full vectors.
    """
    primitive = TABLE[operation.op]
    options = dict(operation.options)
    if primitive.scope == ELEMENTWISE:
        return lambda xp, *args: primitive.meaning(xp, *args, **options)
    covered = operation.active or tuple(range(len(layout.shapes)))

    def leaves_of(args: Sequence[Array]) -> list[list[Array]]:
        forms = operation.forms or (None,) * len(args)
        pieces = [layout.split(arg) for arg in args]
        return [[_narrow(pieces[k][i], forms[k]) for k in range(len(args))] for i in covered]

    def leaf_by_leaf(xp: Array, *args: Array) -> Array:
        dtype = args[0].dtype
        values = [
            xp.asarray(primitive.meaning(xp, *leaf_args, **options), dtype)
            for leaf_args in leaves_of(args)
        ]
        if operation.active is None:
            return layout.join(xp, values)
        out: list[Array] = [xp.zeros((1,) * len(shape), dtype) for shape in layout.shapes]
        for i, value in zip(covered, values, strict=True):
            out[i] = value
        return layout.join(xp, out)

    def whole_model(xp: Array, *args: Array) -> Array:
        columns = [list(column) for column in zip(*leaves_of(args), strict=True)]
        value = primitive.meaning(xp, *columns, **options)
        return xp.broadcast_to(xp.asarray(value, args[0].dtype), (layout.size,))

    return leaf_by_leaf if primitive.scope == LEAF else whole_model


def _narrow(leaf: Array, form: Form) -> Array:
    """Takes a broadcast leaf back to the kind it has: length 1 along the axes that it lost."""
    if form is None:
        return leaf
    kind = form[leaf.ndim]
    if kind is None:
        return leaf
    if kind == SCALAR:
        return leaf[(0,) * leaf.ndim]
    lost = [axis not in kind.axes for axis in range(leaf.ndim)]
    return leaf[tuple(slice(0, 1) if gone else slice(None) for gone in lost)]
