"""The states of a program that stand with a number, or with each other, in its sums."""

from __future__ import annotations

from collections.abc import Iterator

from .arithmetic import Pass
from .formula import literal
from .polynomial import Number, Powers, Sum
from .program import Literal, Program


def multiples(program: Program) -> list[tuple[str, Literal]]:
    """Returns the states that a number stands before somewhere, with these numbers."""
    found: dict[tuple[str, Literal], None] = {}
    states = {state.name for state in program.states}
    for powers, coefficient in _terms(program):
        if abs(coefficient.value) != 1:
            for name in [atom for atom, _ in powers if atom in states]:
                found.setdefault((name, literal(coefficient)))  # type: ignore[arg-type]
    return list(found)


def together(program: Program) -> list[tuple[str, str, int]]:
    """Returns pairs of states that are added (1) or subtracted (-1) somewhere."""
    states = [state.name for state in program.states]
    beside: dict[tuple, dict[str, Number]] = {}
    for place, form in enumerate(_forms(program)):
        for powers, coefficient in form.terms:
            for name, exponent in powers:
                if name in states and exponent == 1:
                    rest = tuple(one for one in powers if one[0] != name)
                    beside.setdefault((place, rest), {})[name] = coefficient  # type: ignore[index]
    found = {
        (a, b, 1 if x == y else -1): None
        for held in beside.values() for a, x in held.items() for b, y in held.items()
        if a != b and abs(x.value) == abs(y.value)
    }  # fmt: skip
    return list(found)


def _terms(program: Program) -> Iterator[tuple[Powers, Number]]:
    for form in _forms(program):
        yield from form.terms
        for powers, _ in form.terms:
            for atom, _ in powers:
                if isinstance(atom, Sum):
                    yield from atom.terms


def _forms(program: Program) -> list[Sum]:
    """What each value is as a sum of products, all values but calls read through."""
    work = Pass(program, True)
    work.block(program.body)
    return list(dict.fromkeys(work.forms.values()))
