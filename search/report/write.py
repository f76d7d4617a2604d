"""Writes the report of a run into its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .page import page

FILE = "report.html"


def write(folder: Path, sentence: str = "", details: Sequence[str] = ()) -> Path:
    """Writes the page of the run in `folder` and returns where it is.

    sentence, details: what was found, for the head of the page. Raises RunError if there is no
    such run.
    """
    from .fill import collect

    made = page(collect(folder, sentence, details))
    partial = folder / f"{FILE}.new"
    partial.write_text(made, encoding="utf-8")
    return partial.replace(folder / FILE)
