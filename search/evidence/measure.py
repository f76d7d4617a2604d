"""Measures the evidence of a run's best rules, until it is done or the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from dsl import Program, parse
from evaluators import Task, task
from evaluators.curves import curve_for
from evaluators.evaluate import Evaluation, Status, judge
from evaluators.score import Curve
from evaluators.sweep import SWEEP_LANES, complete_runs
from evaluators.task import examples
from evaluators.traces import thinned, traces

from ..config import Config
from ..known import tuned_adamw
from ..training import CURVES
from .kept import Kept, load
from .plan import planned, unit
from .records import CURVE, Measured, Question

FIRST_SEED = 200

Say = Callable[[str], None]
Over = Callable[[], bool]


@dataclass(frozen=True)
class Subject:
    """A rule to measure: its name for whoever waits, and where its rates are looked for.

    center: log2 of its rate over its own scale, as far as it is known. beside: it is what others
    are compared with.
    """

    name: str
    rule: Program
    center: float
    tasks: tuple[str, ...]
    beside: bool = False


def measure(
    folder: Path, config: Config, rules: Sequence[tuple[Program, float]], minutes: float, say: Say
) -> bool:
    """Measures what is not kept yet of rules, the best first; returns whether all is measured.

    rules: each with the log2 of its learning rate over its own scale. Every answer is written down
    as it comes, so that an interruption costs only the one under way.
    """
    kept, end = load(folder), time.monotonic() + 60 * minutes
    over = lambda: time.monotonic() > end  # noqa: E731
    tasks, seeds = config.rungs[0].tasks, fresh(config)
    for subject in _subjects(rules, tasks):
        for name in subject.tasks:
            if not _answered(subject, name, seeds, kept, say, over):
                return False
    return True


def fresh(config: Config) -> tuple[int, ...]:
    """Returns seeds that no rung of a search used, as many as one call takes."""
    rungs = [rung for rung in (*config.rungs, config.unseen, config.exam) if rung]
    used = {seed for rung in rungs for seed in rung.seeds}
    first = max(FIRST_SEED, *(seed + 1 for seed in used))
    return tuple(range(first, first + SWEEP_LANES))


def beside(name: str) -> Program | None:
    """Returns AdamW as it was tuned for a task, None where it was not."""
    found = tuned_adamw(name)
    return parse(found[0]) if found else None


def _subjects(
    rules: Sequence[tuple[Program, float]], tasks: tuple[str, ...]
) -> list[Subject]:
    """The winner, AdamW beside it, then the others."""
    ours = [Subject(f"rule {rank}", *found, tasks) for rank, found in enumerate(rules, 1)]
    known = [(name, beside(name)) for name in tasks]
    adamw = [Subject("adamw", rule, 0.0, (name,), True) for name, rule in known if rule]
    return [*ours[:1], *adamw, *ours[1:]]


def _answered(
    subject: Subject, name: str, seeds: Sequence[int], kept: Kept, say: Say, over: Over
) -> bool:
    part = ""
    given = (subject.rule, subject.center, task(name), seeds, kept)
    for question in planned(*given, beside=subject.beside):
        if over():
            return False
        if question.part != part:
            part = question.part
            say(f"{subject.name}, {name}: {part}")
        kept.add(answer(question))
    return True


def answer(question: Question) -> Measured:
    """Trains what a question asks for."""
    program, found = parse(question.program), _sized(question.task, question.batch)
    if question.part == CURVE:
        return _curve(question, program, found)
    curve = curve_for(task(question.task), CURVES)
    at, seeds, horizon = question.multipliers, question.seeds, question.horizon
    rates, train, valid = complete_runs([program] * len(at), found, at, seeds, horizon)
    judged = judge(found, curve, rates, seeds, at, train, valid, horizon=horizon)
    return _told(question, judged, curve)


def _curve(question: Question, program: Program, found: Task) -> Measured:
    (multiplier,) = question.multipliers
    rate = unit(program, found) * 2.0**multiplier
    (losses,) = traces([program], found, (rate,), question.seeds)
    points = tuple(tuple(map(float, seed)) for seed in thinned(losses))
    return Measured(question, Status.ok.name, 0, (rate,), points)


def _told(question: Question, judged: Evaluation, curve: Curve) -> Measured:
    if judged.status is not Status.ok:
        return Measured(question, judged.status.name, rates=judged.rates)
    speedups = tuple(
        tuple(curve.speedup(loss)[0] / question.horizon for loss in row)
        for row in judged.train_losses
    )
    return Measured(
        question, judged.status.name, judged.best, judged.rates, judged.train_losses, speedups,
        judged.capped,
    )  # fmt: skip


@lru_cache(maxsize=32)
def _sized(name: str, factor: float) -> Task:
    """The task at another batch size: the same object at every call, so that it compiles once."""
    given = task(name)
    size = max(1, min(examples(given), round(factor * given.batch_size)))
    return given if size == given.batch_size else replace(given, batch_size=size)
