"""Fills a report from what a run has stored; a run that is half written gives half a report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from dsl import Program, ProgramError, export, parse, simplify, state_bytes, text
from dsl.export.to_mathml import to_mathml
from dsl.program import calls

from ..archive import Archive, Entry
from ..config import Config
from ..final import CONTROL, FOUND, START, measured_last
from ..records import Candidate, Row
from ..store import ExamRow, Store, open_store
from .data import Ancestor, Chart, HallRow, ReportData, Rule, Series
from .history import History, history
from .table import exam_parts, unique
from .traces import curve_charts

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
    best = seen.archive.best
    candidates = store.candidates()
    return ReportData(
        run=store.name,
        sentence=sentence or _sentence(seen, exam),
        details=tuple(details),
        finished=bool(exam),
        facts=tuple(_facts(store, seen)),
        rule=_rule(best.candidate.text) if best else None,
        exam=exam_parts(exam),
        progress=tuple(_progress(seen)),
        losses=tuple(curve_charts(exam)),
        sweeps=tuple(_sweeps(exam)),
        hall=tuple(_hall(seen)),
        lineage=tuple(_lineage(best, candidates, seen.archive)) if best else (),
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


def _rule(source: str) -> Rule:
    try:
        program = parse(source)
    except ProgramError:  # written by another version of the language: shown as it stands
        return Rule(name="", text=source)
    short = simplify(program).program
    shown = text(short)
    return Rule(
        name=short.name,
        text=shown,
        mathml=to_mathml(short),
        latex=export(short, "latex"),
        original="" if shown == source else source,
        state_bytes=state_bytes(short),
        calls=_length(short),
    )


def _length(program: Program) -> int:
    return len(list(calls(program.body)))


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


def _hall(seen: History) -> Iterator[HallRow]:
    for rank, entry in enumerate(seen.archive.hall_of_fame(HALL), 1):
        one = entry.candidate
        yield HallRow(
            rank, one.id, one.generation, entry.score, seen.unseen.get(one.id), one.length,
            one.state_bytes, one.mutation, one.text,
        )  # fmt: skip


def _lineage(best: Entry, known: dict[int, Candidate], archive: Archive) -> Iterator[Ancestor]:
    """Yields the first parents of the winner from the start on."""
    path: list[Candidate] = []
    at: Candidate | None = best.candidate
    while at is not None and at not in path:
        path.append(at)
        at = known.get(at.parents[0]) if at.parents else None
    for one in reversed(path):
        entry = archive.entries.get(one.id)
        value = entry.score if entry and entry.score > 0 else None
        yield Ancestor(one.id, one.generation, one.mutation, value, one.text)
