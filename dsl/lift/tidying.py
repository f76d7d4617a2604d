"""What is known of states makes an expression shorter: their signs, and what they begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .algebra import NOT_BELOW_ZERO, chosen, is_step_test, make
from .nodes import INPUT, NUMBER, STATE, Node, is_number, node, number, reached, rebuilt
from .tracing import Traced

UNKNOWN, NOT_BELOW, ABOVE = range(3)  # zero
_KEEPS = frozenset({"mul", "div", "maximum", "minimum", "sum", "mean", "global_sum"})
T = node(INPUT, detail="t")
FIRST = node("eq", T, number(1))


def tidy(traced: Traced) -> Traced:
    """Returns the trace without `where` on what never happens, or on a first step that comes out
    the same from the values that states begin with."""
    signs = _signs(traced)
    begin = {node(STATE, detail=s.name): s.init for s in traced.states if s.init.op == NUMBER}

    after = [state.after for state in traced.states]

    def remade(op: str, *args: Node, detail: object = ()) -> Node:
        if op in ("gt", "ne") and is_number(args[1], 0) and signs.get(args[0]) == ABOVE:
            return number(1)
        if op in ("le", "eq", "lt") and is_number(args[1], 0) and signs.get(args[0]) == ABOVE:
            return number(0)
        if op == "where" and is_step_test(args[0]):
            return _from_first(begin, after, *args)
        return make(op, *args, detail=detail)

    old = {"": traced.update, **{s.name: s.after for s in traced.states}}
    while True:
        new = rebuilt(old, {}, remade, always=True)
        if new == old:
            states = tuple(replace(s, after=new[s.name]) for s in traced.states)
            return replace(traced, update=new[""], states=states)
        old = new


def _from_first(
    begin: Mapping[Node, Node], after: list[Node], c: Node, x: Node, y: Node
) -> Node:
    """Returns where(c, x, y), or y if it is x at the first step.

    States that are told apart by the same condition are read there as they become.
    """
    if c is FIRST:
        whole = {one.args[2]: one for one in after if one.op == "where" and one.args[0] is c}
        whole.pop(y, None)
        for other in (y, rebuilt({"": y}, whole, make)[""]):
            if _at_first(x, begin) is _at_first(other, begin):
                return other
    return make("where", c, chosen(c, x, True), chosen(c, y, False))


def _at_first(one: Node, begin: Mapping[Node, Node]) -> Node:
    return rebuilt({"": one}, {**begin, T: number(1)}, make)[""]


def _signs(traced: Traced) -> dict[Node, int]:
    """Takes the best for granted of each state and gives up what its update contradicts."""
    held = {
        node(STATE, detail=s.name): _of_number(s.init) for s in traced.states
    }  # fmt: skip
    after = {node(STATE, detail=s.name): s.after for s in traced.states}
    roots = [traced.update, *after.values()]
    while True:
        signs: dict[Node, int] = {}
        for one in reached(roots):
            signs[one] = held[one] if one in held else _sign(one, signs)
        kept = {own: min(sign, signs[after[own]]) for own, sign in held.items()}
        if kept == held:
            return signs
        held = kept


def _of_number(one: Node) -> int:
    if one.op != NUMBER:
        return UNKNOWN
    return ABOVE if one.detail > 0 else NOT_BELOW if one.detail == 0 else UNKNOWN  # type: ignore


def _sign(one: Node, signs: Mapping[Node, int]) -> int:
    if one.op == NUMBER:
        return _of_number(one)
    if one is T:
        return ABOVE
    if one.op in NOT_BELOW_ZERO:
        return NOT_BELOW
    below = [signs[arg] for arg in one.args]
    if one.op in ("add", "maximum") and min(below) >= NOT_BELOW:
        return max(below)
    if one.op == "lerp":
        return min(below[:2])
    return min(below) if one.op in _KEEPS and below else UNKNOWN
