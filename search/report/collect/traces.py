"""Charts of training curves: the found rule beside tuned AdamW."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evaluators.score import ratio_interval
from evaluators.traces import edges

from ...final import CURVES, FOUND
from ...store import ExamRow
from ..data import Chart, Series
from .table import unique


def curve_charts(rows: Sequence[ExamRow]) -> Iterator[Chart]:
    """Yields a chart a task: batch losses, the geometric mean over seeds with its interval."""
    mine = [row for row in rows if row.part == CURVES]
    for name in unique(row.row.task for row in mine):
        rows_of = [row for row in mine if row.row.task == name]
        order = sorted(rows_of, key=lambda row: row.entry != FOUND)
        series = [curve(row.entry, row.row.train_losses) for row in order]
        yield Chart(name, "share of the steps", "loss of the batch", tuple(series), log_y=True)


def curve(name: str, losses: Sequence[Sequence[float]]) -> Series:
    """Returns a line from losses [seed, point]: the geometric mean and its 95 % interval."""
    rows = np.maximum(np.asarray(losses), 1e-30)
    steps = len(rows[0])
    x = tuple((first + end) / 2 / steps for first, end in edges(steps))
    y = tuple(float(value) for value in np.exp(np.mean(np.log(rows), axis=0)))
    if len(rows) < 2:
        return Series(name, x, y)
    low, high = zip(*(ratio_interval(column.tolist()) for column in rows.T), strict=True)
    return Series(name, x, y, low, high)
