"""Regularized evolution as ask and tell: a pure function of the seed and of what was told.

Real, Aggarwal, Huang & Le, 2019. Regularized evolution for image classifier architecture search.
arXiv:1802.01548.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .archive import Archive, Entry
from .breed import NO_DESCENT, NOT_FINITE, Breeder, Keys, Program, Unfit
from .config import Config, Rung
from .errors import SearchError
from .records import (
    AND,
    BRED,
    SAME_BEHAVIOUR,
    SAME_KEY,
    UNSEEN,
    Batch,
    Candidate,
    Job,
    Rows,
    best_multiplier,
    kind,
    score,
)

SPREAD = (0.0, -2.0, 2.0, -4.0, 4.0)  # log2 multipliers that each start program is tried at
TRIES = 400  # proposals for one place in a batch, before it is left empty
MORE = 0.35  # chance of one more mutation of the same child
JITTER = 0.5  # deviation of a child's log2 multiplier from its parent's
LIMIT = 12.0  # of log2 multipliers

Outcomes = Counter[tuple[str, str]]  # proposals by kind of mutation and what became of them


class Strategy(Protocol):
    """What a search asks for work and tells the results.

    Calls come in one order only: ask(0) .. ask(lag - 1), then tell(0), ask(lag), tell(1), ... so
    that a batch follows from the same results whoever trained them and however fast. For a batch
    that the store has already, adopt(batch) takes the place of ask.
    """

    archive: Archive

    def ask(self, index: int) -> Batch: ...
    def adopt(self, batch: Batch) -> None: ...
    def tell(self, batch: Batch, results: Sequence[Rows]) -> None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A candidate with its score and best multiplier in the first rung."""

    candidate: Candidate
    score: float
    multiplier: float


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a child comes from."""

    text: str
    ids: tuple[int, ...]
    generation: int
    multiplier: float


@dataclass
class Evolution:
    """Population, archive and everything seen; all of it follows from the calls so far."""

    config: Config
    breeder: Breeder
    starts: tuple[tuple[str, Keys], ...]  # texts of the start programs
    archive: Archive = field(init=False)

    def __post_init__(self) -> None:
        self.archive = Archive(tuple(rung.name for rung in self.config.rungs))
        self._population: deque[Told] = deque(maxlen=self.config.population)
        self._told: list[Told] = []
        self._next = 0  # id of the next candidate
        self._seen: set[str] = set()  # canonical and behavioural keys of all candidates
        self._unfit: dict[str, Unfit] = {}  # by canonical key, so that none is probed twice
        self._windows: list[list[Entry]] = [[] for _ in self.config.rungs]
        self._queue: list[Job] = []
        self._watched: set[int] = set()  # candidates that the unseen tasks were asked about

    # Strategy.

    def ask(self, index: int) -> Batch:
        """Returns the batch bred from everything told so far."""
        counts: Outcomes = Counter()
        rng = random.Random(f"{self.config.seed}/{index}")
        fresh = self._first() if index == 0 else self._children(index, rng, counts)
        jobs = [Job(self.config.rungs[0].name, candidate) for candidate in fresh] + self._queue
        if not jobs:
            raise SearchError("No program is left that was not tried: widen the vocabulary.")
        self._queue = []
        return Batch(index, tuple(jobs), *_totals(counts), outcomes=_lines(counts))

    def adopt(self, batch: Batch) -> None:
        """Takes a batch that was asked for before, in an earlier life of the search."""
        for job in batch.jobs:
            if job.candidate.batch == batch.index:
                self._remember(job.candidate)
        self._queue = []

    def tell(self, batch: Batch, results: Sequence[Rows]) -> None:
        """Takes the results of a batch: ages the population, promotes, fills the archive."""
        for job, rows in zip(batch.jobs, results, strict=True):
            self._watch(self.archive.take(job, rows))
            if job.rung in self.archive.rungs:
                self._windows[self.archive.rungs.index(job.rung)].append(
                    self.archive.entries[job.candidate.id]
                )
            if job.rung == self.archive.rungs[0]:
                self._age(job.candidate, rows)
        if batch.index == 0:
            self._promote_starts()
        self._promote()

    # Breeding.

    def _first(self) -> list[Candidate]:
        """The start programs, each at a spread of rates."""
        return [
            self._born(0, Parent(text, (), -1, multiplier), text, keys, "start")
            for text, keys in self.starts
            for multiplier in SPREAD
        ]

    def _children(self, index: int, rng: random.Random, counts: Outcomes) -> list[Candidate]:
        children = (self._child(index, rng, counts) for _ in range(self.config.batch))
        return [child for child in children if child is not None]

    def _child(self, index: int, rng: random.Random, counts: Outcomes) -> Candidate | None:
        """A child that differs from every candidate before it, or None after many tries."""
        for _ in range(TRIES):
            parent = self._parent(rng)
            program, mutation = self._mutated(self.breeder.parse(parent.text), rng)
            outcome, keys = self._judged(program)
            counts[kind(mutation), outcome] += 1
            if keys is not None:
                return self._born(
                    index, parent, self.breeder.text(program), keys, mutation, rng.gauss(0, JITTER)
                )
        return None

    def _mutated(self, program: Program, rng: random.Random) -> tuple[Program, str]:
        child, name = self.breeder.propose(program, rng)
        names = [name]
        while rng.random() < MORE:
            child, name = self.breeder.propose(child, rng)
            names.append(name)
        return child, AND.join(names)

    def _judged(self, program: Program) -> tuple[str, Keys | None]:
        """What becomes of a program, and the keys of one that is new and fit to be trained."""
        marks = self.breeder.marks(program)
        if marks[0] in self._seen:
            return SAME_KEY, None
        keys = self._unfit.get(marks[0]) or self.breeder.keys(program, marks)
        if isinstance(keys, str):
            self._unfit[marks[0]] = keys
            return keys, None
        return (SAME_BEHAVIOUR, None) if keys.behaviour in self._seen else (BRED, keys)

    def _parent(self, rng: random.Random) -> Parent:
        """Who is varied next: by tournament or from the archive; at random as a control."""
        if not self._told:
            place = rng.randrange(len(self.starts))
            return Parent(self.starts[place][0], (place * len(SPREAD),), 0, rng.choice(SPREAD))
        if self.config.mode == "random":
            return _parent_of(self._told[rng.randrange(len(self._told))])
        if self.archive.cells and rng.random() < self.config.elite:
            return self._elite(rng)
        drawn = rng.choices(self._population, k=self.config.tournament)
        return _parent_of(max(drawn, key=lambda told: (told.score, -told.candidate.id)))

    def _elite(self, rng: random.Random) -> Parent:
        """Who has gone deepest, then who is best there, of a few drawn from the archive.

        A later rung has more tasks and seeds, so what is good at the first alone dies out.
        """
        drawn = rng.choices(list(self.archive.cells.values()), k=self.config.elite_tournament)
        entry = max(drawn, key=lambda entry: (entry.depth, entry.score, -entry.candidate.id))
        return _parent_of(Told(entry.candidate, entry.score, best_multiplier(entry.rows)))

    def _born(
        self, batch: int, parent: Parent, text: str, keys: Keys, mutation: str, jitter: float = 0.0
    ) -> Candidate:
        candidate = Candidate(
            self._next, batch, text, keys.canonical, keys.structure, keys.behaviour, keys.length,
            keys.state_bytes, parent.ids, mutation, parent.generation + 1,
            max(-LIMIT, min(LIMIT, parent.multiplier + jitter)),
        )  # fmt: skip
        self._remember(candidate)
        return candidate

    def _remember(self, candidate: Candidate) -> None:
        self._next = max(self._next, candidate.id + 1)
        self._seen |= {candidate.key, candidate.behaviour}

    # Learning from results.

    def _age(self, candidate: Candidate, rows: Rows) -> None:
        """Lets a candidate into the population, and the oldest out."""
        value = score(rows)
        multiplier = best_multiplier(rows) if value else candidate.multiplier
        self._population.append(Told(candidate, value, multiplier))
        self._told.append(self._population[-1])

    def _watch(self, best: Entry | None) -> None:
        """Asks how a new best does on tasks that the search never selects on."""
        if best is None or self.config.unseen is None or best.candidate.id in self._watched:
            return
        if best.depth > 0 or len(self.archive.rungs) == 1:
            self._watched.add(best.candidate.id)
            self._queue.append(Job(UNSEEN, best.candidate))

    def _promote_starts(self) -> None:
        """Sends the best copy of each start program through every rung, to compare with."""
        window = sorted(self._windows[0], key=_rank)
        for text, _ in self.starts:
            best = next(entry for entry in window if entry.candidate.text == text)
            self._queue += [Job(rung, best.candidate) for rung in self.archive.rungs[1:]]

    def _promote(self) -> None:
        """Sends the best of every full window on to the next rung."""
        for depth, rung in enumerate(self.config.rungs[:-1]):
            while len(self._windows[depth]) >= rung.window:
                window = self._windows[depth][: rung.window]
                self._windows[depth] = self._windows[depth][rung.window :]
                following = self.archive.rungs[depth + 1]
                self._queue += [Job(following, e.candidate) for e in _promoted(window, rung)]


def _totals(counts: Outcomes) -> tuple[int, int, int, int]:
    """How many were proposed, known by a key, not finite, and without descent."""

    def of(*outcomes: str) -> int:
        return sum(count for (_, outcome), count in counts.items() if outcome in outcomes)

    return counts.total(), of(SAME_KEY, SAME_BEHAVIOUR), of(NOT_FINITE), of(NO_DESCENT)


def _lines(counts: Outcomes) -> tuple[tuple[str, str, int], ...]:
    return tuple((*pair, count) for pair, count in sorted(counts.items()))


def _rank(entry: Entry) -> tuple[float, int]:
    return -entry.score, entry.candidate.id


def _parent_of(told: Told) -> Parent:
    candidate = told.candidate
    return Parent(candidate.text, (candidate.id,), candidate.generation, told.multiplier)


def _promoted(window: list[Entry], rung: Rung) -> list[Entry]:
    """Returns the best of a window, one for each structure; the start programs went already."""
    unique: dict[str, Entry] = {}
    for entry in sorted(window, key=_rank):
        if entry.score > 0 and entry.candidate.mutation != "start":
            unique.setdefault(entry.candidate.structure, entry)
    return list(unique.values())[: max(1, round(rung.promote * rung.window))]
