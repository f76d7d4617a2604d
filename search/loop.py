"""The loop of a search, from its first batch to its last."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass

from .config import Config
from .dispatch import Dispatch
from .evolution import Strategy
from .observe import Observer
from .records import Batch, Rows
from .stop import Stop
from .store import Store

GRACE = 2.0  # seconds that work under way is waited for once a search has to end
POLL = 0.1  # seconds between looks at the clock and the keyboard


@dataclass
class Loop:
    """The search itself: ask for a batch, have it trained, keep it, tell the results."""

    config: Config
    store: Store
    strategy: Strategy
    dispatch: Dispatch
    stop: Stop
    observer: Observer

    def run(self) -> None:
        """Searches until the budget is spent or somebody ends it.

        Batch b is asked for when b - lag is told and nothing after it, so what is bred follows
        from the seed alone. Batches are committed in order, so the store always holds a prefix.
        """
        self._asked: deque[tuple[Batch, tuple[Rows, ...] | None]] = deque()
        self._history = self.store.batches()
        self._programs = 0
        for index in itertools.count():
            if not self._ask(index):
                break
            if len(self._asked) == self.config.lag and not self._tell():
                break
        while self._asked and self._tell():
            pass

    def _ask(self, index: int) -> bool:
        """Begins a batch, or takes it from the store; returns False if the budget is spent."""
        batch, results = next(self._history, (None, None))
        if batch is not None:
            self.strategy.adopt(batch)
        elif self._spent():
            return False
        else:
            batch = self.strategy.ask(index)
            self.dispatch.submit(batch)
        self._programs += sum(job.rung == self.config.rungs[0].name for job in batch.jobs)
        self._asked.append((batch, results))
        return True

    def _tell(self) -> bool:
        """Ends the oldest batch; returns False if it is not trained in time."""
        batch, results = self._asked.popleft()
        old = results is not None
        if results is None:
            results = self.dispatch.wait(batch, POLL, self._given_up)
            if results is None:
                return False
            self.store.append(batch, results, self.stop.seconds())
        self.strategy.tell(batch, results)
        self.observer.told(batch, results, self.strategy.archive, old)
        return True

    def _spent(self) -> bool:
        limit = self.config.programs
        return self.stop.due() or (limit is not None and self._programs >= limit)

    def _given_up(self) -> bool:
        if self.observer.tick(self.stop.seconds()):
            self.stop.request()
        return self.stop.overdue(GRACE)
