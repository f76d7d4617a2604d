"""Cuts batches into units, hands them to the workers, and puts the results together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .config import Config, Rung
from .records import UNSEEN, Batch, Rows, Unit
from .workers import Workers

Slots = tuple[int, ...]  # places in `batch.jobs`


def rung(config: Config, name: str) -> Rung:
    """Returns the rung of a name, the one of unseen tasks included."""
    if name == UNSEEN and config.unseen is not None:
        return config.unseen
    return next(rung for rung in config.rungs if rung.name == name)


def units(batch: Batch, config: Config) -> Iterator[tuple[Unit, Slots]]:
    """Yields the units of a batch: at most `rung.unit` programs of one rung each."""
    by_rung: dict[str, list[int]] = {}
    for slot, job in enumerate(batch.jobs):
        by_rung.setdefault(job.rung, []).append(slot)
    for name, slots in by_rung.items():
        level = rung(config, name)
        for start in range(0, len(slots), level.unit):
            part = tuple(slots[start : start + level.unit])
            candidates = [batch.jobs[slot].candidate for slot in part]
            texts = tuple(candidate.text for candidate in candidates)
            multipliers = tuple(candidate.multiplier for candidate in candidates)
            seeds = level.seeds_of(batch.index)
            yield Unit(name, level.tasks, texts, multipliers, level.rates, seeds), part


class Dispatch:
    """Batches under way."""

    def __init__(self, config: Config, workers: Workers) -> None:
        self._config = config
        self._workers = workers
        self._tickets: dict[int, tuple[int, Slots]] = {}
        self._results: dict[int, list[Rows | None]] = {}  # by the index of the batch
        self._next = 0

    def warm(self) -> None:
        """Has every task compiled once, by whichever worker is free, before the first batch."""
        levels = filter(None, (*self._config.rungs, self._config.unseen))
        for level in levels:
            for name in level.tasks:
                unit = Unit(level.name, (name,), (), (), level.rates, level.seeds_of(0))
                self._submit(-1, unit, ())

    def _submit(self, index: int, unit: Unit, slots: Slots) -> None:
        self._tickets[self._next] = index, slots
        self._workers.submit(self._next, unit)
        self._next += 1

    def submit(self, batch: Batch) -> None:
        """Hands every unit of a batch to the workers."""
        self._results[batch.index] = [None] * len(batch.jobs)
        for unit, slots in units(batch, self._config):
            self._submit(batch.index, unit, slots)

    def wait(
        self, batch: Batch, seconds: float, given_up: Callable[[], bool]
    ) -> tuple[Rows, ...] | None:
        """Returns the results of a batch in the order of its jobs, None if given up before.

        seconds: how often `given_up` is asked.
        """
        while None in self._results[batch.index]:
            if given_up():
                return None
            for ticket, rows in self._workers.collect(seconds):
                index, slots = self._tickets.pop(ticket)
                for slot, row in zip(slots, rows, strict=True):
                    self._results[index][slot] = row
        results = self._results.pop(batch.index)
        return tuple(rows for rows in results if rows is not None)
