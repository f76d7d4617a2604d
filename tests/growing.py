"""A search of real programs that goes on only as far as a test lets it; scores are made up."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import cheap

from dsl.zoo import source
from search.archive import Archive
from search.final import CURVES, SEARCH
from search.observe import Quiet
from search.records import Batch, Row, Rows, Unit
from search.run import Search
from search.store import ExamRow, open_store

NAME = "grown"


def judged(unit: Unit) -> Sequence[Rows]:
    """A speed-up by the program's text, in place of training."""
    return [tuple(_row(text, task, unit) for task in unit.tasks) for text in unit.programs]


def _row(text: str, task: str, unit: Unit) -> Row:
    value = 0.5 + int(hashlib.sha256((text + task).encode()).hexdigest()[:4], 16) / 65536
    seeds = tuple(value * (1 + 0.01 * place) for place, _ in enumerate(unit.seeds))
    return Row(task, "ok", value, seeds, seeds=unit.seeds)


class Growing(Quiet):
    """A search in a thread of its own: `grow(n)` lets it commit so many batches more."""

    def __init__(self, root: Path, programs: int = 60) -> None:
        self.folder = root / NAME
        self._allowed = threading.Semaphore(0)
        self._committed = threading.Semaphore(0)
        config = cheap.config(start=("sgd",), programs=programs, run=NAME)
        search = Search(config, root, judged, observer=self)
        self._thread = threading.Thread(target=search.run)
        self._thread.start()
        self._committed.acquire()

    def told(self, batch: Batch, results: Sequence[Rows], archive: Archive, old: bool) -> None:
        del batch, results, archive, old
        self._committed.release()
        self._allowed.acquire()

    def grow(self, batches: int) -> None:
        """Returns when so many batches more are in the store."""
        for _ in range(batches):
            self._allowed.release()
            self._committed.acquire()

    def end(self) -> None:
        """Lets the search go on to its end."""
        self._allowed.release(10_000)
        self._thread.join()


def examined(folder: Path) -> None:
    """Adds a last table with loss curves to a run."""
    seeds = (1000, 1001, 1002)
    falling = tuple(tuple(2.0 * 0.9**step for step in range(60)) for _ in seeds)
    sweep = ((-1.0, 0.3), (0.0, 0.2), (1.0, 0.5))
    store = open_store(folder, write=True)
    for entry, name, speedup in (("found", "lion", 1.2), ("start", "sgd", 0.4)):
        speedups = tuple(speedup * (1 + 0.01 * place) for place in range(len(seeds)))
        rows = [
            Row(task, "ok", speedup, speedups, False, 0.0, (0.003,), seeds, falling, falling, sweep)
            for task in ("digits_mlp", "b")
        ]
        store.append_exam([ExamRow(entry, source(name), SEARCH, row) for row in rows])
        store.append_exam([ExamRow(entry, source(name), CURVES, rows[0])])
    store.close()
