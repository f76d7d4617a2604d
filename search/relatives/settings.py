"""Which setting of a known rule gives one of its constants another value."""

from __future__ import annotations

from collections.abc import Callable

from dsl import Program
from dsl.fold import fold
from dsl.program import Hyperparameter

CLOSE = 1e-9  # relative, of numbers that are the same
STEPS = 12  # of the secant method
MOVED = 1e-3


def setting(rule: Program, old: float, new: float) -> tuple[str, float] | None:
    """Returns the name and value of the hyperparameter that turns a constant into another.

    The constant is a value that follows from one hyperparameter alone, or 1 less such a value.
    None where none of the rule's constants is `old`, or several hyperparameters make it.
    """
    for item in rule.hyperparameters:
        if not isinstance(item.default, float):
            continue
        for value in _values(rule, item):
            if _close(value(item.default), old):
                found = _solved(value, item.default, new)
                if found is not None:
                    return item.name, found
    return None


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
    x, y = start, start * (1 + MOVED) + (start == 0) * MOVED
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
