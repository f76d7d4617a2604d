"""Fills a report from what a run has stored; a run that is half written gives half a report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..archive import Entry
from ..config import Config
from ..final import CONTROL, FOUND, START, measured_last
from ..records import Row
from ..store import ExamRow, Store, open_store
from .collect.cards import CARDS, cards
from .collect.front import front_points
from .collect.history import History, history
from .collect.lineage import lineage, tree
from .collect.proposals import proposals
from .collect.rules import rule
from .collect.table import exam_parts, unique
from .collect.traces import curve_charts
from .data import Chart, HallRow, ReportData, Series

HALL = 10  # rules of the hall of fame
SETTINGS = ("preset", "start", "mode", "seed", "workers", "minutes", "programs", "population")
SWEPT = (FOUND, START, CONTROL)  # entries whose sweeps are drawn


def collect(folder: Path, sentence: str = "", details: Sequence[str] = ()) -> ReportData:
    """Returns the report of the run in `folder`; raises RunError if there is none."""
    store = open_store(folder)
    try:
        return _collected(store, sentence, details)
    finally:
        store.close()


def _collected(store: Store, sentence: str, details: Sequence[str]) -> ReportData:
    config = Config(**store.config())
    seen = history(store, config)
    exam = measured_last(store.exam())
    best, hall = seen.archive.best, seen.archive.hall_of_fame(HALL)
    return ReportData(
        run=store.name,
        sentence=sentence or _sentence(seen, exam),
        details=tuple(details),
        finished=bool(exam),
        facts=tuple(_facts(store, seen)),
        rule=rule(best.candidate.text)[0] if best else None,
        progress=tuple(_progress(seen)),
        sweeps=tuple(_sweeps(exam)),
        hall=tuple(_hall(hall, seen)),
        proposals=proposals(seen),
        **_measured(store, config, exam, hall),
        **_origins(store, hall, seen),
        settings=tuple((n, _said(getattr(config, n))) for n in SETTINGS if getattr(config, n)),
        versions=tuple(store.versions().items()),
        events=tuple((_when(at), f"{kind} {said}".strip()) for at, kind, said in store.events()),
    )


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _sentence(seen: History, exam: Sequence[ExamRow]) -> str:
    """Says what can be said without the last table: the best score, on seeds that chose it."""
    best = seen.archive.best
    if best is None:
        return ""
    told = "In the search" if exam else "So far"
    return f"{told}: {best.score:.2f} times the speed of tuned AdamW, on seeds that it used."


def _facts(store: Store, seen: History) -> Iterator[tuple[str, str]]:
    yield "programs trained", f"{store.count('candidate'):,}"
    for rung, count in list(seen.trained.items())[1:]:
        yield f"in the {rung} rung", f"{count:,}"
    minutes, seconds = divmod(round(store.seconds()), 60)
    yield "search time", f"{minutes} min {seconds} s"
    best = seen.archive.best
    if best:
        yield "best speed-up", f"{best.score:.2f}"
        if best.candidate.id in seen.unseen:
            yield "on unseen tasks", f"{seen.unseen[best.candidate.id]:.2f}"


def _measured(
    store: Store, config: Config, exam: Sequence[ExamRow], hall: Sequence[Entry]
) -> dict[str, Any]:
    """The last table and the cards, which show it too."""
    parts, curves = exam_parts(exam), tuple(curve_charts(exam))
    made = tuple(cards(store, config, hall, parts, curves))
    return {"exam": parts, "losses": curves, "cards": made}


def _origins(store: Store, hall: Sequence[Entry], seen: History) -> dict[str, Any]:
    """Where the rules of the hall of fame stand, and where they came from."""
    best, known = seen.archive.best, store.candidates()
    ranks = {entry.candidate.id: rank for rank, entry in enumerate(hall[:CARDS], 1)}
    rung, points = front_points(seen.archive, ranks)
    return {
        "front": points,
        "front_rung": rung,
        "tree": tree(hall, known, seen.archive),
        "lineage": tuple(lineage(best, known, seen.archive)) if best else (),
    }


def _sweeps(rows: Sequence[ExamRow]) -> Iterator[Chart]:
    swept = [row for row in rows if row.entry in SWEPT and len(row.row.sweep) > 1]
    for part in unique(row.part for row in swept)[:1]:
        for task in unique(row.row.task for row in swept if row.part == part):
            mine = [row for row in swept if (row.part, row.row.task) == (part, task)]
            series = [_sweep(row.entry, row.row) for row in mine]
            label = "log2 of the learning rate over the rule's own scale"
            yield Chart(task, label, "final training loss", tuple(series), log_y=True)


def _sweep(entry: str, row: Row) -> Series:
    x, y = zip(*sorted(row.sweep), strict=True)
    return Series(entry, tuple(x), tuple(y), dots=True)


# The search.


def _progress(seen: History) -> Iterator[Chart]:
    if seen.bests:
        minutes, scores = zip(*seen.bests, strict=True)
        x, y = (*minutes, seen.minutes), (*scores, scores[-1])
        series = [Series("search tasks", x, y, steps=True)]
        if seen.unseen_bests:
            x, y = zip(*seen.unseen_bests, strict=True)
            series.append(Series("unseen tasks", tuple(x), tuple(y), dots=True))
        yield Chart("Best so far", "minutes", "speed-up over AdamW", tuple(series), one=1.0)
    if seen.counts:
        names = list(seen.trained)
        x = tuple(at for at, _ in seen.counts)
        lines = [Series(f"{n} rung", x, tuple(c.get(n, 0) for _, c in seen.counts)) for n in names]
        yield Chart("Programs trained", "minutes", "programs", tuple(lines))


def _hall(hall: Sequence[Entry], seen: History) -> Iterator[HallRow]:
    for rank, entry in enumerate(hall, 1):
        one = entry.candidate
        yield HallRow(
            rank, one.id, one.generation, entry.score, seen.unseen.get(one.id), one.length,
            one.state_bytes, one.mutation, one.text,
        )  # fmt: skip
