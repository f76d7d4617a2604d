"""Writes the report of a run into its folder."""

from __future__ import annotations

from pathlib import Path

from .page import page

FILE = "report.html"


def write(folder: Path, sentence: str = "", *, trace: bool = True) -> Path:
    """Writes the page of the run in `folder` and returns where it is.

    sentence: what was found, for the head of the page. trace: run what the loss curves lack, a
    few complete runs of the found rule and of AdamW. Raises RunError if there is no such run.
    """
    from ..store import open_store
    from .fill import collect
    from .traces import traced

    store = open_store(folder)
    try:
        exam = store.exam()
    finally:
        store.close()
    losses = traced(folder, exam, run=trace) if exam else ()
    made = page(collect(folder, sentence, losses))
    partial = folder / f"{FILE}.new"
    partial.write_text(made, encoding="utf-8")
    return partial.replace(folder / FILE)
