"""The last table of a run: entries of the exam beside known rules, with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from evaluators import TaskError, task
from evaluators.curves import curve_of, read
from evaluators.evaluate import Status
from evaluators.score import ratio_interval

from ..final import LONGER
from ..records import OK, Row, score
from ..store import ExamRow
from .data import ExamLine, ExamPart, Interval

BASELINES = ("sgd", "momentum_sgd", "adamw", "lion", "muon")


def exam_parts(rows: Sequence[ExamRow]) -> tuple[ExamPart, ...]:
    """Returns the parts of the table in the order in which they were measured."""
    return tuple(_part(part, rows) for part in unique(row.part for row in rows))


def unique(names: Iterable[str]) -> list[str]:
    """Returns names in order, each once."""
    return list(dict.fromkeys(names))


def _part(part: str, rows: Sequence[ExamRow]) -> ExamPart:
    mine = [row for row in rows if row.part == part]
    tasks = unique(row.row.task for row in mine)
    entries = {entry: {row.row.task: row.row for row in mine if row.entry == entry}
               for entry in unique(row.entry for row in mine)}  # fmt: skip
    known = {} if part == LONGER else dict(_baselines(tasks))
    lines = [_line(entry, found, tasks) for entry, found in (entries | known).items()]
    return ExamPart(part[:1].upper() + part[1:], tuple(tasks), tuple(lines))


def _line(entry: str, found: dict[str, Row], tasks: Sequence[str]) -> ExamLine:
    cells = [_cell(found.get(name)) for name in tasks]
    return ExamLine(entry, _mean([found.get(name) for name in tasks]), tuple(cells))


def _cell(row: Row | None) -> Interval:
    if row is None:
        return Interval(0.0, failed="Not run.")
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
    if len(done) < len(rows):
        return Interval(0.0, failed="Not trained to the end on every task.")
    by_seed = zip(*(row.speedups for row in done), strict=False)
    means = [math.exp(fmean(map(math.log, seeds))) for seeds in by_seed]
    return Interval(score(done), *_bounds(means), any(row.capped for row in done))


def _baselines(tasks: Sequence[str]) -> Iterator[tuple[str, dict[str, Row]]]:
    """Yields each known rule that is stored for any of the tasks, tuned on each."""
    for rule in BASELINES:
        rows = {name: row for name in tasks if (row := _baseline(name, rule))}
        if rows:
            yield rule, rows


def _baseline(name: str, rule: str) -> Row | None:
    try:
        stored = read(task(name))
    except TaskError:
        return None  # a task of the user's own that is gone
    if stored is None:
        return None
    points = stored["adamw"]["points"]
    adamw = next(point for point in points if point["fraction"] == 1)
    found = (stored["others"] | {"adamw": adamw}).get(rule)
    if found is None:
        return None
    scores = [curve_of(stored).speedup(loss) for loss in found["train"]]
    speedups = tuple(value for value, _ in scores)
    mean = math.exp(fmean(map(math.log, speedups)))
    return Row(name, OK, mean, speedups, any(capped for _, capped in scores))
