"""What was measured of a rule for its card, as bars, maps and curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluators.evaluate import Status
from evaluators.score import geometric_mean, interval, paired, paired_over_tasks, ratio_interval

from ...ablation import ALLOWED
from ...evidence import Kept, Measured
from ...evidence.plan import FINE
from ...evidence.records import ABLATION, BATCH, CURVE, DECAY, HORIZON, OWN
from ...records import OK
from ..axes import short
from ..data import Bar, Chart, Heat, Interval, Series
from .table import unique
from .traces import curve

HERE, ADAMW = "this rule", "adamw"  # in charts


def bars(kept: Kept, key: str, tasks: Sequence[str]) -> Iterator[Bar]:
    """Yields what each change is worth over all tasks, the dearest first."""
    own = [kept.one(key, OWN, FINE, name) for name in tasks]
    made = []
    for change in unique(one.question.what for one in kept.of(key, ABLATION)):
        tried = [kept.one(key, ABLATION, change, name) for name in tasks]
        if None not in own and None not in tried:
            made.append(_bar(change, own, tried))  # type: ignore[arg-type]
    yield from sorted(made, key=lambda bar: (not bar.effect.failed, bar.effect.value))


def _bar(change: str, own: Sequence[Measured], tried: Sequence[Measured]) -> Bar:
    for one in tried:
        if one.status != OK:
            said = f"{one.question.task}: {Status[one.status].value}"
            return Bar(change, Interval(0.0, failed=said))
    pairs = [(a.speedups[a.best], b.speedups[b.best]) for a, b in zip(tried, own, strict=True)]
    effect = paired_over_tasks([a for a, _ in pairs], [b for _, b in pairs])
    slower = any(paired(a, b).high < 1 for a, b in pairs)
    capped = any(one.capped for one in (*own, *tried))
    free = not slower and effect.ratio >= 1 - ALLOWED
    return Bar(change, Interval(effect.ratio, effect.low, effect.high, capped), free)


def maps(kept: Kept, key: str, tasks: Sequence[str]) -> Iterator[Heat]:
    """Yields the map of each task: speed-ups over learning rate and added decay."""
    for name in tasks:
        rows = [one for one in kept.of(key, DECAY) if one.question.task == name]
        if rows:
            yield Heat(
                name, "learning rate", "weight decay added",
                tuple(short(rate) for rate in rows[0].rates),
                tuple(one.question.what for one in rows), tuple(_row(one) for one in rows),
            )  # fmt: skip


def _row(one: Measured) -> tuple[float | None, ...]:
    if one.status != OK:
        return (None,) * len(one.question.multipliers)
    return tuple(geometric_mean(row) for row in one.speedups)


def stability(
    kept: Kept, key: str, beside: dict[str, str], tasks: Sequence[str]
) -> Iterator[Chart]:
    """Yields charts over the length of the run and over the batch size.

    beside: the key of tuned AdamW on each task.
    """
    lines = [line for name in tasks if (line := _over(kept, key, HORIZON, name)) is not None]
    if lines:
        yield Chart(
            "Longer and shorter runs", "steps, in units of the task's own", "speed-up over AdamW",
            tuple(lines), log_x=True, log_y=True, one=1.0, note=_bounded(kept, key, tasks),
            x_ticks=_settings(lines),
        )  # fmt: skip
    for name in tasks:
        pairs = ((HERE, key), (ADAMW, beside.get(name, "")))
        found = [_over(kept, own, BATCH, name, said) for said, own in pairs]
        lines = [line for line in found if line is not None]
        if found[0] is not None:
            yield Chart(
                f"Batch size: {name}", "batch size, in units of the task's own",
                "final training loss", tuple(lines), log_x=True, log_y=True,
                x_ticks=_settings(lines),
            )  # fmt: skip


def _settings(lines: Sequence[Series]) -> tuple[float, ...]:
    return tuple(sorted({x for line in lines for x in line.x}))


def _bounded(kept: Kept, key: str, tasks: Sequence[str]) -> str:
    """Says which speed-ups are bounds: AdamW's curve is measured up to so many steps only."""
    capped = [
        f"{one.question.task} at {one.question.what}"
        for one in kept.of(key, HORIZON) if one.capped and one.question.task in tasks
    ]  # fmt: skip
    return f"An end of AdamW's curve bounds {', '.join(capped)}." if capped else ""


def _over(kept: Kept, key: str, part: str, task: str, said: str = "") -> Series | None:
    """A line over a factor, with the rule at its own setting as the factor 1."""
    own = kept.one(key, OWN, FINE, task)
    found = [one for one in kept.of(key, part) if one.question.task == task]
    rows = [(float(one.question.what), one) for one in found] + ([(1.0, own)] if own else [])
    good = sorted((row for row in rows if row[1].status == OK), key=lambda row: row[0])
    if not found or not good:
        return None
    x, answers = zip(*good, strict=True)
    y, low, high = zip(*(_mean(one, part) for one in answers), strict=True)
    return Series(said or task, x, y, low, high, dots=True)


def _mean(one: Measured, part: str) -> tuple[float, float, float]:
    """The geometric mean of the speed-ups, or of the losses, at the best rate, and its interval."""
    values = (one.speedups if part == HORIZON else one.losses)[one.best]
    if min(values) <= 0:
        return sum(values) / len(values), *interval(values)
    return geometric_mean(values), *ratio_interval(values)


def losses(kept: Kept, key: str, beside: dict[str, str], tasks: Sequence[str]) -> Iterator[Chart]:
    """Yields the training curves of a rule beside tuned AdamW's, a chart a task."""
    for name in tasks:
        pairs = ((HERE, key), (ADAMW, beside.get(name, "")))
        found = [(said, kept.one(own, CURVE, "", name)) for said, own in pairs]
        lines = [curve(said, one.losses) for said, one in found if one is not None]
        if found[0][1] is not None:
            yield Chart(name, "share of the steps", "loss of the batch", tuple(lines), log_y=True)
