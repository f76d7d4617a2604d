"""What `stepsmith lift` prints: the program that a transformation is, and how well it does."""

from __future__ import annotations

from typing import Any


def lifted_row(what: str, name: str) -> dict[str, Any]:
    """Returns the program of FILE:NAME or optax:NAME, how far the two are apart after 24 steps, in
    double precision, and the known rule that it is."""
    from dsl import text
    from dsl.lift import lifted
    from dsl.recognition import recognized
    from evaluators.lifting import apart, asks_for_loss, matches
    from evaluators.user_transform import load_transform

    transformation = load_transform(what)
    found = lifted(transformation, name or "lifted")
    error = apart(transformation, found, asks_for_loss(found.program))
    known = recognized(found.program)
    return {
        "program": text(found.program),
        "learning_rate": _said(found.rate, found.open_rate),
        "matches": matches(error, found),
        "apart": error,
        "single_precision": found.narrow,
        "known_rule": str(known) if known else "none that is known",
    }


def _said(rate: Any, open_rate: bool) -> str | float:
    if rate is None:
        return "an input of the function" if open_rate else "none is read"
    return "a schedule" if callable(rate) else rate
