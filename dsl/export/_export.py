"""Finds the writer of a target."""

from __future__ import annotations

import ast
from collections.abc import Callable
from difflib import get_close_matches

from primitives import NOISE, TABLE

from ..live import without_dead
from ..needs import oracles
from ..program import Program, calls
from .errors import ExportError
from .to_latex import to_latex
from .to_numpy import to_numpy
from .to_optax import to_optax
from .to_torch import to_torch


def to_stepsmith(program: Program) -> str:
    """Returns the program's own text."""
    from ..text import text

    return text(program)


# A new target is one row.
TARGETS: dict[str, Callable[[Program], str]] = {
    "optax": to_optax,
    "torch": to_torch,
    "numpy": to_numpy,
    "latex": to_latex,
    "stepsmith": to_stepsmith,
}


def export(program: Program, target: str) -> str:
    """Returns `program` as source text for `target`, one of TARGETS.

    The text imports nothing of this project. Raises ExportError for an unknown target and for a
    program that has no form there.
    """
    drawn = {call.op for call in calls(program.body) if TABLE[call.op].scope == NOISE}
    asked = [*oracles(program), *sorted(drawn)]
    if asked and target not in ("latex", "stepsmith"):
        raise ExportError(f"the target {target} has no {asked[0]}: lower the program instead.")
    if target not in TARGETS:
        near = get_close_matches(str(target), TARGETS, n=1)
        hint = f"; the nearest is {near[0]!r}" if near else ""
        raise ExportError(f"expected one of {', '.join(TARGETS)}, not {target!r}{hint}.")
    written = TARGETS[target](program if target == "stepsmith" else without_dead(program))
    if target in ("optax", "torch", "numpy"):
        _check(written, target)
    return written


def _check(written: str, target: str) -> None:
    """Sees that a source can be read at all, before anybody relies on it."""
    try:
        ast.parse(written)
    except SyntaxError as error:
        said = f"the target {target} has no form for this program yet: lower it instead."
        raise ExportError(said) from error
