"""Expressions as text: operators, calls and numbers, with as few parentheses as they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from primitives import TABLE

from .names import SPELLED
from .program import Call, Literal, Ref

# How tightly each operator binds.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(9)
_BINARY = {
    "logical_or": (_OR, _OR, _AND),  # own, least of the left operand, least of the right one
    "logical_and": (_AND, _AND, _NOT),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), (_COMPARISON, _SUM, _SUM)),
    **dict.fromkeys(("add", "sub"), (_SUM, _SUM, _PRODUCT)),
    **dict.fromkeys(("mul", "div", "mod", "matmul"), (_PRODUCT, _PRODUCT, _UNARY)),
    "pow": (_POWER, _ATOM, _UNARY),
}
Spelled = tuple[str, int]  # the text, and how tightly it binds


def literal(value: object) -> str:
    """Returns the text of a number, a word or a tuple of them."""
    if isinstance(value, str):
        plain = value.isprintable() and '"' not in value and "\\" not in value
        return f'"{value}"' if plain else repr(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + (",)" if len(value) == 1 else ")")
    if isinstance(value, float):
        return _decimal(value)
    return repr(value)


def _decimal(value: float) -> str:
    said = repr(value).replace("inf", "1e999")
    mantissa, mark, exponent = said.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else said


def expression(ref: Ref, inner: Mapping[int, Call], name: Callable[[Ref], str]) -> str:
    """Returns the text of a value.

    inner: the calls that are written inside the expression; name: what the others are called.
    """

    def spelled(ref: Ref) -> Spelled:
        if isinstance(ref, Literal):
            number = isinstance(ref.value, int | float)
            said = literal(ref.value)
            return said, _UNARY if number and said.startswith("-") else _ATOM
        if isinstance(ref, str) or ref not in inner:
            return name(ref), _ATOM
        return call(inner[ref])

    def within(ref: Ref, least: int) -> str:
        said, tightness = spelled(ref)
        return said if tightness >= least else f"({said})"

    def call(node: Call) -> Spelled:
        args = node.args
        every = _every(node, inner)
        if every:
            return f"every({', '.join(spelled(arg)[0] for arg in every)})", _ATOM
        if node.op in _BINARY and len(args) == 2:
            own, left, right = _BINARY[node.op]
            mark = TABLE[node.op].operator
            joined = mark if node.op == "pow" else f" {mark} "
            return f"{within(args[0], left)}{joined}{within(args[1], right)}", own
        if node.op == "neg" and not isinstance(args[0], Literal):
            return f"-{within(args[0], _UNARY)}", _UNARY
        if node.op == "logical_not":
            return f"not {within(args[0], _NOT)}", _NOT
        if node.op == "transpose":
            return f"{within(args[0], _ATOM)}.T", _ATOM
        if node.op == "one_of":
            choices = literal(tuple(arg.value for arg in args[1:] if isinstance(arg, Literal)))
            return f"{within(args[0], _SUM)} in {choices}", _COMPARISON
        parts = [spelled(arg)[0] for arg in args]
        parts += [f"{key}={literal(value)}" for key, value in node.options]
        return f"{SPELLED.get(node.op, node.op)}({', '.join(parts)})", _ATOM

    return spelled(ref)[0]


def _every(node: Call, inner: Mapping[int, Call]) -> tuple[Ref, ...]:
    """Returns k and the offset of (t - offset) % k == 0, or nothing for any other call."""
    if node.op != "eq" or not _is_zero(node.args[1]):
        return ()
    rest = inner.get(node.args[0]) if isinstance(node.args[0], int) else None
    if rest is None or rest.op != "mod" or rest.args[1] in inner:
        return ()
    step, k = rest.args
    if step == "t":
        return (k,)
    moved = inner.get(step) if isinstance(step, int) else None
    if moved is None or moved.op != "sub" or moved.args[0] != "t" or moved.args[1] in inner:
        return ()
    return k, moved.args[1]


def _is_zero(ref: Ref) -> bool:
    return isinstance(ref, Literal) and type(ref.value) is int and ref.value == 0
