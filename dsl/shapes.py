"""The shapes of values and states on one parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from primitives import TABLE, rules
from primitives.kinds import UpTo
from primitives.reductions import reduced_axes

from .errors import ProgramError
from .program import Call, State

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Leaf:
    """What is known of a parameter before anything runs. `out` is its output axis."""

    shape: Shape
    role: str = ""
    out: int = -1

    @property
    def matrix(self) -> Shape:
        """The fan-in and the fan-out of a parameter with two axes or more."""
        cols = self.shape[self.out]
        return int(np.prod(self.shape)) // cols, cols

    @property
    def short(self) -> int:
        """The shorter side of a parameter as a matrix, 0 if it has less than two axes."""
        return min(self.matrix) if len(self.shape) > 1 else 0


def _same(leaf: Leaf, call: Call, shapes: Sequence[Shape]) -> Shape:
    del leaf, call
    return shapes[0]


def _reduced(leaf: Leaf, call: Call, shapes: Sequence[Shape]) -> Shape:
    del leaf
    shape = np.broadcast_shapes(*shapes)
    try:
        gone = reduced_axes(len(shape), **dict(call.options))  # type: ignore[arg-type]
    except IndexError as error:
        raise missing_axis(error.args[0], len(shape)) from None
    return tuple(1 if axis in gone else length for axis, length in enumerate(shape))


def missing_axis(axis: object, ndim: int) -> ProgramError:
    """Returns the error for an axis that a parameter with `ndim` axes does not have."""
    return ProgramError(rules.missing_axis(axis, ndim))


def _view(leaf: Leaf, call: Call, shapes: Sequence[Shape]) -> Shape:
    shape = shapes[0]
    if len(shape) < 2:
        raise missing_axis(1, len(shape))
    rows, cols = leaf.matrix
    return (rows, cols) if call.op == "matrix" else (min(rows, cols), max(rows, cols))


def _product(leaf: Leaf, call: Call, shapes: Sequence[Shape]) -> Shape:
    del leaf, call
    left, right = shapes
    if len(left) != 2 or len(right) != 2 or left[1] != right[0]:
        raise ProgramError(f"expected matrices that fit at @, not shapes {left} and {right}")
    return left[0], right[1]


def _orthogonal(leaf: Leaf, call: Call, shapes: Sequence[Shape]) -> Shape:
    del leaf, call
    if len(shapes[0]) < 2:
        raise missing_axis(1, len(shapes[0]))
    return shapes[0]


def _leading(leaf: Leaf, call: Call, shapes: Sequence[Shape]) -> Shape:
    return shapes[0][0], min(leaf.short, dict(call.options)["rank"])  # type: ignore[type-var]


def _gram(leaf: Leaf, call: Call, shapes: Sequence[Shape]) -> Shape:
    del leaf
    axis = dict(call.options)["axis"]
    if not -len(shapes[0]) <= axis < len(shapes[0]):  # type: ignore[operator]
        raise missing_axis(axis, len(shapes[0]))
    return (shapes[0][axis],) * 2  # type: ignore[index]


SHAPES: dict[str, Callable[[Leaf, Call, Sequence[Shape]], Shape]] = {
    "reduce": _reduced,
    "quantile": lambda leaf, call, shapes: _reduced(leaf, call, shapes[:1]),
    "view": _view,
    "unview": lambda leaf, call, shapes: shapes[1],
    "matmul": _product,
    "transpose": lambda leaf, call, shapes: shapes[0][::-1],
    "orthogonal": _orthogonal,
    "gram": _gram,
    "mode": lambda leaf, call, shapes: shapes[1],
    "leading": _leading,
    "sorter": lambda leaf, call, shapes: (max(shapes[0]),) * 2,
}


def result_shape(call: Call, leaf: Leaf, shapes: Sequence[Shape]) -> Shape:
    """Returns the shape of what a primitive makes of one parameter's arrays of the given shapes."""
    return SHAPES.get(TABLE[call.op].result, _same)(leaf, call, shapes)


def state_shape(state: State, leaf: Leaf) -> Shape | None:
    """Returns the shape of a state on a parameter, None where the parameter lacks an axis of it."""
    ndim = len(leaf.shape)
    match state.declared.kind:
        case "Tensor":
            return leaf.shape
        case "Scalar":
            return ()
        case "Layer":
            return (1,) * ndim
        case "Vector":
            kept = _kept_axes(state.declared.index, leaf)
            if kept is None:
                return None
            return tuple(leaf.shape[axis] if axis in kept else 1 for axis in range(ndim))
        case "Matrix":
            sides = [_side(entry, leaf) for entry in state.declared.index]
            return None if None in sides else tuple(sides)  # type: ignore[arg-type]
    raise ProgramError(f"a state of kind {state.declared.kind} cannot be run yet")


def _side(entry: int | str | UpTo, leaf: Leaf) -> int | None:
    """Returns the length of a side of a Matrix, None where the parameter lacks it."""
    ndim = len(leaf.shape)
    if isinstance(entry, int):
        return leaf.shape[entry] if -ndim <= entry < ndim else None
    if ndim < 2:
        return None
    if isinstance(entry, UpTo):
        return min(entry.count, leaf.short)
    rows, cols = leaf.matrix
    return {"rows": rows, "cols": cols, "short": min(rows, cols), "long": max(rows, cols)}[entry]


def _kept_axes(index: tuple, leaf: Leaf) -> set[int] | None:
    ndim = len(leaf.shape)
    kept: set[int] = set()
    for item in index:
        if isinstance(item, tuple):
            kept.update(range(ndim)[slice(*item)])
            continue
        axis = leaf.out if item == "out" else item
        if not -ndim <= axis < ndim:
            return None
        kept.add(axis % ndim)
    return kept


def lacking_axis(index: tuple, ndim: int) -> object:
    """Returns the first axis of a declaration that a parameter with `ndim` axes does not have."""
    return next(item for item in index if isinstance(item, int) and not -ndim <= item < ndim)
