"""The table of primitives as rows to print: name, signature, what it does."""

from __future__ import annotations

from dataclasses import dataclass

from .core import Primitive
from .table import TABLE

_ARGUMENTS = "xyz"
_PICTURED = {
    "clip": "clip(x, low, high)",
    "lerp": "lerp(x, y, a)",
    "logical_not": "not x",
    "maximum": "max(x, y)",
    "minimum": "min(x, y)",
    "neg": "-x",
    "one_of": "x in (a, b)",
    "shape": "shape(x, axis)",
    "transpose": "x.T",
    "unmatrix": "unmatrix(y, x)",
    "unwide": "unwide(y, x)",
    "where": "where(c, x, y)",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One primitive: how it is written, where it acts ("elementwise", "leaf", "model")."""

    name: str
    signature: str
    scope: str
    doc: str


def describe() -> list[Row]:
    """Returns a row for each primitive, in the order of the table."""
    return [Row(p.name, signature(p), p.scope, p.doc) for p in TABLE.values()]


def signature(primitive: Primitive) -> str:
    """Returns how a call is written: `x + y`, `mean(x, axis=, keep=)`."""
    if primitive.name in _PICTURED:
        return _PICTURED[primitive.name]
    if primitive.operator and primitive.arity == 2:
        return f"x {primitive.operator} y"
    parts = [*_ARGUMENTS[: primitive.arity], *(f"{option}=" for option in primitive.options)]
    return f"{primitive.name}({', '.join(parts)})"
