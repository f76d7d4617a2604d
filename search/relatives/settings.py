"""Which setting of a known rule gives one of its constants another value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dsl import Program
from dsl.fold import fold
from dsl.program import Hyperparameter
from dsl.recognition import plain

from .trees import NUMBER, Form, Tree, form

CLOSE = 1e-9  # relative, of numbers that are the same
STEPS = 12  # of the secant method
MOVED = 1e-3


def drivers(rule: Program, own: Form) -> Mapping[Tree, Hyperparameter]:
    """Returns, for constants of a rule's form, the one hyperparameter that moves each.

    own: the form of the rule as it stands. A constant that several of them move is left out.
    """
    found: dict[Tree, list[Hyperparameter]] = {}
    for item in rule.hyperparameters:
        if isinstance(item.default, float):
            other = form(plain(rule, {item.name: _beside(item.default)}))
            for node in _changed(own, other):
                found.setdefault(node, []).append(item)
    return {node: items[0] for node, items in found.items() if len(items) == 1}


def setting(rule: Program, item: Hyperparameter, old: float, new: float) -> float | None:
    """Returns the value of a hyperparameter that turns the constant `old` into `new`.

    The constant is a value that follows from the hyperparameter alone, or 1 less such a value; None
    where it is neither.
    """
    default = float(item.default)  # type: ignore[arg-type]
    for value in _values(rule, item):
        if _close(value(default), old):
            found = _solved(value, default, new)
            if found is not None:
                return found
    return None


def _beside(value: float) -> float:
    return value * (1 - MOVED) if value else MOVED


def _changed(own: Form, other: Form) -> Iterator[Tree]:
    """Yields the numbers of a form that are others in one of the same shape."""
    pairs = [(own.update, other.update)]
    pairs += [(tree, other.states[name]) for name, tree in own.states.items()
              if name in other.states]  # fmt: skip
    seen = set()
    while pairs:
        ours, theirs = pairs.pop()
        if (ours, theirs) in seen or ours.op != theirs.op or len(ours.args) != len(theirs.args):
            continue
        seen.add((ours, theirs))
        if ours.op == NUMBER and not _close(float(ours.value), float(theirs.value)):
            yield ours
        pairs += zip(ours.args, theirs.args, strict=True)


def _values(rule: Program, item: Hyperparameter) -> list[Callable[[float], float]]:
    """The numbers that follow from a hyperparameter alone, as functions of it."""
    refs = [ref for ref, value in fold(rule, {item.name: item.default}).items()
            if isinstance(value, float)]  # fmt: skip
    direct: list[Callable[[float], float]] = [lambda x: x]
    folded = [lambda x, ref=ref: float(fold(rule, {item.name: x})[ref]) for ref in refs]
    every = [*direct, *folded]
    return [*every, *(lambda x, f=f: 1 - f(x) for f in every)]


def _solved(value: Callable[[float], float], start: float, wanted: float) -> float | None:
    """Solves value(x) = wanted by the secant method."""
    x, y = start, _beside(start)
    for _ in range(STEPS):
        a, b = value(x), value(y)
        if _close(b, wanted):
            return y
        if a == b:
            return None
        x, y = y, y + (wanted - b) * (y - x) / (b - a)
    return None


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= CLOSE * max(abs(a), abs(b))
