"""Follows a run through its batches: the line of best rules, and how much was trained when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ...archive import Archive
from ...config import Config
from ...records import UNSEEN, Batch, score
from ...store import Store

POINTS = 200  # of a curve over time, at most


@dataclass
class History:
    """What the charts of a search are drawn from; times are in minutes."""

    archive: Archive
    trained: dict[str, int] = field(default_factory=dict)  # candidates in each rung
    unseen: dict[int, float] = field(default_factory=dict)  # speed-ups on the unseen tasks
    bests: list[tuple[float, float]] = field(default_factory=list)  # time, score of a new best
    unseen_bests: list[tuple[float, float]] = field(default_factory=list)
    counts: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    minutes: float = 0.0
    # Proposals: all, and those that were not trained.
    proposed: int = 0
    duplicates: int = 0
    not_finite: int = 0
    no_descent: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # by kind of mutation


def history(store: Store, config: Config) -> History:
    """Reads a run from its first batch to its last."""
    seen = History(Archive(tuple(rung.name for rung in config.rungs)))
    seen.trained = dict.fromkeys(seen.archive.rungs, 0)
    clock = store.clock()
    last = seen.archive.rungs[-1]
    for batch, results in store.batches():
        seen.minutes = clock[batch.index] / 60
        for job, rows in zip(batch.jobs, results, strict=True):
            best = seen.archive.take(job, rows)
            if best is not None and seen.archive.rungs[best.depth] == last:
                seen.bests.append((seen.minutes, best.score))
            if job.rung == UNSEEN and score(rows) > 0:
                seen.unseen[job.candidate.id] = score(rows)
                seen.unseen_bests.append((seen.minutes, score(rows)))
            if job.rung in seen.trained:
                seen.trained[job.rung] += 1
        _count_proposals(seen, batch)
        seen.counts.append((seen.minutes, dict(seen.trained)))
    seen.counts = seen.counts[:: max(1, len(seen.counts) // POINTS)] + seen.counts[-1:]
    return seen


def _count_proposals(seen: History, batch: Batch) -> None:
    for name in ("proposed", "duplicates", "not_finite", "no_descent"):
        setattr(seen, name, getattr(seen, name) + getattr(batch, name))
    for mutation, outcome, count in batch.outcomes:
        seen.outcomes[mutation, outcome] += count
