"""The kind that several kinds broadcast to, and arrays of two axes seen as matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .core import Primitive
from .kinds import CHOICE, LAYER, ROLE, SCALAR, SHAPE, STATIC, TEXT, Kind, interned, tensor
from .wording import KindError, axes_word, described, guard

Options = dict[str, Any]
Rule = Callable[[Primitive, tuple[Kind, ...], Options, int], Kind]

_NO_NUMBERS = (TEXT, ROLE, CHOICE)


def join(kinds: Iterable[Kind], name: str, ndim: int) -> Kind:
    """Returns the kind that the kinds broadcast to. Raises KindError if they do not."""
    result = STATIC
    for kind in kinds:
        if kind in _NO_NUMBERS:
            raise KindError(f"{name} takes numbers, not {described(kind, ndim)}.")
        result = result if kind is result else _joined(result, kind, name, ndim)
    return result


def _joined(a: Kind, b: Kind, name: str, ndim: int) -> Kind:
    if "Matrix" in (a.family, b.family):
        return _joined_matrices(as_matrix(a, ndim), as_matrix(b, ndim), name, ndim)
    if "Array" in (a.family, b.family):
        kept = set(_axes(a)) | set(_axes(b))
        return interned("Array", tuple(i for i in range(ndim) if i in kept))
    if SCALAR in (a, b):
        return LAYER if SHAPE in (a, b) else SCALAR
    return SHAPE if SHAPE in (a, b) else STATIC


def _axes(kind: Kind) -> tuple:
    return kind.axes if kind.family == "Array" else ()


def _joined_matrices(a: Kind, b: Kind, name: str, ndim: int) -> Kind:
    for one, other in ((a, b), (b, a)):
        if one.family in ("Scalar", "Static"):
            return other
    if a.family != "Matrix" or b.family != "Matrix":
        raise KindError(f"{name} cannot join {described(a, ndim)} with {described(b, ndim)}.")
    sides = []
    for i, j in zip(a.axes, b.axes, strict=True):
        if i != j and None not in (i, j):
            raise KindError(f"{name} cannot join {described(a, ndim)} with {described(b, ndim)}.")
        sides.append(j if i is None else i)
    return matrix_kind(tuple(sides), ndim)


def as_matrix(kind: Kind, ndim: int) -> Kind:
    """Reads an array of a parameter with two axes as a matrix."""
    if kind.family != "Array" or ndim != 2:
        return kind
    return Kind("Matrix", tuple(axis if axis in kind.axes else None for axis in (0, 1)))


def matrix_kind(sides: tuple, ndim: int) -> Kind:
    """A matrix over the two axes of a parameter, in their order, is an array of it."""
    if ndim == 2 and sides in ((0, 1), (0, None), (None, 1), (None, None)):
        return interned("Array", tuple(side for side in sides if side is not None))
    return interned("Matrix", sides)


def needs_tensor(op: Primitive, kind: Kind, ndim: int, axes: int) -> None:
    """Raises KindError unless the kind is a full array on a parameter with `axes` axes or more."""
    if ndim < axes:
        raise KindError(
            f"{op.name} takes parameters with 2 axes or more, not with {axes_word(ndim)}: "
            + guard(axes - 1)
        )
    if kind is not tensor(ndim):
        raise KindError(f"{op.name} takes a Tensor, not {described(kind, ndim)}.")
