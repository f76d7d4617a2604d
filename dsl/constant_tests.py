"""Conditions that the text alone decides, as `if i == 0` in an unrolled loop."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from .build import Builder
from .program import Literal

COMPARED: Mapping[type, Callable[..., bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
COUNTED: Mapping[type, Callable] = {ast.Add: operator.add, ast.Sub: operator.sub,
                                    ast.Mult: operator.mul, ast.Mod: operator.mod}
_UNKNOWN = object()


def decided(builder: Builder, test: ast.expr) -> bool | None:
    """Returns what a condition on whole numbers of the text is, None where a run or a model tells.

    A hyperparameter is a whole number of the text once something is sized or unrolled by it.
    """
    match test:
        case ast.BoolOp(op, values):
            found = [decided(builder, value) for value in values]
            settles = isinstance(op, ast.Or)
            if settles in found:
                return settles
            return None if None in found else not settles
        case ast.UnaryOp(ast.Not(), operand):
            inner = decided(builder, operand)
            return None if inner is None else not inner
        case ast.Compare(left, [op], [right]) if type(op) in COMPARED:
            sides = _whole(builder, left), _whole(builder, right)
            return None if _UNKNOWN in sides else COMPARED[type(op)](*sides)
    return None


def _whole(builder: Builder, node: ast.expr) -> object:
    match node:
        case ast.Constant(int(value)):
            return value
        case ast.Name(name):
            ref = builder.env.get(builder.scope.prefix + name)
            whole = isinstance(ref, Literal) and isinstance(ref.value, int)
            return ref.value if whole else _UNKNOWN  # type: ignore[union-attr]
        case ast.BinOp(left, op, right) if type(op) in COUNTED:
            sides = _whole(builder, left), _whole(builder, right)
            zero = isinstance(op, ast.Mod) and sides[1] == 0
            return _UNKNOWN if _UNKNOWN in sides or zero else COUNTED[type(op)](*sides)
    return _UNKNOWN
