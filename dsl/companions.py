"""The states of a program that stand with a number, or with each other, in its sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .arithmetic import Pass
from .formula import shorter
from .polynomial import Atom, Number, Powers, Sum
from .program import Literal, Program


@dataclass(frozen=True)
class Companions:
    """multiples: states, old or new, that a number stands before elsewhere than in their update.

    pairs: two states that are added (1) or subtracted (-1) somewhere.
    """

    multiples: tuple[tuple[str, Literal], ...]
    pairs: tuple[tuple[str, str, int], ...]


def companions(program: Program) -> Companions:
    """Finds what might make another choice of states shorter."""
    work = Pass(program, ())
    work.block(program.body)
    after = {role: work.of(ref) for role, ref in program.results}
    states = {state.name for state in program.states}
    of: dict[Atom, str] = {name: name for name in states}
    of |= {form.terms[0][0][0][0]: name for name, form in after.items()
           if name in states and form.single and form.terms[0][0]}  # fmt: skip
    updates = {ref: role for role, ref in program.results if role in states}
    elsewhere = [(form, updates.get(ref, "")) for ref, form in work.sums.items()]
    multiples = dict.fromkeys(
        (of[atom], shorter(coefficient))
        for form, own in elsewhere for powers, coefficient in _terms(form)
        for atom, _ in powers
        if atom in of and of[atom] != own and abs(coefficient.value) != 1
    )  # fmt: skip
    pairs = dict.fromkeys(pair for form, _ in elsewhere for pair in _pairs(form, of))
    return Companions(tuple(multiples), tuple(pairs))


def _pairs(form: Sum, of: dict[Atom, str]) -> Iterator[tuple[str, str, int]]:
    beside: dict[Powers, dict[str, Number]] = {}
    for powers, coefficient in form.terms:
        for atom, exponent in powers:
            if atom in of and exponent == 1:
                rest = tuple(one for one in powers if one[0] != atom)
                beside.setdefault(rest, {})[of[atom]] = coefficient
    for held in beside.values():
        for a, x in held.items():
            for b, y in held.items():
                if a != b and abs(x.value) == abs(y.value):
                    yield a, b, 1 if x == y else -1


def _terms(form: Sum) -> Iterator[tuple[Powers, Number]]:
    yield from form.terms
    for powers, _ in form.terms:
        for atom, _ in powers:
            if isinstance(atom, Sum):
                yield from atom.terms
