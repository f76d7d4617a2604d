"""Training curves of the found rule beside tuned AdamW's, run once and kept in the run's folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..final import FOUND
from ..records import OK
from ..store import ExamRow
from .data import Chart, Series

FILE = "traces.json"
ADAMW = "adamw"
TASKS = 4  # charts, at most
POINTS = 60  # of a curve, at most: each the mean of the steps around it


@dataclass(frozen=True)
class Wanted:
    """A rule to train on a task; settings are hyperparameters other than the program's own."""

    entry: str
    task: str
    program: str
    rate: float
    seeds: tuple[int, ...]
    settings: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Trace:
    """The batch losses of what was wanted: a geometric mean over seeds, and the seeds' range."""

    of: Wanted
    steps: tuple[float, ...]
    losses: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def traced(folder: Path, rows: Sequence[ExamRow], *, run: bool = True) -> tuple[Chart, ...]:
    """Returns a chart a task, from the kept traces and, with `run`, from those still to be run."""
    kept = {trace.of: trace for trace in _kept(folder)}
    wanted = list(_wanted(rows))
    lacking = [one for one in wanted if one not in kept] if run else []
    for one in lacking:
        kept[one] = _run(one)
    found = [kept[one] for one in wanted if one in kept]
    if lacking:
        lines = json.dumps([asdict(trace) for trace in found])
        (folder / FILE).write_text(lines, encoding="utf-8")
    return tuple(_charts(found))


def _kept(folder: Path) -> list[Trace]:
    try:
        stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return [Trace(**{**_tuples(one), "of": Wanted(**_tuples(one["of"]))}) for one in stored]
    except (OSError, ValueError, TypeError, KeyError):
        return []  # there is none, or it was cut off while it was written: it is run again


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in record.items()}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value


def _wanted(rows: Sequence[ExamRow]) -> Iterator[Wanted]:
    """Yields the found rule and AdamW for the first tasks of the last table."""
    found = [row for row in rows if row.entry == FOUND and row.row.status == OK and row.row.rates]
    first = [row for row in found if row.part == found[0].part and _is_there(row.row.task)]
    for row in first[:TASKS]:
        task, seeds = row.row.task, row.row.seeds
        yield Wanted(FOUND, task, row.program, _rate(row), seeds)
        yield from _adamw(task, seeds)


def _is_there(name: str) -> bool:
    """Tells whether a task can be had: a user's own may be gone since the run."""
    from evaluators import TaskError, task

    try:
        task(name)
    except TaskError:
        return False
    return True


def _rate(row: ExamRow) -> float:
    """Returns the learning rate with the smallest mean loss."""
    means = [sum(losses) / len(losses) for losses in row.row.train_losses]
    return row.row.rates[means.index(min(means))]


def _adamw(name: str, seeds: tuple[int, ...]) -> Iterator[Wanted]:
    """Yields AdamW as it was tuned for the task, if that is stored."""
    from dsl.zoo import source
    from evaluators import task
    from evaluators.curves import read

    stored = read(task(name))
    if stored is None:
        return
    (point,) = [p for p in stored["adamw"]["points"] if p["fraction"] == 1]
    settings = dict(point["setting"])
    rate = settings.pop("lr")
    yield Wanted(ADAMW, name, source("adamw"), rate, seeds, tuple(sorted(settings.items())))


def _run(one: Wanted) -> Trace:
    from dsl import parse
    from evaluators import task
    from evaluators.traces import trace

    program, settings = parse(one.program), dict(one.settings)
    steps, points = _thinned(trace(program, task(one.task), one.rate, one.seeds, **settings))
    middle = np.exp(np.mean(np.log(points), axis=0))
    low, high = points.min(axis=0), points.max(axis=0)
    return Trace(one, tuple(steps), *(tuple(map(float, line)) for line in (middle, low, high)))


def _thinned(losses: np.ndarray) -> tuple[list[float], np.ndarray]:
    """Returns steps and, for every seed, the mean of the losses of the steps around each."""
    count = losses.shape[1]
    edges = np.unique(np.linspace(0, count, min(POINTS, count) + 1).astype(int))
    spans = list(pairwise(edges))
    points = np.stack([losses[:, a:b].mean(axis=1) for a, b in spans], axis=1)
    return [float(a + b + 1) / 2 for a, b in spans], points


def _charts(traces: Iterable[Trace]) -> Iterator[Chart]:
    found = list(traces)
    for task in dict.fromkeys(trace.of.task for trace in found):
        mine = [trace for trace in found if trace.of.task == task]
        series = [Series(t.of.entry, t.steps, t.losses, t.low, t.high) for t in mine]
        yield Chart(task, "step", "loss of the batch", tuple(series), log_y=True)
