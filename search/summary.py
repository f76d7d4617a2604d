"""The last table of a run: what was found beside known rules, on fresh seeds, in one unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dsl import parse, simplify, text
from evaluators import TaskError, task
from evaluators.curves import curve_of, read
from evaluators.score import Paired, geometric_mean, paired, ratio_interval

from .compare import nearest
from .final import CONTROL, FOUND, HELD_OUT, LONGER, SEARCH, START
from .kept import Run, open_run
from .store import ExamRow, open_store

BASELINES = ("sgd", "momentum_sgd", "adamw", "lion", "muon")


@dataclass(frozen=True)
class Cell:
    """A speed-up with its 95 % interval; `capped` if an end of AdamW's curve bounds it."""

    speedup: float
    low: float
    high: float
    capped: bool = False


@dataclass(frozen=True)
class Line:
    """One rule in one part of the table: a cell a task, and their geometric mean."""

    rule: str
    part: str
    cells: dict[str, Cell]
    mean: float


@dataclass(frozen=True)
class Summary:
    """What the last screen shows."""

    program: str  # the rule that was found, simplified
    sentence: str
    lines: tuple[Line, ...]


def summarize(folder: Path) -> Summary:
    """Returns the summary of a run, from its store and the stored baselines."""
    run = open_run(folder.name, folder.parent)
    store = open_store(folder)
    try:
        rows = store.exam()
    finally:
        store.close()
    if run.best is None:
        return Summary("", "Nothing has been trained yet.", ())
    found = simplify(parse(run.best.candidate.text)).program
    lines = tuple(_lines(rows))
    return Summary(text(found), _sentence(run, rows, lines), lines)


def _lines(rows: Sequence[ExamRow]) -> list[Line]:
    lines = []
    for part in (SEARCH, HELD_OUT, LONGER):
        mine = [row for row in rows if row.part == part]
        tasks = list(dict.fromkeys(row.row.task for row in mine))
        if part != LONGER:
            lines += [_baseline(name, part, tasks) for name in BASELINES if tasks]
        for entry in (CONTROL, START, FOUND):
            cells = {row.row.task: _cell(row) for row in mine if row.entry == entry}
            if cells:
                lines.append(_line(entry, part, cells))
    return [line for line in lines if line.cells]


def _line(rule: str, part: str, cells: dict[str, Cell]) -> Line:
    speedups = [cell.speedup for cell in cells.values()]
    mean = geometric_mean(speedups) if min(speedups) > 0 else 0.0
    return Line(rule, part, cells, mean)


def _cell(row: ExamRow) -> Cell:
    speedups = row.row.speedups
    if row.row.speedup <= 0:
        return Cell(0.0, 0.0, 0.0)
    return Cell(row.row.speedup, *ratio_interval(speedups), row.row.capped)


def _baseline(rule: str, part: str, tasks: Sequence[str]) -> Line:
    """A known rule, tuned on the task, as its stored losses on fresh seeds tell."""
    cells = {}
    for name in tasks:
        try:
            stored = read(task(name))
        except TaskError:
            stored = None
        if stored is None:
            continue
        curve = curve_of(stored)
        losses = _losses(stored, rule)
        scores = [curve.speedup(loss) for loss in losses]
        speedups = [score for score, _ in scores]
        if not speedups:
            continue
        capped = any(capped for _, capped in scores)
        cells[name] = Cell(geometric_mean(speedups), *ratio_interval(speedups), capped)
    return _line(rule, part, cells) if cells else Line(rule, part, {}, 0.0)


def _losses(stored: dict, name: str) -> list[float]:
    if name != "adamw":
        return stored["others"].get(name, {}).get("train", [])
    points = stored["adamw"]["points"]
    return next(point["train"] for point in points if point["fraction"] == 1)


def _sentence(run: Run, rows: Sequence[ExamRow], lines: Sequence[Line]) -> str:
    """Says plainly what was found, or that nothing better than the start was."""
    best = run.best
    assert best is not None
    if best.candidate.mutation == "start":
        return "Nothing better than the start was found."
    gain = _gain(rows, START)
    if gain is not None and not gain.better:
        return (
            f"Nothing better than the start was found: on fresh seeds the best rule is "
            f"{gain.ratio:.2f} times as fast as it ({gain.low:.2f}-{gain.high:.2f})."
        )
    mean = {(line.rule, line.part): line.mean for line in lines}
    relative, distance = nearest(simplify(parse(best.candidate.text)).program)
    kin = f"its nearest known relative is {relative} (direction {distance:.2f} apart)"
    if (FOUND, SEARCH) not in mean:
        return f"A rule was found, not yet measured on fresh seeds; {kin}."
    score = mean[FOUND, SEARCH]
    said = f"The rule found reaches tuned AdamW's loss in {_share(score)} on the search tasks"
    if (FOUND, HELD_OUT) in mean:
        said += f" and {_share(mean[FOUND, HELD_OUT])} on held-out ones"
    if gain is not None:
        said += f", {_ratio(gain)} as fast as its start"
    control = _gain(rows, CONTROL)
    if control is not None:
        said += f" and {_ratio(control)} as fast as what random search found with the same budget"
    return f"{said}; {kin}."


def _gain(rows: Sequence[ExamRow], entry: str) -> Paired | None:
    """What was found against an entry, by seed, on the search tasks; None if either failed."""
    ours, theirs = _by_seed(rows, FOUND), _by_seed(rows, entry)
    return paired(ours, theirs) if ours and len(ours) == len(theirs) else None


def _by_seed(rows: Sequence[ExamRow], entry: str) -> list[float]:
    """The geometric mean over the search tasks of each seed's speed-up."""
    mine = [row.row.speedups for row in rows if (row.entry, row.part) == (entry, SEARCH)]
    return [geometric_mean(seeds) for seeds in zip(*mine, strict=True)] if all(mine) else []


def _ratio(gain: Paired) -> str:
    return f"{gain.ratio:.2f} times ({gain.low:.2f}-{gain.high:.2f})"


def _share(speedup: float) -> str:
    if speedup <= 0 or not math.isfinite(speedup):
        return "no number of its steps"
    return f"{1 / speedup:.2f} of its steps ({speedup:.2f}x)"
