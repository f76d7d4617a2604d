"""The last table of a run: entries of the exam beside known rules, with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from evaluators.evaluate import Status
from evaluators.score import ratio_interval

from ...final import LONG, LONGER, PARTS
from ...known import BASELINES, measured
from ...records import OK, Row, score
from ...store import ExamRow
from ..data import NOT_RUN, ExamLine, ExamPart, Interval


def exam_parts(rows: Sequence[ExamRow]) -> tuple[ExamPart, ...]:
    """Returns the parts of the table that something was measured of."""
    parts = unique(row.part for row in rows)
    return tuple(_part(part, rows) for part in PARTS if part in parts)


def unique(names: Iterable[str]) -> list[str]:
    """Returns names in order, each once."""
    return list(dict.fromkeys(names))


def _part(part: str, rows: Sequence[ExamRow]) -> ExamPart:
    mine = [row for row in rows if row.part == part]
    tasks = unique(row.row.task for row in mine)
    entries = {entry: {row.row.task: row.row for row in mine if row.entry == entry}
               for entry in unique(row.entry for row in mine)}  # fmt: skip
    known = dict(_baselines(part, tasks))
    lines = [_line(entry, found, tasks) for entry, found in (entries | known).items()]
    return ExamPart(part[:1].upper() + part[1:], tuple(tasks), tuple(lines))


def _line(entry: str, found: dict[str, Row], tasks: Sequence[str]) -> ExamLine:
    cells = [cell(found.get(name)) for name in tasks]
    return ExamLine(entry, _mean([found.get(name) for name in tasks]), tuple(cells))


def cell(row: Row | None) -> Interval:
    """Returns what a row says in one field of a table."""
    if row is None:
        return Interval(0.0, failed=NOT_RUN)
    if row.status != OK:
        known = row.status in Status.__members__
        return Interval(0.0, failed=Status[row.status].value if known else row.status)
    return Interval(row.speedup, *_bounds(row.speedups), row.capped)


def _bounds(values: Sequence[float]) -> tuple[float | None, float | None]:
    if len(values) < 2 or min(values) <= 0:
        return None, None
    return ratio_interval(values)


def _mean(rows: Sequence[Row | None]) -> Interval:
    """Returns the geometric mean over tasks, its interval from the means of each seed."""
    done = [row for row in rows if row is not None and row.status == OK and row.speedup > 0]
    if None in rows:
        return Interval(0.0, failed=NOT_RUN)
    if len(done) < len(rows):
        return Interval(0.0, failed="Not trained to the end on every task.")
    by_seed = zip(*(row.speedups for row in done), strict=False)
    means = [math.exp(fmean(map(math.log, seeds))) for seeds in by_seed]
    return Interval(score(done), *_bounds(means), any(row.capped for row in done))


def _baselines(part: str, tasks: Sequence[str]) -> Iterator[tuple[str, dict[str, Row]]]:
    """Yields each known rule that is stored for any of the tasks, tuned on each."""
    for rule in BASELINES:
        horizon = LONG if part == LONGER else 1.0
        rows = {name: row for name in tasks if (row := measured(name, rule, horizon))}
        if rows:
            yield rule.replace("_", " "), rows
