"""Charts of training curves: the found rule beside tuned AdamW."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evaluators.traces import edges

from ..final import CURVES, FOUND
from ..store import ExamRow
from .data import Chart, Series
from .table import unique


def curve_charts(rows: Sequence[ExamRow]) -> Iterator[Chart]:
    """Yields a chart a task: batch losses, a geometric mean over seeds and the seeds' range."""
    mine = [row for row in rows if row.part == CURVES]
    for name in unique(row.row.task for row in mine):
        rows_of = [row for row in mine if row.row.task == name]
        series = [_series(row) for row in sorted(rows_of, key=lambda row: row.entry != FOUND)]
        yield Chart(name, "share of the steps", "loss of the batch", tuple(series), log_y=True)


def _series(row: ExamRow) -> Series:
    losses = np.asarray(row.row.train_losses)  # [seed, point]
    spans = edges(losses.shape[1])
    x = tuple((first + end) / 2 / losses.shape[1] for first, end in spans)
    middle = np.exp(np.mean(np.log(np.maximum(losses, 1e-30)), axis=0))
    lines = (middle, losses.min(axis=0), losses.max(axis=0))
    y, low, high = (tuple(map(float, line)) for line in lines)
    return Series(row.entry, x, y, low, high)
