"""The exam at the end of a search: what was found, tuned anew and measured on fresh seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .archive import Archive, Entry
from .config import Config
from .controls import control
from .observe import Observer
from .records import EXAM, Unit, best_multiplier
from .stop import Stop
from .store import ExamRow, Store
from .workers import Workers

FOUND, START, CONTROL = "found", "start", "random search"
SEARCH, HELD_OUT, LONGER = "search tasks", "held-out tasks", "4x horizon"
LONG = 4.0  # times the horizon
FIRST = 10**9  # ticket; work of the search that is still under way has smaller ones
GRACE = 2.0  # seconds past the time limit
POLL = 0.1


@dataclass(frozen=True)
class Sitting:
    """One rule on one task."""

    entry: str
    part: str
    unit: Unit


def take(
    config: Config, archive: Archive, store: Store, workers: Workers, stop: Stop, observer: Observer
) -> bool:
    """Takes the exam and stores its rows as they come; returns whether it was finished.

    What the store has already, from an earlier life of the search, is not taken again.
    """
    done = {(row.entry, row.part, row.row.task, row.program) for row in store.exam()}
    workers.forget()
    waiting = {
        ticket: sitting
        for ticket, sitting in enumerate(sittings(config, archive, store.folder.parent), FIRST)
        if (sitting.entry, sitting.part, sitting.unit.tasks[0], sitting.unit.programs[0])
        not in done
    }
    for ticket, sitting in waiting.items():
        workers.submit(ticket, sitting.unit)
    total = len(waiting)
    while waiting and not stop.overdue(GRACE):
        for ticket, rows in workers.collect(POLL):
            one = waiting.pop(ticket)
            store.append_exam([ExamRow(one.entry, one.unit.programs[0], one.part, rows[0][0])])
            observer.note("exam", f"{total - len(waiting)} of {total} measured on fresh seeds")
        if observer.tick(stop.seconds()):
            stop.request()
    return not waiting


def sittings(config: Config, archive: Archive, root: Path) -> Iterator[Sitting]:
    """Yields what there is to measure, the most important first."""
    if config.exam is None or archive.best is None:
        return
    best, start = archive.best, start_entry(archive)
    searched = config.rungs[-1].tasks
    held_out = tuple(name for name in config.exam.tasks if name not in searched)
    entries = [(FOUND, best.candidate.text, best_multiplier(best.rows))]
    if start is not None and start.candidate.key != best.candidate.key:
        entries.append((START, start.candidate.text, best_multiplier(start.rows)))
    other = control(config, root)
    if other is not None:
        entries.append((CONTROL, other.text, other.multiplier))
    for part, names in ((SEARCH, searched), (HELD_OUT, held_out)):
        for entry, text, multiplier in entries:
            yield from _sittings(config, entry, part, text, multiplier, names)
    yield from _sittings(config, *entries[0][:1], LONGER, *entries[0][1:], searched[:2], LONG)


def start_entry(archive: Archive) -> Entry | None:
    """Returns the best of the start programs."""
    starts = [one for one in archive.entries.values() if one.candidate.mutation == "start"]
    return max(starts, key=lambda one: (one.depth, one.score), default=None)


def _sittings(
    config: Config,
    entry: str,
    part: str,
    text: str,
    multiplier: float,
    names: Sequence[str],
    horizon: float = 1.0,
) -> Iterator[Sitting]:
    seeds = config.exam.seeds if config.exam else ()
    for name in names:
        unit = Unit(EXAM, (name,), (text,), (multiplier,), (), seeds, horizon)
        yield Sitting(entry, part, unit)
