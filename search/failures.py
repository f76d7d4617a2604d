"""Which exceptions are the user's to put right, and what they are told."""

from __future__ import annotations

import sys


def told(error: Exception) -> str | None:
    """Returns the sentence for an error that the user can put right, or None for any other."""
    usage = getattr(error, "format_message", None)  # of a command line that cannot be read
    if usage is not None:
        return f"stepsmith: {usage()}"
    return f"stepsmith: {error}" if isinstance(error, _kinds()) else None


def _kinds() -> tuple[type[Exception], ...]:
    """The errors with a sentence, of the modules that have been imported anyway."""
    names = (
        ("search.errors", "SearchError"),
        ("dsl.errors", "ProgramError"),
        ("evaluators.task", "TaskError"),
    )
    found = ((sys.modules[module], name) for module, name in names if module in sys.modules)
    return tuple(getattr(module, name) for module, name in found)
