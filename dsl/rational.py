"""Matrices of fractions: products, rank factors, and eigenvalues that are fractions themselves."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

Matrix = list[list[Fraction]]
DIGITS = 13  # after the point, of an eigenvalue that is looked for


def identity(size: int) -> Matrix:
    return [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]


def times(a: Matrix, b: Matrix) -> Matrix:
    """Returns the product of two matrices."""
    columns = list(zip(*b, strict=True))
    return [
        [sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0)) for column in columns]
        for row in a
    ]


def shifted(a: Matrix, by: Fraction, scale: Fraction = Fraction(1)) -> Matrix:
    """Returns (a - by I) / scale."""
    return [
        [(x - by * (i == j)) / scale for j, x in enumerate(row)] for i, row in enumerate(a)
    ]


def is_zero(a: Matrix) -> bool:
    return not any(x for row in a for x in row)


def echelon(a: Matrix) -> tuple[Matrix, list[int]]:
    """Returns the rows of the reduced echelon form that are not zero, and their pivots."""
    rows, pivots = [list(row) for row in a], []
    done = 0
    for column in range(len(a[0]) if a else 0):
        found = next((k for k in range(done, len(rows)) if rows[k][column]), None)
        if found is None:
            continue
        rows[done], rows[found] = rows[found], rows[done]
        pivot = rows[done][column]
        rows[done] = [x / pivot for x in rows[done]]
        for k, row in enumerate(rows):
            if k != done and row[column]:
                rows[k] = [
                    x - row[column] * y for x, y in zip(row, rows[done], strict=True)
                ]
        pivots.append(column)
        done += 1
    return rows[:done], pivots


def eigenvalues(a: Matrix) -> list[Fraction] | None:
    """Returns the distinct eigenvalues, None unless all are fractions.

    Roots of the characteristic polynomial are guessed in floating point and proved by division.
    """
    polynomial = _characteristic(a)
    found: list[Fraction] = []
    while len(polynomial) > 1:
        root = _root(polynomial)
        if root is None:
            return None
        if root not in found:
            found.append(root)
        polynomial = _deflated(polynomial, root)
    return sorted(found)


def _characteristic(a: Matrix) -> list[Fraction]:
    """The coefficients of det(x I - a), the highest first. Faddeev & LeVerrier."""
    size = len(a)
    coefficients, m = [Fraction(1)], identity(size)
    for k in range(1, size + 1):
        product = times(a, m)
        coefficient = -sum((product[i][i] for i in range(size)), Fraction(0)) / k
        coefficients.append(coefficient)
        m = [[x + coefficient * (i == j) for j, x in enumerate(row)]
             for i, row in enumerate(product)]
    return coefficients


def _root(polynomial: Sequence[Fraction]) -> Fraction | None:
    for guess in np.roots([float(c) for c in polynomial]):
        if abs(guess.imag) > 1e-6:
            continue
        for digits in range(DIGITS):
            root = Fraction(round(float(guess.real) * 10**digits), 10**digits)
            if _value(polynomial, root) == 0:
                return root
        for largest in (10**2, 10**4, 10**6):
            root = Fraction(float(guess.real)).limit_denominator(largest)
            if _value(polynomial, root) == 0:
                return root
    return None


def _value(polynomial: Sequence[Fraction], x: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in polynomial:
        total = total * x + coefficient
    return total


def _deflated(polynomial: Sequence[Fraction], root: Fraction) -> list[Fraction]:
    quotient = [polynomial[0]]
    for coefficient in polynomial[1:-1]:
        quotient.append(coefficient + root * quotient[-1])
    return quotient
