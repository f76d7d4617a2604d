"""Finds the number of the step and the learning rate in what was traced, and turns it to descent.

optax adds its update and counts steps from 0; a program takes its update away and counts from 1.
The learning rate of a finished transformation is the outermost factor, a number above 0 or a
function of the step, to which the update is proportional, states of the update's own size included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import jax.numpy as jnp

from primitives import TABLE

from ..program import Declared
from .algebra import is_whole, make
from .nodes import INPUT, NUMBER, STATE, Node, close, is_number, node, number, reached, rebuilt
from .tracing import RATES, Traced, TracedState

T, LR = node(INPUT, detail="t"), node(INPUT, detail="lr")
HYPER = "hyperparameter"
OURS = {"b1": "beta1", "b2": "beta2", "b3": "beta3", "step_size": "scale"}  # names of ours


def counted(traced: Traced) -> tuple[Traced, Node | None]:
    """Returns the trace with `t` in the place of states that count steps, and with the numbers that
    a state only carries (optax.inject_hyperparams) as hyperparameters; and the learning rate, if it
    is one of them."""
    stand_ins: dict[Node, Node] = {}
    rate: Node | None = None
    for state in traced.states:
        own = node(STATE, detail=state.name)
        if state.declared != Declared("Scalar") or state.init.op != NUMBER:
            continue
        if is_number(state.after):  # a number from the second step on
            then = state.init, state.after
            stand_ins[own] = make("where", make("eq", T, number(1)), *then)
        elif state.after is make("add", own, number(1)):
            stand_ins[own] = make("sub", T, number(1 - state.init.detail))  # type: ignore
        elif state.after is own and state.name in RATES:
            stand_ins[own], rate = LR, state.init
        elif state.after is own:
            held = OURS.get(state.name, state.name), float(state.init.detail)  # type: ignore
            stand_ins[own] = node(HYPER, detail=held)
    return with_stand_ins(traced, stand_ins), rate


def with_stand_ins(traced: Traced, stand_ins: dict[Node, Node]) -> Traced:
    """Returns the trace with other nodes in the place of some; states that are replaced go."""
    kept = [s for s in traced.states if node(STATE, detail=s.name) not in stand_ins]
    new = rebuilt({"": traced.update, **{s.name: s.after for s in kept}}, stand_ins, make)
    states = tuple(replace(state, after=new[state.name]) for state in kept)
    return replace(traced, update=new[""], states=states)


def descending(traced: Traced) -> Traced:
    """Returns the trace of what is taken away from the parameters; states change their sign where
    that leaves fewer signs."""
    best = replace(traced, update=negated(traced.update) or make("neg", traced.update))
    for state in traced.states:
        own = node(STATE, detail=state.name)
        if not is_number(state.init, 0) or state.declared == Declared("Scalar"):
            continue
        turned = rebuilt(
            {"": best.update, **{s.name: s.after for s in best.states}},
            {own: node("neg", own)}, make,
        )  # fmt: skip
        turned[state.name] = negated(turned[state.name]) or make("neg", turned[state.name])
        states = tuple(replace(s, after=turned[s.name]) for s in best.states)
        other = replace(best, update=turned[""], states=states)
        best = min(best, other, key=_signs)
    same = [state.after for state in best.states if alike(state.after, best.update)]
    return replace(best, update=same[0]) if same else best


def alike(x: Node, y: Node) -> bool:
    """Tells whether two values differ at most in the order of sums and products."""
    if x is y:
        return True
    if (x.op, x.detail, len(x.args)) != (y.op, y.detail, len(y.args)) or not x.args:
        return False
    if all(map(alike, x.args, y.args)):
        return True
    return x.op in ("add", "mul") and all(map(alike, x.args, y.args[::-1]))


def _signs(traced: Traced) -> int:
    roots = [traced.update, *(state.after for state in traced.states)]
    return sum(one.op in ("neg", "sub") or _is_negative(one) for one in reached(roots))


def _is_negative(one: Node) -> bool:
    return one.op == "mul" and (one.args[0].value or 0) < 0


def negated(one: Node) -> Node | None:
    """Returns -x where that takes no more signs than x, else None."""
    if one.op == "neg":
        return one.args[0]
    if one.op == NUMBER:
        return number(-one.detail) if one.detail <= 0 else None  # type: ignore[operator]
    if one.op == "sub":
        return make("sub", one.args[1], one.args[0])
    if one.op not in ("mul", "div", "add", "where"):
        return None
    if one.op == "where":
        sides = [negated(side) for side in one.args[1:]]
        return None if None in sides else make("where", one.args[0], *sides)  # type: ignore
    first, second = (negated(arg) for arg in one.args)
    if one.op == "add":
        if first is None and second is None:
            return None
        return make("sub", first, one.args[1]) if first else make("sub", second, one.args[0])  # type: ignore
    if first is not None:
        return make(one.op, first, one.args[1])
    return None if second is None else make(one.op, one.args[0], second)


def rated(traced: Traced) -> tuple[Traced, Node | None]:
    """Returns the trace that reads `lr`, and what its learning rate was; None if none is found."""
    if any(one is LR for one in reached([traced.update, *(s.after for s in traced.states)])):
        return traced, None
    below = reached([traced.update, *(state.after for state in traced.states)])
    for candidate in sorted(_candidates(traced.update), key=partial(_is_share, below)):
        found = _Scaled(candidate, traced.states)
        if found.proportional(traced.update) and found.states_agree():
            stand_ins = {one: make("mul", LR, _other(one, candidate)) for one in found.products}
            return with_stand_ins(traced, stand_ins), candidate
    return traced, None


def _candidates(one: Node) -> Iterator[Node]:
    """Yields factors of the update that may be its learning rate, the outermost first."""
    todo = [one]
    while todo:
        here = todo.pop(0)
        if here.op == "mul":
            yield from (arg for arg in here.args if _is_rate(arg))
            todo += here.args
        elif here.op in ("add", "sub", "lerp"):
            todo += here.args[:2]
        elif here.op == "where":
            todo += here.args[1:]
        elif here.op == "div":
            todo += here.args[:1]


def _is_share(below: list[Node], one: Node) -> bool:
    """Tells whether a factor may be the share of what is new in an average: another is 1 - c."""
    return one.op == NUMBER and any(
        x.op == NUMBER and close(x.detail, 1 - one.detail) for x in below  # type: ignore
    )


def _is_rate(one: Node) -> bool:
    if one.op == NUMBER:
        return one.detail > 0  # type: ignore[operator]
    below = reached([one])
    timed = all(x.args or x.op == NUMBER or x is T for x in below)
    corrects = any(x.op == "sub" and x.args[1].op == "pow" for x in below)
    return timed and not corrects


def _other(product: Node, factor: Node) -> Node:
    return product.args[1] if product.args[0] is factor else product.args[0]


class _Scaled:
    """Which values are proportional to one factor."""

    def __init__(self, factor: Node, states: tuple[TracedState, ...]) -> None:
        self.factor = factor
        self.states = {state.name: state for state in states}
        self.products: set[Node] = set()  # where the factor comes in
        self.carried: set[str] = set()  # states that must be proportional to it too

    def proportional(self, one: Node) -> bool:
        """Tells whether a value is, if the states in `carried` are."""
        if one.op == STATE:
            self.carried.add(one.detail)  # type: ignore[arg-type]
            return True
        if one.op == "mul":
            return self.product(one)
        if one.op in ("add", "sub", "lerp"):
            return all(self.proportional(arg) for arg in one.args[:2])
        if one.op == "where":
            return all(is_number(arg, 0) or self.proportional(arg) for arg in one.args[1:])
        return one.op in ("div", "neg") and self.proportional(one.args[0])

    def product(self, one: Node) -> bool:
        if self.factor in one.args:
            self.products.add(one)
            return True
        for arg in sorted(one.args, key=is_whole):
            before = set(self.products), set(self.carried)
            if not is_number(arg) and self.proportional(arg):
                return True
            self.products, self.carried = before
        return False

    def states_agree(self) -> bool:
        """Tells whether the carried states are proportional too, and start at 0."""
        done: set[str] = set()
        while self.carried - done:
            state = self.states[min(self.carried - done)]
            done.add(state.name)
            if not is_number(state.init, 0) or not self.proportional(state.after):
                return False
        return bool(self.products)


def evaluated(rate: Node, t: Any) -> Any:
    """Returns the value of a learning rate at step t."""
    if rate is T:
        return t
    if rate.op == NUMBER:
        return rate.detail
    return TABLE[rate.op].meaning(jnp, *(evaluated(arg, t) for arg in rate.args))
