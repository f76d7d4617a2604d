"""What has happened in a search so far, in numbers: the live view and the plain lines show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .archive import Archive, Entry
from .records import UNSEEN, Batch, Rows, score


@dataclass
class Progress:
    """Counts, the hall of fame, and the best score over time beside the unseen tasks' score."""

    run: str
    minutes: float | None
    programs: int | None
    rungs: tuple[str, ...]
    seconds: float = 0.0
    trained: Counter[str] = field(default_factory=Counter)  # candidates, by rung
    fresh: int = 0  # of those in the first rung, since this process began
    failed: int = 0  # of those in the first rung, by their status
    proposed: int = 0
    duplicates: int = 0
    not_finite: int = 0
    no_descent: int = 0
    hall: tuple[Entry, ...] = ()
    bests: list[float] = field(default_factory=list)  # search score, a new best a value
    unseen: dict[int, float] = field(default_factory=dict)  # by candidate
    note: str = ""

    def take(self, batch: Batch, results: Sequence[Rows], archive: Archive, old: bool) -> bool:
        """Counts a batch; returns whether it changed the best."""
        self.proposed += batch.proposed
        self.duplicates += batch.duplicates
        self.not_finite += batch.not_finite
        self.no_descent += batch.no_descent
        for job, rows in zip(batch.jobs, results, strict=True):
            self.trained[job.rung] += 1
            if job.rung == self.rungs[0]:
                self.failed += score(rows) <= 0
                self.fresh += not old
            if job.rung == UNSEEN:
                self.unseen[job.candidate.id] = score(rows)
        self.hall = tuple(archive.hall_of_fame())
        before = len(self.bests)
        self.bests = [entry.score for entry in archive.bests if entry.depth == archive.best_depth]
        return len(self.bests) != before

    def unseen_bests(self, archive: Archive) -> list[float]:
        """Returns the unseen tasks' score of every best that was measured there."""
        ids = [entry.candidate.id for entry in archive.bests]
        return [self.unseen[id] for id in ids if id in self.unseen]

    def share(self) -> float:
        """Returns the spent share of the budget, from 0 to 1."""
        if self.programs:
            return min(1.0, self.trained[self.rungs[0]] / self.programs)
        return min(1.0, self.seconds / (60 * (self.minutes or 1)))
