"""Kinds of the values of a program, and what is wrong with a program that does not fit together."""

from __future__ import annotations

from primitives.kinds import Kind

from .errors import ProgramError
from .fit import Kinds, fitted, fitted_on
from .infer import Fault
from .parse import build
from .program import Program
from .renumber import renumbering
from .text import text


def check(program: Program) -> Kinds:
    """Returns the kinds of all values on parameters of 0 to 4 axes.

    Raises ProgramError, which shows the line of the program as `text` prints it.
    """
    try:
        return fitted(program)
    except Fault as fault:
        raise _located(program, fault) from None


def kinds(program: Program, ndim: int) -> dict[int | str, Kind]:
    """Returns the kind of every value, input, hyperparameter and state on such a parameter.

    Values on the side of an `if` that such a parameter never takes are left out. Raises
    ProgramError, without a place, where kinds do not fit.
    """
    try:
        return fitted_on(program, ndim)
    except Fault as fault:
        raise ProgramError(fault.sentence) from None


def _located(program: Program, fault: Fault) -> ProgramError:
    error = ProgramError(fault.sentence)
    try:
        printed = text(program)
        places = build(printed)[1]
        out = renumbering(program)[1][fault.out]
    except (ProgramError, KeyError):  # no value is at fault, or the program is too broken to print
        return error
    return error.at(printed, *places[out])
