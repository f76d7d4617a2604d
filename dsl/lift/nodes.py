"""Expressions as a graph of shared nodes: what a traced computation is read into."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

NUMBER, INPUT, STATE = "number", "input", "state"
SMALL = 2  # whole numbers up to this size are part of the formula, larger ones may be constants


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Node:
    """A primitive of nodes, a number, an input or a state; equal ones are one object.

    detail: the value of a number, the name of an input or a state, the options of a primitive.
    """

    op: str
    args: tuple[Node, ...] = ()
    detail: object = ()

    @property
    def value(self) -> float | int | None:
        """The value of a number, None of anything else."""
        return self.detail if self.op == NUMBER else None  # type: ignore[return-value]


_KNOWN: WeakValueDictionary[tuple, Node] = WeakValueDictionary()


def node(op: str, *args: Node, detail: object = ()) -> Node:
    """Returns the one node of its kind, as it stands."""
    said = "nan" if detail != detail else detail
    key = (op, *map(id, args), said, detail.__class__)
    known = _KNOWN.get(key)
    if known is None:
        known = _KNOWN[key] = Node(op, args, detail)
    return known


def number(value: float | int) -> Node:
    """Returns a number; a small whole one is an int, so that `1.0 - x` reads `1 - x`."""
    if isinstance(value, bool) or (value == int(value) if abs(value) <= SMALL else False):
        value = int(value)
    return node(NUMBER, detail=value)


def is_number(one: Node, value: float | None = None) -> bool:
    """Tells whether a node is a number, or that number."""
    return one.op == NUMBER and (value is None or one.detail == value)


def reached(roots: Iterator[Node] | tuple[Node, ...] | list[Node]) -> list[Node]:
    """Returns every node below the roots, arguments before what takes them."""
    seen: set[Node] = set()
    order: list[Node] = []
    todo = [(root, False) for root in reversed(list(roots))]
    while todo:
        one, done = todo.pop()
        if done:
            order.append(one)
        elif one not in seen:
            seen.add(one)
            todo.append((one, True))
            todo += [(arg, False) for arg in reversed(one.args)]
    return order


def rebuilt(
    roots: Mapping[str, Node],
    stand_ins: Mapping[Node, Node],
    make: Callable[..., Node],
    always: bool = False,
) -> dict[str, Node]:
    """Returns the roots with other nodes in the place of some; `make` builds what holds them, or
    always every call."""
    new: dict[Node, Node] = dict(stand_ins)
    for one in reached(list(roots.values())):
        if one not in new:
            args = tuple(new[arg] for arg in one.args)
            stays = args == one.args and not (always and args)
            new[one] = one if stays else make(one.op, *args, detail=one.detail)
    return {name: new[root] for name, root in roots.items()}


def close(a: float, b: float) -> bool:
    """Tells whether two constants are one, but for the rounding of a sum."""
    return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-13)
