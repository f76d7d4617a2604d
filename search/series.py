"""A table of several runs: what each found, beside random search and its start.

python -m search.series RUN ... prints it as Markdown; runs/README.md keeps such tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from evaluators.score import Paired

from .final import CONTROL, FOUND, HELD_OUT, SEARCH, START, known_start, measured_last
from .kept import Run, open_run
from .store import ExamRow, open_store
from .summary import gain_over, lines_of

HEAD = (
    "run", "first rung", "second rung", "search tasks", "held-out tasks",
    "random search, search tasks", "gain over random search", "gain over the tuned start",
)  # fmt: skip


def table(folders: Iterable[Path]) -> str:
    """Returns a Markdown table, a line for each run."""
    rows = [HEAD, ("---",) * len(HEAD), *map(_row, folders)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(folder: Path) -> tuple[str, ...]:
    run = open_run(folder.name, folder.parent)
    store = open_store(folder)
    try:
        rows = measured_last(store.exam())
    finally:
        store.close()
    return folder.name, *_counts(run), *_means(rows), *_gains(run, rows)


def _counts(run: Run) -> Iterator[str]:
    entries = run.archive.entries.values()
    yield f"{len(entries):,}"
    yield f"{sum(entry.depth > 0 for entry in entries):,}"


def _means(rows: Sequence[ExamRow]) -> Iterator[str]:
    found = {(line.rule, line.part): line.mean for line in lines_of(rows)}
    for key in ((FOUND, SEARCH), (FOUND, HELD_OUT), (CONTROL, SEARCH)):
        yield f"{found[key]:.2f}" if key in found else "-"


def _gains(run: Run, rows: Sequence[ExamRow]) -> Iterator[str]:
    yield _said(gain_over(rows, CONTROL))
    yield _said(gain_over(rows, START, known_start(run.config)))


def _said(found: Paired | None) -> str:
    return "-" if found is None else f"{found.ratio:.2f} ({found.low:.2f}-{found.high:.2f})"


if __name__ == "__main__":
    print(table(map(Path, sys.argv[1:])))
