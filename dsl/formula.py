"""Expressions as trees, and what one costs to write."""

from __future__ import annotations

from dataclasses import dataclass

from .polynomial import Atom, Number
from .program import Literal

# Of a call, 1 if nothing is said: of equals, the lower is chosen.
_COSTS = {"square": 0.98, "cube": 0.99, "lerp": 1.01, "sub": 1.001, "div": 1.002, "neg": 1.003}


@dataclass(frozen=True, slots=True)
class Tree:
    """An expression: a call of `op` on trees, or a leaf."""

    op: str
    args: tuple[Tree, ...] = ()
    leaf: Atom | Literal | None = None
    cost: float = 0.0


def with_number(
    number: Number, tops: list[Tree], bottoms: list[Tree]
) -> tuple[list[Tree], list[Tree]]:
    """Adds a coefficient to a fraction, below where it is 1 / 2, 1 / 3, ..."""
    value = number.value
    if not number.floating and value.numerator == 1 != value.denominator:
        return tops, [constant(number.inverse()), *bottoms]
    return [constant(number), *tops], bottoms


def fraction(tops: list[Tree], bottoms: list[Tree], scale: Tree | None = None) -> Tree:
    """Returns scale * (the product of tops / the product of bottoms)."""
    total = _multiplied(tops)
    for bottom in ([_multiplied(bottoms)] if bottoms else []):
        assert bottom is not None
        total = call("div", total or scale or leaf(Literal(1)), bottom)
        scale = scale if tops else None
    if total is None:
        return scale or leaf(Literal(1))
    return call("mul", scale, total) if scale is not None else total


def _multiplied(trees: list[Tree]) -> Tree | None:
    total = trees[0] if trees else None
    for tree in trees[1:]:
        assert total is not None
        total = call("mul", total, tree)
    return total


def _digits(number: Number) -> str:
    return f"{float(number.value):.12g}"


def literal(number: Number) -> Literal:
    """Returns a coefficient as a constant of at most twelve digits."""
    if number.value.denominator == 1 and not number.floating:
        return Literal(int(number.value))
    return Literal(float(_digits(number)))


def shorter(number: Number) -> Literal:
    """Returns a coefficient or its inverse, whichever has fewer digits."""
    one, other = literal(number), literal(number.inverse())
    return min(one, other, key=lambda held: len(repr(held.value)))


def constant(number: Number) -> Tree:
    """Returns a coefficient as a tree."""
    return leaf(literal(number))


def leaf(held: Atom) -> Tree:
    """Returns a value or a constant as a tree."""
    return Tree("", leaf=held)


def call(op: str, *args: Tree) -> Tree:
    """Returns a call on trees, with what it costs."""
    return Tree(op, args, cost=_COSTS.get(op, 1.0) + sum(arg.cost for arg in args))
