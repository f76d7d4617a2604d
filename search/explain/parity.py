"""Parity: what becomes of a value where all gradients and parameters change their sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsl.program import Call

from .algebra import Property

EVEN, ODD, ZERO, UNKNOWN = "even", "odd", "zero", "unknown"

_ODD = {  # odd functions: the parity of the argument stays
    "neg", "sign", "cube", "cbrt", "sin", "tan", "arcsin", "arctan", "sinh", "tanh", "arcsinh",
    "arctanh", "reciprocal", "sum", "mean", "global_sum", "global_mean", "transpose", "matrix",
    "wide", "newton_schulz", "orthogonalize", "triu",
}  # fmt: skip
_EVEN = {  # even functions: the sign of the argument goes
    "abs", "square", "cosh", "cos", "norm", "rms", "global_norm", "global_rms", "sqrt_abs",
    "log_abs", "gram", "logical_not", "isfinite",
}  # fmt: skip
_PRODUCTS = {"mul", "div", "matmul", "dot", "global_dot", "cosine", "divide_no_nan", "mode"}
_SAME = {"add", "sub"}
_NEAREST = {"unmatrix", "unwide"}  # the second argument only tells the shape


def _joined(a: Any, b: Any) -> str:
    if ZERO in (a, b):
        return b if a == ZERO else a
    return a if a == b else UNKNOWN


def _product(values: Sequence[str]) -> str:
    if UNKNOWN in values:
        return UNKNOWN
    if ZERO in values[:1]:
        return ZERO
    return ODD if sum(value == ODD for value in values) % 2 else EVEN


def _call(call: Call, values: list[str], numbers: list[float | None]) -> str:
    op, first = call.op, values[0]
    if op in _ODD or op in _NEAREST:
        return first
    if op in _EVEN:
        return UNKNOWN if first == UNKNOWN else EVEN
    if op in _PRODUCTS:
        return _product(values)
    if op in _SAME:
        return _joined(*values)
    if op == "lerp":
        return _joined(first, values[1]) if _is_even(values[2]) else UNKNOWN
    if op == "where":
        return _joined(values[1], values[2]) if _is_even(first) else UNKNOWN
    if op == "clip" and numbers[1] is not None and numbers[1] == -(numbers[2] or 0):
        return first
    if op == "copysign":
        return UNKNOWN if UNKNOWN in values else values[1]
    if op == "pow" and first == ODD and (numbers[1] or 0.5) % 1 == 0:
        return ODD if numbers[1] % 2 else EVEN  # type: ignore[operator]
    return EVEN if all(map(_is_even, values)) else UNKNOWN


def _is_even(value: str) -> bool:
    return value in (EVEN, ZERO)


_INPUTS = {"w": ODD, "g": ODD, "t": EVEN, "T": EVEN, "lr": EVEN, "batch_size": EVEN}
PARITY = Property(_INPUTS, lambda value: EVEN, ZERO, UNKNOWN, _call, _joined)
