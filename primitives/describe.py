"""The table of primitives as rows to print: name, signature, what it does."""

from __future__ import annotations

from dataclasses import dataclass

from .core import Primitive

_ARGUMENTS = "xyz"
_PICTURED = {"where": "where(c, x, y)", "lerp": "lerp(x, y, a)", "clip": "clip(x, low, high)",
             "shape": "shape(x, axis)", "unmatrix": "unmatrix(y, x)",
             "one_of": "x in (a, b)", "transpose": "x.T", "logical_not": "not x", "neg": "-x",
             "maximum": "max(x, y)", "minimum": "min(x, y)"}


@dataclass(frozen=True, slots=True)
class Row:
    """One primitive: how it is written, where it acts ("elementwise", "leaf", "model")."""

    name: str
    signature: str
    scope: str
    doc: str


def describe(table: dict[str, Primitive]) -> list[Row]:
    """Returns a row for each primitive, in the order of the table."""
    return [Row(p.name, signature(p), p.scope, p.doc) for p in table.values()]


def signature(primitive: Primitive) -> str:
    """Returns how a call is written: `x + y`, `mean(x, axis=, keep=)`."""
    if primitive.name in _PICTURED:
        return _PICTURED[primitive.name]
    if primitive.operator and primitive.arity == 2:
        return f"x {primitive.operator} y"
    parts = [*_ARGUMENTS[: primitive.arity], *(f"{option}=" for option in primitive.options)]
    return f"{primitive.name}({', '.join(parts)})"
