"""Kinds: the shape family of a value, whatever the model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class UpTo:
    """A side with a length of its own, cut to the shorter side of the parameter as a matrix."""

    count: int

    def __str__(self) -> str:
        return f"up_to({self.count})"


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a value on a parameter with a given number of axes.

    family: "Static" (known before anything runs: a number of axes, a role), "Scalar" (one number
    for the model), "Array" (one array a parameter, of length 1 along the axes that it lost),
    "Matrix" (one matrix a parameter, whose sides are named; None is a side of length 1) or
    "Missing" (a state that needs an axis that the parameter lacks).
    axes: of an Array the parameter's axes that it keeps, in order; of a Matrix its two sides; of
    a Missing state the axis; of a Static value "shape" if parameters differ in it, "text" or
    "choice" (True, False) if it is no number.
    """

    family: str
    axes: tuple = ()


@cache
def interned(family: str, axes: tuple = ()) -> Kind:
    """Returns the one object of a kind, so that kinds may be compared and looked up by identity."""
    return Kind(family, axes)


STATIC = interned("Static")
SHAPE = interned("Static", ("shape",))
TEXT = interned("Static", ("text",))
CHOICE = interned("Static", ("choice",))
ROLE = interned("Static", ("shape", "text"))
SCALAR = interned("Scalar")
LAYER = interned("Array", ())


@cache
def tensor(ndim: int) -> Kind:
    """Returns the kind of a full array on a parameter with `ndim` axes."""
    return interned("Array", tuple(range(ndim)))
