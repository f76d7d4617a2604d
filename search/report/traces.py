"""Training curves of the found rule beside AdamW's, run once and kept in the run's folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..store import ExamRow
from .data import Chart, Series

FILE = "traces.json"
ENTRIES = ("found", "adamw")
TASKS = 4  # charts, at most
POINTS = 60  # of a curve, at most: the mean of the steps between two points


@dataclass(frozen=True)
class Trace:
    """The batch losses of one rule on one task, a geometric mean over seeds."""

    entry: str
    task: str
    program: str
    rate: float
    seeds: tuple[int, ...]
    steps: tuple[float, ...]
    losses: tuple[float, ...]
    low: tuple[float, ...]  # the smallest of the seeds
    high: tuple[float, ...]


def traced(folder: Path, rows: Sequence[ExamRow], *, run: bool = True) -> tuple[Chart, ...]:
    """Returns a chart a task, from the kept traces and, with `run`, from those still to be run."""
    kept = _kept(folder)
    found: list[Trace] = []
    for row in _wanted(rows):
        rate = _rate(row)
        same = (row.program, row.row.task, rate)
        known = [t for t in kept if (t.program, t.task, t.rate) == same]
        if known:
            found.append(known[0])
        elif run:
            found.append(_run(row, rate))
    if run and found and set(found) - set(kept):
        lines = json.dumps([asdict(trace) for trace in found])
        (folder / FILE).write_text(lines, encoding="utf-8")
    return tuple(_charts(found))


def _kept(folder: Path) -> list[Trace]:
    try:
        stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return [Trace(**{name: _tuples(v) for name, v in one.items()}) for one in stored]
    except (OSError, ValueError, TypeError):
        return []  # there is none, or it was cut off while it was written: it is run again


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _wanted(rows: Sequence[ExamRow]) -> Iterator[ExamRow]:
    """Yields the rows of the first part for the first tasks that every entry finished."""
    parts = list(dict.fromkeys(row.part for row in rows))
    first = [row for row in rows if row.part == parts[0] and row.entry in ENTRIES]
    good = [row for row in first if row.row.status == "ok" and row.row.rates]
    tasks = [task for task in dict.fromkeys(row.row.task for row in good)
             if {row.entry for row in good if row.row.task == task} == set(ENTRIES)]  # fmt: skip
    yield from (row for row in good if row.row.task in tasks[:TASKS])


def _rate(row: ExamRow) -> float:
    """Returns the learning rate with the smallest mean loss."""
    means = [sum(losses) / len(losses) for losses in row.row.train_losses]
    return row.row.rates[means.index(min(means))]


def _run(row: ExamRow, rate: float) -> Trace:
    from dsl import parse
    from evaluators.traces import trace

    from ..tasks import find_task

    seeds = row.row.seeds
    losses = trace(parse(row.program), find_task(row.row.task), rate, seeds)
    steps, points = _thinned(losses)
    middle = np.exp(np.mean(np.log(points), axis=0))
    return Trace(
        row.entry, row.row.task, row.program, rate, seeds, tuple(steps),
        *(tuple(map(float, line)) for line in (middle, points.min(axis=0), points.max(axis=0))),
    )  # fmt: skip


def _thinned(losses: np.ndarray) -> tuple[list[float], np.ndarray]:
    """Returns steps and, for every seed, the mean of the losses of the steps around each."""
    count = losses.shape[1]
    edges = np.unique(np.linspace(0, count, min(POINTS, count) + 1).astype(int))
    spans = list(pairwise(edges))
    points = np.stack([losses[:, a:b].mean(axis=1) for a, b in spans], axis=1)
    return [float(a + b + 1) / 2 for a, b in spans], points


def _charts(traces: Iterable[Trace]) -> Iterator[Chart]:
    found = list(traces)
    for task in dict.fromkeys(trace.task for trace in found):
        series = [
            Series(t.entry, t.steps, t.losses, t.low, t.high) for t in found if t.task == task
        ]
        yield Chart(task, "step", "loss of the batch", tuple(series), log_y=True)
