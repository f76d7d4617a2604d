"""Writes a trace as a program: shared values get names, the others stand where they are read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection

from ..program import Block, Call, Hyperparameter, Literal, Program, Ref, State
from ..tidy import tidied
from .nodes import INPUT, NUMBER, STATE, Node, reached
from .rate import HYPER
from .tracing import Traced

LONGEST = 8  # calls in one expression
LARGEST = 100  # whole number that is written without a dot
_LEAVES = (INPUT, NUMBER, STATE, HYPER)
_INPUTS = ("w", "g", "t", "lr", "loss")


def written(
    traced: Traced, hyperparameters: tuple[Hyperparameter, ...], name: str, doc: str
) -> Program:
    """Returns the program that computes a trace."""
    writer = _Writer(traced)
    results = writer.results()
    states = tuple(
        State(s.name, s.declared, writer.initial(s.init)) for s in traced.states
    )  # fmt: skip
    program = Program(
        name, _INPUTS, hyperparameters, states, tuple(writer.body), tuple(results), doc
    )
    return tidied(program)


class _Writer:
    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.body: list[Call] = []
        self.refs: dict[Node, Ref] = {}
        roots = [traced.update, *(state.after for state in traced.states)]
        self.uses = Counter(arg for one in reached(roots) for arg in one.args)
        self.names = _names(traced, self.uses)
        self.count = 0

    def results(self) -> list[tuple[str, Ref]]:
        """Writes what states become in an order in which old values are read before new ones."""
        after = {state.name: state.after for state in self.traced.states}
        after["return"] = self.traced.update
        refs = {name: self.ref(one) for name, one in _in_order(after)}
        return [(name, refs[name]) for name in after]

    def ref(self, one: Node) -> Ref:
        if one.op == NUMBER:
            return Literal(_plain(one.detail))  # type: ignore[arg-type]
        if one.op in (INPUT, STATE):
            return one.detail  # type: ignore[return-value]
        if one.op == HYPER:
            return one.detail[0]  # type: ignore[index]
        known = self.refs.get(one)
        if known is None:
            known = self.call(one, tuple(self.ref(arg) for arg in one.args))
            if not _is_fixed(one):
                self.refs[one] = known
        return known

    def call(self, one: Node, args: tuple[Ref, ...]) -> int:
        self.count += 1
        options = one.detail if isinstance(one.detail, tuple) else ()
        self.body.append(Call(self.count, one.op, args, options, self.names.get(one, "")))
        return self.count

    def initial(self, one: Node) -> Block:
        """Writes the value that a state begins with."""
        outer, self.body = self.body, []
        held, self.refs = self.refs, {}
        ref = self.ref(one)
        block = Block(tuple(self.body), (ref,))
        self.body, self.refs = outer, held
        return block


def _in_order(after: dict[str, Node]) -> list[tuple[str, Node]]:
    """Puts what reads an old value before what gives the new one, where there is no circle."""
    held = set(after.values())
    reads = {name: {one.detail for one in _without(root, held - {root}) if one.op == STATE}
             for name, root in after.items()}
    left, order = dict(after), []
    while left:
        ready = [n for n in left if not any(n in reads[o] for o in left if o != n)]
        name = (ready or list(left))[0]
        order.append((name, left.pop(name)))
    return order


def _without(root: Node, stops: Collection[Node]) -> list[Node]:
    """Returns what is below a node, but not below where it stops."""
    found, todo = [], [root]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += [arg for arg in one.args if arg not in stops]
    return found


def _plain(value: float | int) -> float | int:
    """Writes a whole number that has no name as one: it belongs to the formula."""
    whole = value == round(value) and abs(value) < LARGEST if math.isfinite(value) else False
    return int(value) if whole else value


def _is_fixed(one: Node) -> bool:
    """Tells whether a value is known before the run; it is written where it is read."""
    return one.op in (NUMBER, HYPER) or (bool(one.args) and all(map(_is_fixed, one.args)))


def _names(traced: Traced, uses: Counter) -> dict[Node, str]:
    """Returns names for values: of states, of what a state's correction gives, of what is shared or
    would be too long a line."""
    names = {state.after: state.name for state in traced.states if state.after.args}
    weights: dict[Node, int] = {}
    for one in reached([traced.update, *names]):
        held = names.get(one.args[0]) if one.op == "div" else None
        weight = bool(one.args) + sum(weights[arg] for arg in one.args)
        if held and one.args[1].op == "sub" and one.args[1].args[1].op == "pow":
            names.setdefault(one, f"{held}_hat")
        elif one.args and not _is_fixed(one) and (uses[one] > 1 or weight > LONGEST):
            names.setdefault(one, _short(one))
        weights[one] = 0 if one in names else weight
    reads_old = any(one.op == STATE for one in _without(traced.update, names))
    if reads_old and traced.update.args:
        names.setdefault(traced.update, "u")
    elif names.get(traced.update) not in {state.name for state in traced.states}:
        names.pop(traced.update, None)
    return names


def _short(one: Node) -> str:
    if one.op == "eq" and one.args[0].detail == "t":
        return "first"
    arg = one.args[0]
    if one.op in ("norm", "rms", "mean", "square", "abs") and arg.op in (INPUT, STATE):
        return f"{arg.detail}_{one.op}"
    return {"where": "scale", "norm": "size", "global_norm": "size"}.get(one.op, "u")
