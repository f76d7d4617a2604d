"""One expression for all parameters: shapes that were traced as numbers get their names back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .algebra import make
from .nodes import INPUT, NUMBER, Node, close, node, number
from .values import Dims

Shape = tuple[int, ...]
W = node(INPUT, detail="w")
FEATURES: dict[str, Callable[[Shape], float]] = {
    "size": lambda shape: math.prod(shape),
    "ndim": len,
    "fan_in": lambda shape: math.prod(shape) // shape[-1],
    "fan_out": lambda shape: shape[-1],
}
AROUND: tuple[tuple[Callable[[float], float], Callable[[Node], Node]], ...] = (
    (float, lambda x: x),
    (math.sqrt, lambda x: make("sqrt", x)),
    (lambda x: 1 / x, lambda x: make("div", number(1), x)),
    (lambda x: 1 / math.sqrt(x), lambda x: make("div", number(1), make("sqrt", x))),
)


@dataclass(frozen=True)
class Leaves:
    """The shapes of the traced parameters, in the order of their numbers."""

    shapes: tuple[Shape, ...]

    @property
    def size(self) -> int:
        """The number of entries of the model."""
        return sum(map(math.prod, self.shapes))

    def reduced(
        self, op: str, one: Node, axes: tuple[int, ...], leaf: int | None, kept: Dims
    ) -> Node:
        """Returns a reduction; over all axes it has no options, else they count from the end."""
        ndim = len(self.shapes[leaf or 0])
        if len(axes) == ndim or not any(kept):
            return make(op, one)
        found = tuple(axis - ndim for axis in axes)
        return make(op, one, detail=(("axis", found[0] if len(found) == 1 else found),))

    def unified(self, each: Sequence[Node]) -> Node | None:
        """Returns what the expressions of all parameters have in common; None if they differ."""
        return _Unified(self).of(tuple(each))


class _Unified:
    """Walks the expressions of all parameters at once."""

    def __init__(self, leaves: Leaves) -> None:
        self.shapes = leaves.shapes
        self.known: dict[tuple[Node, ...], Node | None] = {}

    def of(self, each: tuple[Node, ...]) -> Node | None:
        if all(one is each[0] for one in each):
            return each[0]
        if each not in self.known:
            self.known[each] = self._found(each)
        return self.known[each]

    def _found(self, each: tuple[Node, ...]) -> Node | None:
        first = each[0]
        if all(one.op == NUMBER for one in each):
            return self.feature([float(one.detail) for one in each])  # type: ignore[arg-type]
        like = all(
            one.op == first.op and one.detail == first.detail and len(one.args) == len(first.args)
            for one in each
        )
        if not like or not first.args:
            return None
        args = [self.of(pair) for pair in zip(*(one.args for one in each), strict=True)]
        return None if None in args else make(first.op, *args, detail=first.detail)  # type: ignore

    def feature(self, values: Sequence[float]) -> Node | None:
        """Returns the property of a shape that has these values on the parameters."""
        for name, of in FEATURES.items():
            for function, written in AROUND:
                known = [function(of(shape)) for shape in self.shapes]
                if all(map(close, known, values)):
                    return written(node(name, W))
        return None
