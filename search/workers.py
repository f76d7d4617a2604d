"""Workers: units of work go in, results come out in any order; a worker may die."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from .errors import EvaluationFailed
from .records import WORKER_DIED, Row, Rows, Unit

Train = Callable[[Unit], Sequence[Rows]]  # a pure function; one entry a program of the unit

KILLS = 2  # a unit that has ended so many workers is cut in two


def training_failed(error: BaseException) -> EvaluationFailed:
    """Returns the sentence for an exception: a candidate's own faults are statuses, not these."""
    lines = str(error).strip().splitlines() or [""]
    return EvaluationFailed(f"training raised {type(error).__name__}: {lines[-1]}")


class Workers(Protocol):
    """Trains units: each ticket comes back once, with the rows of every program of its unit."""

    def submit(self, ticket: int, unit: Unit) -> None: ...
    def collect(self, seconds: float) -> list[tuple[int, tuple[Rows, ...]]]: ...
    def forget(self) -> None: ...  # what was submitted and has not come back
    def close(self) -> None: ...


class InProcess:
    """Trains in this process, one unit at each `collect`."""

    def __init__(self, train: Train) -> None:
        self._train = train
        self._waiting: deque[tuple[int, Unit]] = deque()

    def submit(self, ticket: int, unit: Unit) -> None:
        self._waiting.append((ticket, unit))

    def collect(self, seconds: float) -> list[tuple[int, tuple[Rows, ...]]]:
        del seconds  # a unit is trained to its end
        if not self._waiting:
            return []
        ticket, unit = self._waiting.popleft()
        try:
            return [(ticket, tuple(self._train(unit)))]
        except Exception as error:
            raise training_failed(error) from error

    def forget(self) -> None:
        self._waiting.clear()

    def close(self) -> None:
        self.forget()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A part of a unit: the programs from `first` on, and how many workers it has ended."""

    ticket: int
    first: int
    unit: Unit
    kills: int = 0

    @property
    def count(self) -> int:
        return len(self.unit.programs)


def after_death(attempt: Attempt) -> list[Attempt]:
    """Returns what to try next; nothing is left of one program that has ended two workers.

    A half of a cut unit is cut again at its first death, until one program is left alone.
    """
    kills = attempt.kills + 1
    if kills < KILLS:
        return [replace(attempt, kills=kills)]
    if attempt.count == 1:
        return []
    middle = attempt.count // 2
    return [_part(attempt, 0, middle), _part(attempt, middle, attempt.count)]


def _part(attempt: Attempt, start: int, stop: int) -> Attempt:
    unit = replace(
        attempt.unit,
        programs=attempt.unit.programs[start:stop],
        multipliers=attempt.unit.multipliers[start:stop],
    )
    kills = 0 if stop - start == 1 else KILLS - 1
    return Attempt(attempt.ticket, attempt.first + start, unit, kills)


def died(unit: Unit) -> tuple[Rows, ...]:
    """Returns the rows of a unit that no worker survived."""
    rows = tuple(Row(task, WORKER_DIED, seeds=unit.seeds) for task in unit.tasks)
    return (rows,) * len(unit.programs)


@dataclass
class Assembly:
    """The parts of one unit that have come back."""

    rows: list[Rows | None]

    def put(self, attempt: Attempt, rows: Sequence[Rows]) -> bool:
        """Puts a part in its place; returns whether the unit is whole."""
        self.rows[attempt.first : attempt.first + attempt.count] = rows
        return all(part is not None for part in self.rows)

    def whole(self) -> tuple[Rows, ...]:
        return tuple(rows for rows in self.rows if rows is not None)


@dataclass
class Retrying:
    """Hands attempts to mortal workers and puts their results together again."""

    waiting: deque[Attempt] = field(default_factory=deque)
    parts: dict[int, Assembly] = field(default_factory=dict)

    def submit(self, ticket: int, unit: Unit) -> None:
        self.parts[ticket] = Assembly([None] * len(unit.programs))
        self.waiting.append(Attempt(ticket, 0, unit))

    def done(self, attempt: Attempt, rows: Sequence[Rows]) -> list[tuple[int, tuple[Rows, ...]]]:
        """Takes the rows of an attempt; returns its unit if that is whole now."""
        assembly = self.parts.get(attempt.ticket)
        if assembly is None or not assembly.put(attempt, rows):  # None: forgotten meanwhile
            return []
        return [(attempt.ticket, self.parts.pop(attempt.ticket).whole())]

    def forget(self) -> None:
        """Leaves what has not come back."""
        self.waiting.clear()
        self.parts.clear()

    def lost(self, attempt: Attempt) -> list[tuple[int, tuple[Rows, ...]]]:
        """Takes an attempt whose worker died; returns its unit if that ends it."""
        if attempt.ticket not in self.parts:
            return []
        again = after_death(attempt)
        self.waiting.extendleft(reversed(again))  # first in line: later batches wait for it
        return [] if again else self.done(attempt, died(attempt.unit))


def start_workers(
    count: int, train: Train, address: str | None, report: Callable[[str, str], None]
) -> Workers:
    """Returns `count` workers: Ray actors, or this process for 0. `report` hears of deaths."""
    if count == 0:
        return InProcess(train)
    from .ray_workers import RayWorkers

    return RayWorkers(count, train, address, report)


# What every worker process runs with: one core each, and no telemetry.
ENVIRONMENT = {
    "JAX_PLATFORMS": os.environ.get("JAX_PLATFORMS", "cpu"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
