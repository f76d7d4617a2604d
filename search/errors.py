"""The errors of a search, each one sentence for the user.

SearchError            something the user can put right; the command line exits with code 2
  ConfigError          a field of the configuration
  RunError             a run folder: missing, locked, from a newer version, damaged
  EvaluationFailed     a task or an evaluator raised an exception
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SearchError(Exception):
    """Something that the user can put right; its text is one sentence."""


class ConfigError(SearchError):
    """A field of the configuration is unknown or has a value that it cannot have."""


class RunError(SearchError):
    """A run folder cannot be opened."""


class EvaluationFailed(SearchError):
    """Training raised an exception, which no candidate alone can cause."""


def nearest(name: str, choices: Iterable[str]) -> str:
    """Returns `: did you mean 'x'?` for the choice closest to `name`, or ``."""
    close = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.5)
    return f": did you mean {close[0]!r}?" if close else ""


def one_of(what: str, name: object, choices: Iterable[str]) -> str:
    """Returns the sentence for a name that is not among the choices."""
    known = list(choices)
    listed = ", ".join(map(repr, known[:12])) + (", ..." if len(known) > 12 else "")
    return f"expected {what} among {listed}, got {name!r}{nearest(str(name), known) or '.'}"
