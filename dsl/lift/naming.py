"""Names for constants: those that the transformation's own functions give them, else by their use.

A number that no function holds under a name and that is used in no usual way stays in the text.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from primitives import TABLE

from ..names import INPUTS, is_free
from ..program import Hyperparameter
from .algebra import make
from .nodes import INPUT, NUMBER, Node, close, node, number, reached
from .rate import HYPER, OURS, with_stand_ins
from .tracing import RATES, Traced, TracedState

DEEPEST = 12  # functions inside functions
TINY = 1e-2  # an addend below this keeps a quotient finite


def held_numbers(function: Any, depth: int = 0) -> Iterator[tuple[str, float]]:
    """Yields the numbers that a function and those inside it hold, by the names they go by."""
    if depth > DEEPEST:
        return
    if isinstance(function, partial):
        yield from _named(function.keywords, depth)
        yield from held_numbers(function.func, depth + 1)
    elif inspect.isfunction(function):
        cells = function.__closure__ or ()
        pairs = zip(function.__code__.co_freevars, cells, strict=True)
        held = {name: cell.cell_contents for name, cell in pairs if _is_full(cell)}
        yield from _named(held, depth)
    elif isinstance(function, tuple | list):
        for one in function:
            yield from held_numbers(one, depth + 1)
    elif isinstance(function, Mapping):
        yield from held_numbers(tuple(function.values()), depth + 1)


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _named(held: Mapping[str, Any], depth: int) -> Iterator[tuple[str, float]]:
    for name, value in held.items():
        single = isinstance(value, float | np.floating) or type(value) is int
        if single and name not in RATES:
            yield OURS.get(name, name), float(value)
        elif not single:
            yield from held_numbers(value, depth + 1)


class _Names:
    """The hyperparameters so far."""

    def __init__(self, known: list[tuple[str, float]], taken: set[str]) -> None:
        self.known = [(name, value) for name, value in dict.fromkeys(known) if is_free(name)]
        self.taken = taken | set(INPUTS) | set(TABLE)
        self.chosen: dict[str, float] = {}

    def hyperparameter(self, name: str, value: float) -> Node:
        """Returns the hyperparameter of that name and value, the name numbered if it is taken."""
        for other in (name, *(f"{name}_{k}" for k in range(2, 99))):
            if self.chosen.get(other) == value or not (other in self.chosen or other in self.taken):
                self.chosen[other] = value
                return node(HYPER, detail=(other, value))
        raise AssertionError(name)

    def of(self, value: float, parent: Node, above: set[str]) -> Node | None:
        """Returns what stands for a number inside a call; None if it stays a number."""
        fits = [name for name, known in self.known if known == value]
        if fits:
            return self.hyperparameter(_by_place(fits, above), value)
        for name, known in self.known:
            if close(1 - known, value):
                return make("sub", number(1), self.hyperparameter(name, known))
        return self.by_use(value, parent)

    def ordered(self) -> list[tuple[str, float]]:
        """The hyperparameters in the order in which the transformation holds them, others last."""
        places = {name: k for k, (name, _) in enumerate(self.known)}
        return sorted(
            self.chosen.items(),
            key=lambda pair: places.get(re.sub(r"_\d+$", "", pair[0]), len(places)),
        )

    def by_use(self, value: float, parent: Node) -> Node | None:
        averages = parent.op == "sub" or (parent.op == "pow" and parent.args[0].value == value)
        if averages and 0 < value < 1:
            return self.hyperparameter("beta", value)
        if parent.op == "add" and 0 < value <= TINY:
            return self.hyperparameter("eps", value)
        if parent.op == "mul" and any(a.op == INPUT and a.detail == "w" for a in parent.args):
            return self.hyperparameter("weight_decay", value)
        return None


def _by_place(fits: list[str], above: set[str]) -> str:
    """Of names with one value: the one for a number inside a root, or the one for one beside it."""
    inside = [name for name in fits if "root" in name]
    outside = [name for name in fits if "root" not in name]
    return (inside or fits)[0] if "sqrt" in above else (outside or fits)[0]


def named(traced: Traced, known: list[tuple[str, float]]) -> tuple[Traced, tuple]:
    """Returns the trace with hyperparameters for its constants, and these hyperparameters."""
    names = _Names(known, {state.name for state in traced.states})
    below = reached([*(state.after for state in traced.states), traced.update])
    users: dict[Node, set[str]] = {}
    for one in below:
        for arg in one.args:
            users.setdefault(arg, set()).add(one.op)
        if one.op == HYPER:
            names.hyperparameter(*one.detail)  # type: ignore[misc]
    new: dict[Node, Node] = {}
    for one in below:
        args = tuple(_stand_in(arg, one, users.get(one, set()), names) or new.get(arg, arg)
                     for arg in one.args)  # fmt: skip
        new[one] = one if args == one.args else node(one.op, *args, detail=one.detail)
    traced = with_stand_ins(traced, {a: b for a, b in new.items() if a is not b})
    traced = replace(traced, states=tuple(_begun(state, names) for state in traced.states))
    return traced, tuple(Hyperparameter(*pair) for pair in names.ordered())


def _begun(state: TracedState, names: _Names) -> TracedState:
    init = state.init
    if init.op != NUMBER or init.detail == 0:
        return state
    return replace(state, init=names.of(init.detail, init, set()) or init)  # type: ignore


def _stand_in(arg: Node, parent: Node, above: set[str], names: _Names) -> Node | None:
    if arg.op != NUMBER or isinstance(arg.detail, int):
        return None
    return names.of(arg.detail, parent, above)  # type: ignore[arg-type]
