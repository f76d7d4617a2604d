"""Sums of terms with coefficients that the host works out: what tapes fuse into operands."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from primitives import TABLE

from .tape import Expression, Operand


@dataclass(frozen=True, slots=True)
class Product:
    """A term that is not computed yet: the product of two operands."""

    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Root:
    """A term that is not computed yet: the square root of an operand."""

    of: Operand


Term = int | Product | Root


@dataclass(frozen=True, slots=True)
class Linear:
    """The sum of coefficient * term, plus shift. Without terms it is a number the host knows."""

    terms: tuple[tuple[Term, Expression], ...] = ()
    shift: Expression = 0.0


def times(a: Expression, b: Expression) -> Expression:
    """Returns a * b, without calls where one of them is 1 or 0."""
    if a == 1.0 or b == 0.0:
        return b
    return a if b == 1.0 or a == 0.0 else fold("mul", a, b)


def plus(a: Expression, b: Expression) -> Expression:
    """Returns a + b, without calls where one of them is 0."""
    if a == 0.0:
        return b
    return a if b == 0.0 else fold("add", a, b)


def fold(op: str, *args: Expression) -> Expression:
    """Returns a call of a primitive, worked out at once if all its arguments are numbers."""
    numbers = [np.float64(a) for a in args if isinstance(a, int | float)]
    if len(numbers) < len(args):
        return (op, *args)
    with np.errstate(all="ignore"):
        return float(TABLE[op].meaning(np, *numbers))


def scaled(value: Linear, by: Expression) -> Linear:
    """Returns value * by."""
    terms = tuple((term, times(coefficient, by)) for term, coefficient in value.terms)
    return Linear(terms, times(value.shift, by))


def divided(value: Linear, by: Expression) -> Linear:
    """Returns value / by."""
    terms = tuple((term, fold("div", coefficient, by)) for term, coefficient in value.terms)
    return Linear(terms, fold("div", value.shift, by) if value.shift != 0.0 else 0.0)


def plus_linear(a: Linear, b: Linear) -> Linear:
    """Returns a + b; equal terms are joined."""
    terms = dict(a.terms)
    for term, scale in b.terms:
        terms[term] = plus(terms[term], scale) if term in terms else scale
    return Linear(tuple(terms.items()), plus(a.shift, b.shift))


def register(register: int) -> Linear:
    """Returns what a register holds."""
    return Linear(((register, 1.0),))


def scale_operand(operand: Operand, by: Expression) -> Operand:
    """Returns operand * by."""
    return replace(operand, scale=times(operand.scale, by), shift=times(operand.shift, by))
