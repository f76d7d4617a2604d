"""Expressions of a program as text, for the steps of a simplification."""

from __future__ import annotations

from collections.abc import Mapping

from primitives import TABLE

from .program import Call, Literal, Ref

_STRENGTH = {"add": 1, "sub": 1, "mul": 2, "div": 2, "mod": 2, "matmul": 2, "neg": 3, "pow": 4}
_SHOWN = {"maximum": "max", "minimum": "min"}
DEPTH = 4  # calls within calls that are written out


def expression(
    ref: Ref, definitions: Mapping[int, Call], strength: int = 0, depth: int = DEPTH
) -> str:
    """Returns a value as an expression; named values but the outermost stand as their names."""
    if isinstance(ref, Literal):
        return f"{ref.value!r}"
    if isinstance(ref, str):
        return ref
    call = definitions.get(ref)
    if call is None or depth == 0:
        return "..."
    if call.name and depth < DEPTH:
        return call.name
    own = _STRENGTH.get(call.op, 0)
    if not own:
        parts = [expression(arg, definitions, 0, depth - 1) for arg in call.args]
        parts += [f"{name}={value!r}" for name, value in call.options]
        return f"{_SHOWN.get(call.op, call.op)}({', '.join(parts)})"
    text = _operation(call, own, definitions, depth - 1)
    return f"({text})" if own < strength else text


def _operation(call: Call, own: int, definitions: Mapping[int, Call], depth: int) -> str:
    sign = TABLE[call.op].operator
    if call.op == "neg":
        return f"-{expression(call.args[0], definitions, own + 1, depth)}"
    first = expression(call.args[0], definitions, own, depth)
    second = expression(call.args[1], definitions, own + 1, depth)
    return f"{first}{sign}{second}" if call.op == "pow" else f"{first} {sign} {second}"
