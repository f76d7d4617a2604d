"""The archive: the best candidates by quality, length and state, and the line of best ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from evaluators.score import paired_over_tasks

from .records import Candidate, Job, Rows, score


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate with its rows in the last rung that it has reached."""

    candidate: Candidate
    depth: int  # how many rungs it has passed, from 0
    rows: Rows
    score: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "score", score(self.rows))


def cell(candidate: Candidate) -> tuple[int, int]:
    """Returns the cell of a candidate: doubling lengths by bytes of state a parameter."""
    length = round(2 * math.log2(max(candidate.length, 1)))
    return length, round(candidate.state_bytes)


def beats(ours: Rows, theirs: Rows) -> bool:
    """Returns whether ours is better on these tasks beyond what seeds do.

    Where every task has one seed there is nothing to tell noise by, and the higher score wins.
    """
    if score(ours) <= score(theirs):
        return False
    if score(theirs) == 0 or all(len(row.speedups) < 2 for row in ours):
        return True
    pairs = [(a.speedups, b.speedups) for a, b in zip(ours, theirs, strict=True)]
    return paired_over_tasks([a for a, _ in pairs], [b for _, b in pairs]).better


@dataclass
class Archive:
    """The deepest entry of every candidate, the best of every cell, and the line of best ones.

    Depth goes before score: a score from a later rung stands on more tasks and seeds.
    """

    rungs: tuple[str, ...]  # names, the cheapest first
    entries: dict[int, Entry] = field(default_factory=dict)
    cells: dict[tuple[int, int], Entry] = field(default_factory=dict)
    bests: list[Entry] = field(default_factory=list)

    @property
    def best(self) -> Entry | None:
        return self.bests[-1] if self.bests else None

    @property
    def best_depth(self) -> int:
        """How many rungs the best has passed."""
        return self.best.depth if self.best else 0

    def take(self, job: Job, rows: Rows) -> Entry | None:
        """Takes in what was measured of a candidate; returns its entry if it is a new best."""
        if job.rung not in self.rungs:
            return None
        entry = Entry(job.candidate, self.rungs.index(job.rung), rows)
        self.entries[job.candidate.id] = entry
        if entry.score <= 0:
            return None
        place = cell(entry.candidate)
        held = self.cells.get(place)
        if held is None or (entry.depth, entry.score) > (held.depth, held.score):
            self.cells[place] = entry
        return self._crowned(entry)

    def hall_of_fame(self, size: int = 10) -> list[Entry]:
        """Returns the best first, then the deepest and highest, one for each structure."""
        order = sorted(self.entries.values(), key=lambda e: (-e.depth, -e.score, e.candidate.id))
        kept: dict[str, Entry] = {}
        for entry in ([self.best] if self.best else []) + order:
            if entry.score > 0:
                kept.setdefault(entry.candidate.structure, entry)
        return list(kept.values())[:size]

    def _crowned(self, entry: Entry) -> Entry | None:
        best = self.best
        if best is not None and entry.depth < best.depth:
            return None
        if best is not None and entry.depth == best.depth and not beats(entry.rows, best.rows):
            return None
        self.bests.append(entry)
        return entry
