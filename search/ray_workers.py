"""Workers as Ray actors, on this machine or on a cluster."""

from __future__ import annotations

import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .errors import EvaluationFailed, SearchError
from .records import Rows, Unit
from .workers import ENVIRONMENT, Attempt, Retrying, Train, training_failed

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # before Ray is imported: no telemetry
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # Ray's coming default

# Deaths of workers are told by `report`; Ray's own paragraph would tear the screen.
os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", "A worker died or was killed")

import ray
from ray.exceptions import RayActorError, RayTaskError

MEMORY = 100 * 2**20  # bytes of Ray's object store, of which texts and numbers need little
HUNG = 300.0  # seconds after which a worker is taken for dead, compiling included


class Trainer:
    """One worker process."""

    def __init__(self, train: Train) -> None:
        self._train = train

    def train(self, unit: Unit) -> Sequence[Rows]:
        return self._train(unit)

    def pid(self) -> int:
        return os.getpid()


class RayWorkers:
    """Actors of one core, one unit at a time each; a dead one is replaced."""

    def __init__(
        self, count: int, train: Train, address: str | None, report: Callable[[str, str], None]
    ) -> None:
        self._own = not ray.is_initialized()
        if self._own:
            _connect(count, address)
        self._environment = _environment(address)
        self._train = ray.put(train)
        self._report = report
        self._retrying = Retrying()
        self._idle = [self._actor() for _ in range(count)]
        self._check()
        self._busy: dict[Any, tuple[Any, Attempt, float]] = {}  # by the reference of the result

    def submit(self, ticket: int, unit: Unit) -> None:
        self._retrying.submit(ticket, unit)
        self._feed()

    def collect(self, seconds: float) -> list[tuple[int, tuple[Rows, ...]]]:
        """Returns what is ready within `seconds`.

        Raises EvaluationFailed if training raised an exception.
        """
        self._end_hung()
        if not self._busy:
            return []
        ready, _ = ray.wait(list(self._busy), num_returns=1, timeout=seconds)
        out = [done for reference in ready for done in self._settled(reference)]
        self._feed()
        return out

    def forget(self) -> None:
        self._retrying.forget()

    def pids(self) -> list[int]:
        """Returns the process of every living worker."""
        actors = [*self._idle, *(actor for actor, _, _ in self._busy.values())]
        return ray.get([actor.pid.remote() for actor in actors])

    def close(self) -> None:
        """Ends the workers, and Ray if this search started it."""
        for actor in [*self._idle, *(actor for actor, _, _ in self._busy.values())]:
            ray.kill(actor)
        if self._own:
            ray.shutdown()

    def _actor(self) -> Any:
        remote = ray.remote(num_cpus=1, max_restarts=0)(Trainer)
        return remote.options(runtime_env={"env_vars": self._environment}).remote(self._train)

    def _check(self) -> None:
        """Waits for the workers to stand: one that cannot even start is no candidate's fault."""
        try:
            ray.get([actor.pid.remote() for actor in self._idle])
        except (RayActorError, RayTaskError) as error:
            self._busy = {}
            self.close()
            raise EvaluationFailed(
                f"a worker cannot start: {str(error).splitlines()[-1]}"
            ) from None

    def _feed(self) -> None:
        while self._idle and self._retrying.waiting:
            actor, attempt = self._idle.pop(), self._retrying.waiting.popleft()
            self._busy[actor.train.remote(attempt.unit)] = (actor, attempt, time.monotonic())

    def _settled(self, reference: Any) -> list[tuple[int, tuple[Rows, ...]]]:
        actor, attempt, _ = self._busy.pop(reference)
        try:
            rows = ray.get(reference)
        except RayTaskError as error:
            raise training_failed(error.cause or error) from error
        except RayActorError:
            self._report("worker_died", f"{attempt.count} programs of the rung {attempt.unit.rung}")
            self._idle.append(self._actor())
            return self._retrying.lost(attempt)
        self._idle.append(actor)
        return self._retrying.done(attempt, rows)

    def _end_hung(self) -> None:
        for actor, _, since in self._busy.values():
            if time.monotonic() - since > HUNG:
                ray.kill(actor)


def _connect(count: int, address: str | None) -> None:
    """Joins a cluster, or starts Ray on this machine without dashboard and chatter."""
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    local = {"num_cpus": count, "object_store_memory": MEMORY, "include_dashboard": False}
    with warnings.catch_warnings():
        # JAX warns of forks, if it has run in this process; Ray's children call exec at once.
        warnings.filterwarnings("ignore", message=r"os\.fork\(\) was called")
        try:
            if address:
                ray.init(address=address, runtime_env={"py_modules": _packages()}, **quiet)
            else:
                ray.init(**local, **quiet)
        except ConnectionError as error:
            raise SearchError(f"expected a Ray cluster at {address!r}: {error}") from None


def _environment(address: str | None) -> dict[str, str]:
    """What a worker is started with; on this machine it imports what this process imports."""
    path = {} if address else {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return {**ENVIRONMENT, **path}


def _packages() -> list[Any]:
    """The four packages, which Ray copies to the other machines of a cluster."""
    import dsl
    import evaluators
    import primitives
    import search

    return [primitives, dsl, evaluators, search]
