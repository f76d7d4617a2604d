"""The last table of a run: what was found beside known rules, on fresh seeds, in one unit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsl import parse, simplify, text
from evaluators.score import Paired, geometric_mean, paired, ratio_interval

from .compare import nearest
from .final import (
    CONTROL,
    FOUND,
    HELD_OUT,
    LONG,
    LONGER,
    PARTS,
    SEARCH,
    START,
    known_start,
    measured_last,
)
from .kept import Run
from .known import BASELINES, measured
from .records import Row
from .store import ExamRow, open_store

Means = Mapping[tuple[str, str], float]  # of a rule over the tasks of a part


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
    sentence: str  # what was found
    details: tuple[str, ...]  # what it is worth beside others
    lines: tuple[Line, ...]


def summarize(run: Run) -> Summary:
    """Returns the summary of a run, from its store and the stored baselines."""
    store = open_store(run.path)
    try:
        rows = measured_last(store.exam())
    finally:
        store.close()
    if run.best is None:
        return Summary("", "Nothing has been trained yet.", (), ())
    found = simplify(parse(run.best.candidate.text)).program
    lines = tuple(lines_of(rows))
    mean = {(line.rule, line.part): line.mean for line in lines}
    details = tuple(_details(run, rows, mean))
    return Summary(text(found), _sentence(run, rows, mean), details, lines)


def lines_of(rows: Sequence[ExamRow]) -> Iterator[Line]:
    """Yields a line for each rule in each part that was measured."""
    for part in PARTS:
        mine = [row for row in rows if row.part == part]
        tasks = list(dict.fromkeys(row.row.task for row in mine))
        horizon = LONG if part == LONGER else 1.0
        for rule in BASELINES:
            known = [measured(name, rule, horizon) for name in tasks]
            cells = {row.task: _cell(row) for row in known if row is not None}
            if cells:
                yield _line(rule, part, cells)
        for entry in (CONTROL, START, FOUND):
            cells = {row.row.task: _cell(row.row) for row in mine if row.entry == entry}
            if cells:
                yield _line(entry, part, cells)


def _line(rule: str, part: str, cells: dict[str, Cell]) -> Line:
    speedups = [cell.speedup for cell in cells.values()]
    mean = geometric_mean(speedups) if min(speedups) > 0 else 0.0
    return Line(rule, part, cells, mean)


def _cell(row: Row) -> Cell:
    if row.speedup <= 0:
        return Cell(0.0, 0.0, 0.0)
    return Cell(row.speedup, *ratio_interval(row.speedups), row.capped)


def _sentence(run: Run, rows: Sequence[ExamRow], mean: Means) -> str:
    """Says plainly what was found, or that nothing better than the start was."""
    assert run.best is not None
    gain = gain_over(rows, START, known_start(run.config))
    if run.best.candidate.mutation == "start" or (gain is not None and not gain.better):
        beside = f": on fresh seeds the best rule is {_ratio(gain)} as fast as it" if gain else ""
        return f"Nothing better than the start was found{beside}."
    if (FOUND, SEARCH) not in mean:
        return "A rule was found, not yet measured on fresh seeds."
    said = f"The rule found reaches tuned AdamW's loss in {_share(mean[FOUND, SEARCH])}"
    if (FOUND, HELD_OUT) in mean:
        said += f", on held-out tasks in {_share(mean[FOUND, HELD_OUT])}"
    return f"{said}."


def _details(run: Run, rows: Sequence[ExamRow], mean: Means) -> Iterator[str]:
    """Says what the rule is worth beside others, and what it is near to."""
    assert run.best is not None
    start, control = gain_over(rows, START, known_start(run.config)), gain_over(rows, CONTROL)
    if start is not None and start.better:
        yield f"It is {_ratio(start)} as fast as its start, tuned alike."
    if control is not None:
        yield f"It is {_ratio(control)} as fast as what random search found with the same budget."
    yield from _retuned(mean)
    rates = {row.row.task: row.row.rates[0] for row in rows if _is_found(row) and row.row.rates}
    if rates:
        told = ", ".join(f"{name} {rate:.2g}" for name, rate in rates.items())
        yield f"Its learning rate, tuned: {told}."
    relative, distance = nearest(simplify(parse(run.best.candidate.text)).program)
    yield f"By what it does its nearest known relative is {relative}, " + (
        f"{distance:.2f} apart."
    )


def _is_found(row: ExamRow) -> bool:
    return row.entry == FOUND and row.part in (SEARCH, HELD_OUT)


def _retuned(mean: Means) -> Iterator[str]:
    """Says how much of the gain over AdamW at its default betas a re-tuned AdamW has too."""
    rules = ("adamw_default", "adamw", FOUND)
    default, tuned, found = (mean.get((one, SEARCH), 0) for one in rules)
    if min(default, tuned) <= 0 or found <= default:
        return
    share = math.log(tuned / default) / math.log(found / default)
    yield (
        f"It is {found / default:.2f} times as fast as AdamW at its default betas; re-tuned, AdamW "
        f"has {share:.0%} of that gain (in logarithms)."
    )
    best = max((one for one in BASELINES if (one, SEARCH) in mean), key=lambda o: mean[o, SEARCH])
    yield (
        f"The best known rule, tuned alike, is {best.replace('_', ' ')} at "
        f"{mean[best, SEARCH]:.2f}x."
    )


def gain_over(rows: Sequence[ExamRow], entry: str, rule: str | None = None) -> Paired | None:
    """What was found against an entry or a known rule, by seed, on the search tasks.

    None if either failed or was not measured on the same tasks and seeds.
    """
    mine = [row.row for row in rows if (row.entry, row.part) == (FOUND, SEARCH)]
    tasks = list(dict.fromkeys(row.task for row in mine))
    theirs = [row.row for row in rows if (row.entry, row.part) == (entry, SEARCH)]
    if rule is not None:
        theirs = [row for name in tasks if (row := measured(name, rule)) is not None]
    if {row.task for row in theirs} != set(tasks):
        return None
    a, b = _by_seed(mine), _by_seed(theirs)
    return paired(a, b) if a and len(a) == len(b) else None


def _by_seed(rows: Sequence[Row]) -> list[float]:
    """The geometric mean over tasks of each seed's speed-up."""
    seeds = [row.speedups for row in rows]
    return [geometric_mean(each) for each in zip(*seeds, strict=True)] if all(seeds) else []


def _ratio(gain: Paired) -> str:
    return f"{gain.ratio:.2f} times ({gain.low:.2f}-{gain.high:.2f})"


def _share(speedup: float) -> str:
    if speedup <= 0 or not math.isfinite(speedup):
        return "no number of its steps"
    return f"{1 / speedup:.2f} of its steps ({speedup:.2f}x)"
