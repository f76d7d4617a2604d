"""A search of real programs that goes on only as far as a test lets it; scores are made up."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import cheap

from search.archive import Archive
from search.observe import Quiet
from search.records import Batch, Row, Rows, Unit
from search.run import Search

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

    def __init__(self, root: Path, programs: int = 200) -> None:
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
