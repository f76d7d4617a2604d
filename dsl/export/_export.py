"""Finds the writer of a target."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from ..live import without_dead
from ..program import Program
from ..text import text
from .check_lines import check_lines
from .conformance import conformance
from .errors import ExportError
from .header import header, origin_of
from .target import Target
from .to_latex import to_latex
from .to_markdown import to_markdown
from .to_numpy import NUMPY, to_numpy
from .to_optax import OPTAX, to_optax
from .to_torch import TORCH, to_torch


@dataclass(frozen=True)
class Library:
    """A target that is a library of Python: its spellings, its writer, its axis of outputs."""

    target: Target
    write: Callable[[Program], str]
    out: int = -1


LIBRARIES = {
    "optax": Library(OPTAX, to_optax),
    "torch": Library(TORCH, to_torch, out=0),
    "numpy": Library(NUMPY, to_numpy),
}
# Other forms, of a program and where it comes from.
FORMS: dict[str, Callable[[Program, str], str]] = {
    "latex": lambda program, origin: to_latex(without_dead(program)),
    "markdown": to_markdown,
    "stepsmith": lambda program, origin: text(program),
}
TARGETS = (*LIBRARIES, *FORMS)


def export(program: Program, target: str, *, origin: str = "", checked: bool = True) -> str:
    """Returns `program` as source text for `target`, one of TARGETS.

    The text imports nothing of this project. origin: where the program comes from, in words; the
    zoo or its canonical key if not given. checked: the source of a library ends in a check that
    compares it with the program when it is run as a script, which needs JAX to write. Raises
    ExportError for an unknown target and for a program that has no form there.
    """
    if target in FORMS:
        return FORMS[target](program, origin or origin_of(program))
    if target not in LIBRARIES:
        near = get_close_matches(str(target), TARGETS, n=1)
        hint = f"; the nearest is {near[0]!r}" if near else ""
        raise ExportError(f"expected one of {', '.join(TARGETS)}, not {target!r}{hint}.")
    return _source(program, target, origin or origin_of(program), checked)


def _source(program: Program, target: str, origin: str, checked: bool) -> str:
    library = LIBRARIES[target]
    written = library.write(without_dead(program))
    parts = ["\n".join(header(program, target, origin)), written.strip("\n")]
    if checked:
        vector = conformance(program, library.out)
        parts.append("\n" + "\n".join(check_lines(program, library.target, vector)))
    whole = "\n\n".join(parts) + "\n"
    _check(whole, target)
    return whole


def _check(written: str, target: str) -> None:
    """Sees that a source can be read at all, before anybody relies on it."""
    try:
        ast.parse(written)
    except SyntaxError as error:
        said = f"the target {target} has no form for this program yet: lower it instead."
        raise ExportError(said) from error
