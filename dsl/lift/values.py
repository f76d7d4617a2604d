"""What an array of a traced computation is: an expression, whose it is, and along which axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ProgramError
from .nodes import Node, number

Dims = tuple[tuple[int, ...], ...]
# How numbers of single parameters are joined into one number of the model.
JOINS = {
    "add": "global_sum", "maximum": "global_max", "minimum": "global_min",
    "logical_and": "global_min", "logical_or": "global_max",
}  # fmt: skip


PLACE = " (%s)."  # stands for where an operation came from, until that is known


class LiftError(ProgramError):
    """A transformation cannot be written as a program; one sentence says what stops it."""


@dataclass(frozen=True)
class Value:
    """One array.

    dims: for each axis of the array, the axes of the parameter that lie along it; none for an axis
    of length 1 or along which nothing changes. leaf: the parameter that it belongs to, None for a
    value of the model.
    """

    node: Node
    dims: Dims = ()
    leaf: int | None = None


@dataclass(frozen=True)
class Parts:
    """Numbers of several parameters on the way to one of the model: some terms of a sum."""

    join: str
    terms: dict[int, Node]


def constant(value: float | int, ndim: int = 0) -> Value:
    """Returns a number, the same in every entry of an array."""
    return Value(number(value), ((),) * ndim)


def joined_dims(values: Sequence[Value]) -> Dims:
    """Returns the axes of what the values broadcast to. Raises LiftError if they do not match."""
    arrays = [value for value in values if value.dims]
    found: list[tuple[int, ...]] = []
    for entries in zip(*(value.dims for value in arrays), strict=True):
        axes = {entry for entry in entries if entry}
        if len(axes) > 1:
            raise LiftError(
                "This transformation puts axes of a parameter beside other axes of it, which the"
                " language does with matrices alone."
            )
        found.append(axes.pop() if axes else ())
    return tuple(found)


def owner(values: Sequence[Value]) -> set[int]:
    """Returns the parameters that the values belong to."""
    return {value.leaf for value in values if value.leaf is not None}
