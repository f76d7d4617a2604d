"""Degrees: the power of the gradients' scale that a value grows with, the parameters as they are.

A small number that is added, as the eps of Adam, is taken for 0 where the table is told to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dsl.program import Call

from .algebra import Property

ZERO, UNKNOWN = "zero", "unknown"
# What is small beside values of a degree up to the first number, for gradients of about 1.
NEGLIGIBLE = ((1.0, 1e-7), (2.0, 1e-14))


@dataclass(frozen=True)
class Small:
    """A number that may be taken for 0 in a sum."""

    size: float


_KEPT = {
    "neg", "abs", "relu", "sum", "mean", "max", "min", "norm", "rms", "global_sum", "global_mean",
    "global_norm", "global_rms", "global_max", "global_min", "transpose", "matrix", "wide", "triu",
    "unmatrix", "unwide", "quantile",
}  # fmt: skip
_LOST = {"sign", "newton_schulz", "orthogonalize", "cosine", "orthogonal", "logical_not"}
_WITH_EPS = {"newton_schulz", "orthogonalize"}
_SUMS = {"add", "sub", "maximum"}
_COMPARED = {"lt", "le", "gt", "ge", "eq", "ne"}
_PRODUCTS = {"mul", "matmul", "dot", "global_dot", "mode"}
_POWERS = {"square": 2.0, "cube": 3.0, "sqrt": 0.5, "sqrt_abs": 0.5, "cbrt": 1 / 3,
           "reciprocal": -1.0, "gram": 2.0}  # fmt: skip
_NOISE = {"normal", "uniform", "rademacher"}


def _number(value: float) -> Any:
    return Small(abs(value)) if 0 < abs(value) <= NEGLIGIBLE[0][1] else 0.0


def _joined(a: Any, b: Any) -> Any:
    if ZERO in (a, b):
        return b if a == ZERO else a
    if isinstance(a, Small) and isinstance(b, Small):
        return Small(a.size + b.size)
    small, other = (a, b) if isinstance(a, Small) else (b, a)
    if isinstance(small, Small):
        if other == 0.0:
            return 0.0
        return other if _negligible(small, other) else UNKNOWN
    return a if a == b or _close(a, b) else UNKNOWN


def _negligible(small: Small, degree: Any) -> bool:
    limits = [limit for most, limit in NEGLIGIBLE
              if isinstance(degree, float) and 0 < degree <= most]  # fmt: skip
    return bool(limits) and small.size <= limits[0]


def _plain(value: Any) -> Any:
    return 0.0 if isinstance(value, Small) else value


def _close(a: Any, b: Any) -> bool:
    both = isinstance(a, float) and isinstance(b, float)
    return both and math.isclose(a, b, abs_tol=1e-9)


def _sum(values: Sequence[Any]) -> Any:
    out = values[0]
    for value in values[1:]:
        out = _joined(out, value)
    return out


def _scaled(value: Any, power: float) -> Any:
    if value == ZERO:
        return ZERO if power > 0 else UNKNOWN
    value = _plain(value)
    return value * power if isinstance(value, float) else UNKNOWN


def _product(a: Any, b: Any) -> Any:
    if ZERO in (a, b) and UNKNOWN not in (a, b):
        return ZERO
    a, b = _plain(a), _plain(b)
    return a + b if isinstance(a, float) and isinstance(b, float) else UNKNOWN


def _call(call: Call, values: list[Any], numbers: list[float | None]) -> Any:
    op, first = call.op, values[0]
    if op in _KEPT:
        return first
    if op in _NOISE:
        return 0.0
    if op in _LOST:
        return 0.0 if isinstance(first, float) else UNKNOWN
    if op in _POWERS:
        return _scaled(first, _POWERS[op])
    if op in _PRODUCTS:
        return _product(*values)
    if op in ("div", "divide_no_nan"):
        return _product(first, _scaled(values[1], -1.0))
    if op == "minimum" or op == "clip":
        return _sum(list(map(_plain, values)))
    if op in _SUMS:
        return _sum(values)
    if op in _COMPARED:
        return 0.0 if isinstance(_sum(values), float) else UNKNOWN
    if op == "lerp":
        return _sum(values[:2]) if _plain(values[2]) == 0.0 else UNKNOWN
    if op == "where":
        return _sum(values[1:]) if first == 0.0 else UNKNOWN
    if op in ("pow", "power_abs") and numbers[1] is not None:
        return _scaled(first, numbers[1])
    if op == "copysign":
        return first if isinstance(values[1], float) else UNKNOWN
    return 0.0 if all(_plain(value) == 0.0 for value in values) else UNKNOWN


def _exact(call: Call, values: list[Any], numbers: list[float | None]) -> Any:
    """The same, but for functions that add an eps of their own."""
    return UNKNOWN if call.op in _WITH_EPS else _call(call, values, numbers)


_INPUTS = {"w": 0.0, "g": 1.0, "t": 0.0, "T": 0.0, "lr": 0.0, "batch_size": 0.0}
DEGREES = Property(_INPUTS, lambda value: 0.0, ZERO, UNKNOWN, _exact, _joined)
BUT_FOR_AN_EPS = replace(DEGREES, number=_number, call=_call)
