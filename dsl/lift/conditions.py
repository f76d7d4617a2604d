"""Rewrites of `where` and of comparisons: few conditions stay."""

from __future__ import annotations

import numpy as np

from .calls import NOT_BELOW_ZERO, REDUCTIONS, REWRITES, Rewrite, is_whole, make
from .nodes import Node, is_number, node, number, reached, rebuilt

OPPOSITE = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}
TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
# Thresholds below which optax takes a divisor for 0.
NOTHING = (0, float(np.finfo(np.float64).eps), float(np.finfo(np.float64).tiny))


def _where(c: Node, x: Node, y: Node) -> Node | None:
    if c.op in ("logical_not", "ne") and not is_nan_test(c):
        return make("where", make("logical_not", c), y, x)
    if not is_step_test(c):
        x, y = chosen(c, x, True), chosen(c, y, False)
    if x is y or is_number(c):
        return x if x is y or c.detail else y
    if is_nan_test(c):  # the rules are finite, but for 0 / 0
        return node("divide_no_nan", *y.args) if _is_quotient(c, y) and is_number(x, 0) else y
    if is_number(x, 1) and is_number(y, 0) and c.op in (*TURNED, "isfinite"):
        return c
    if c.op == "logical_or" and all(_is_zero_test(one) for one in c.args):
        above = [node("gt", *one.args) for one in c.args]
        return make("where", node("logical_and", *above), y, x)
    for shorter in (_as_extreme, _as_factor, _as_quotient, _guarded):
        found = shorter(c, x, y)
        if found is not None:
            return found
    return node("where", c, x, y)


def is_nan_test(c: Node) -> bool:
    """Tells whether a condition holds where there is no number: x != x."""
    if c.op == "logical_or":
        return all(map(is_nan_test, c.args))
    return c.op == "ne" and c.args[0] is c.args[1]


def _is_quotient(c: Node, y: Node) -> bool:
    return y.op == "div" and y in c.args


def is_step_test(c: Node) -> bool:
    """Tells whether a condition compares the number of the step with a number."""
    return c.op == "eq" and is_number(c.args[1]) and c.args[0].op in ("state", "input", "sub")


def _is_zero_test(c: Node) -> bool:
    return c.op == "eq" and is_number(c.args[1], 0) and c.args[0].op in NOT_BELOW_ZERO


def _is_above_zero_test(c: Node) -> bool:
    return c.op == "gt" and is_number(c.args[1], 0)


def _guarded(c: Node, x: Node, y: Node) -> Node | None:
    """Writes a quotient that is used only where it does not divide by 0 as one that cannot."""
    if x.op != "div" or c.op != "logical_and" or not all(map(_is_above_zero_test, c.args)):
        return None
    below = x.args[1].args if x.args[1].op == "add" else x.args[1:]
    if any(one.args[0] in below for one in c.args):
        return node("where", c, node("divide_no_nan", *x.args), y)
    return None


def _as_quotient(c: Node, x: Node, y: Node) -> Node | None:
    """Reads where(d <= tiny, 0, f(n / d)), with f(0) = 0, as f(divide_no_nan(n, d))."""
    if c.op not in ("le", "eq") or not is_number(x, 0) or c.args[1].value not in NOTHING:
        return None
    quotients = [x for x in reached([y]) if x.op == "div" and x.args[1] is c.args[0]]
    quotient = quotients[0] if quotients else None
    if quotient is None or rebuilt({"": y}, {quotient: number(0)}, make)[""] is not number(0):
        return None
    return rebuilt({"": y}, {quotient: node("divide_no_nan", *quotient.args)}, make)[""]


def _as_factor(c: Node, x: Node, y: Node) -> Node | None:
    """Reads where(n < bound, x, bound * x / n) as x * min(bound / n, 1)."""
    if c.op not in ("lt", "le") or c.args[0].op not in NOT_BELOW_ZERO:
        return None
    n, bound = c.args
    if y is not make("mul", bound, make("div", x, n)):
        return None
    return make("mul", x, node("minimum", make("div", bound, n), number(1)))


def _as_extreme(c: Node, x: Node, y: Node) -> Node | None:
    """Reads where(x > y, x, y) as max(x, y), and where(x == y, y, x) as x."""
    if c.op == "eq" and {x, y} == set(c.args):
        return y
    if c.op not in ("lt", "le", "gt", "ge") or {x, y} != set(c.args):
        return None
    larger = (c.op in ("gt", "ge")) == (c.args == (x, y))
    return make("maximum" if larger else "minimum", x, y)


def chosen(c: Node, x: Node, truth: bool) -> Node:
    """Returns what x is where c is true, or false: a `where` on c inside it goes.

    Below a reduction only a number for the layer or the model says the same everywhere.
    """
    known: dict[Node, Node] = {}

    def found(one: Node) -> Node:
        if one.op == "where" and one.args[0] is c:
            return within(one.args[1 if truth else 2])
        reduces = one.op in REDUCTIONS or one.op.startswith("global_")
        if not one.args or (reduces and not is_whole(c)):
            return one
        args = tuple(map(within, one.args))
        return one if args == one.args else make(one.op, *args, detail=one.detail)

    def within(one: Node) -> Node:
        if one not in known:
            known[one] = found(one)
        return known[one]

    return within(x)


def _compared(op: str) -> Rewrite:
    def rewrite(x: Node, y: Node) -> Node | None:
        if is_number(x) and not is_number(y):
            return make(TURNED[op], y, x)
        if y.value in (np.inf, -np.inf) and op == "eq":
            return number(0)
        if is_number(y) and x.op == "sub" and x.args[0].detail == "t" and is_number(x.args[1]):
            return make(op, x.args[0], number(y.detail + x.args[1].detail))  # type: ignore
        if op == "gt" and x.detail == "t" and is_number(y, 1):
            return node("ne", x, y)
        if is_number(y, 0) and x.op == "sub":
            return make(op, *x.args)
        if op == "le" and is_number(y, 0) and x.op in NOT_BELOW_ZERO:
            return make("eq", x, y)
        if op == "eq" and is_number(y, 0) and x.op == "maximum" and _is_above_zero(x.args[1]):
            return number(0)
        return None

    return rewrite


def _is_above_zero(x: Node) -> bool:
    return is_number(x) and x.detail > 0  # type: ignore[operator]


def _logical_or(x: Node, y: Node) -> Node | None:
    if is_number(x, 0) or is_number(y, 0):
        return y if is_number(x, 0) else x
    return x if x is y else None


def _logical_not(x: Node) -> Node | None:
    if x.op in OPPOSITE:
        return node(OPPOSITE[x.op], *x.args)
    return x.args[0] if x.op == "logical_not" else None


REWRITES |= {
    "where": _where, "logical_not": _logical_not, "logical_or": _logical_or,
    **{op: _compared(op) for op in TURNED},
}  # fmt: skip
