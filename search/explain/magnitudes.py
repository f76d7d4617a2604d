"""Magnitudes: the largest size that a value may have, the parameters taken for 0."""

from __future__ import annotations

import math

from dsl.program import Call

from .algebra import Property

ENDLESS = math.inf
LIMIT = 1e9  # a bound beyond it is none

_KEPT = {"neg", "abs", "max", "min", "mean", "rms", "matrix", "wide", "transpose", "unmatrix",
         "unwide", "relu", "global_mean", "global_rms", "global_max", "global_min",
         "quantile"}  # fmt: skip
_ONE = {"sign", "sin", "cos", "tanh", "sigmoid", "cosine", "rademacher", "lt", "le", "gt", "ge",
        "eq", "ne", "logical_and", "logical_or", "logical_not", "isfinite"}  # fmt: skip
_LARGEST = {"arctan": math.pi / 2, "arcsin": math.pi / 2, "arccos": math.pi}


def _times(a: float, b: float) -> float:
    return 0.0 if 0 in (a, b) and math.isfinite(a + b) else a * b if a and b else ENDLESS


def _call(call: Call, values: list[float], numbers: list[float | None]) -> float:
    op, first = call.op, values[0]
    if op in _KEPT:
        return first
    if op in _ONE:
        return 1.0
    if op in _LARGEST:
        return _LARGEST[op]
    if op == "mul":
        return _times(*values)
    if op in ("add", "sub"):
        return values[0] + values[1]
    if op in ("maximum", "minimum"):
        return max(values)
    if op == "lerp" and numbers[2] is not None and 0 <= numbers[2] <= 1:
        return max(values[:2])
    if op == "clip" and None not in numbers[1:]:
        return max(abs(number) for number in numbers[1:] if number is not None)
    if op == "where":
        return max(values[1:])
    if op == "div" and numbers[1]:
        return first / abs(numbers[1])
    if op == "square":
        return _times(first, first)
    return math.sqrt(first) if op == "sqrt" else ENDLESS


def _wider(a: float, b: float) -> float:
    """A state that grows from step to step has no bound, however slowly it grows."""
    return a if b <= a * (1 + 1e-12) else (b if a == 0 else ENDLESS)


def magnitudes(rate: float) -> Property:
    """Returns the table at a learning rate."""
    inputs = {"w": 0.0, "g": ENDLESS, "t": ENDLESS, "T": ENDLESS, "lr": rate, "loss": ENDLESS}
    return Property(inputs, abs, 0.0, ENDLESS, _call, _wider)
