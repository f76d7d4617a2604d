"""Kinds: the shape family of a value, whatever the model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a value on a parameter with a given number of axes.

    family: "Static" (known before anything runs: a number of axes, a role), "Scalar" (one number
    for the model), "Array" (one array a parameter, of length 1 along the axes that it lost) or
    "Matrix" (one matrix a parameter, whose sides are named).
    axes: of an Array the parameter's axes that it keeps, in order; of a Matrix its two sides.
    """

    family: str
    axes: tuple = ()


STATIC = Kind("Static")
SCALAR = Kind("Scalar")
LAYER = Kind("Array", ())


def tensor(ndim: int) -> Kind:
    """Returns the kind of a full array on a parameter with `ndim` axes."""
    return Kind("Array", tuple(range(ndim)))
