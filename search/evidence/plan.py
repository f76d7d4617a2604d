"""What is asked of a rule for its card, in the order in which it is measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from dsl import Program, canonical_key, text
from dsl.decayed import decayed
from dsl.knockouts import knockouts
from dsl.live import live
from evaluators.evaluate import tape_of
from evaluators.scale import scale
from evaluators.schedule import decay as schedule
from evaluators.task import Task

from .kept import Kept
from .records import (
    ABLATION,
    AROUND,
    BATCH,
    CURVE,
    DECAY,
    HORIZON,
    MAP,
    OWN,
    WIDE,
    Question,
)

# Decays of the map: in a run at the rule's own rate they shrink the weights by exp(-share).
SHARES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
HORIZONS = (0.25, 0.5, 2.0, 4.0)
BATCHES = (0.25, 0.5, 2.0, 4.0)
COARSE, FINE = "coarse", "fine"  # the two looks for a rule's rate


def planned(
    rule: Program, center: float, task: Task, seeds: Sequence[int], kept: Kept,
    beside: bool = False,
) -> Iterator[Question]:  # fmt: skip
    """Yields what is still to be asked of a rule on a task; each answer must be kept before the
    next is asked for, since later questions stand on it.

    center: log2 of its rate over its own scale, as far as it is known. beside: the rule is what
    others are shown beside, so that only what they need is asked.
    """
    asked = _Asked(rule, task, tuple(seeds), kept)
    coarse = asked.question(OWN, COARSE, rule, [center + offset for offset in WIDE])
    yield from asked.new(coarse)
    first = kept.answers[coarse.name]
    own = asked.question(OWN, FINE, rule, [first.multiplier + offset for offset in AROUND])
    yield from asked.new(own)
    found = kept.answers[own.name]
    if found.status != "ok":
        return  # a rule that does not train there has no further evidence
    parts = (_batches, _curve) if beside else (_ablation, _decay, _horizons, _batches, _curve)
    for part in parts:
        for question in part(asked, found.multiplier, found.rates[found.best]):
            yield from asked.new(question)


class _Asked:
    """Writes the questions about one rule on one task."""

    def __init__(self, rule: Program, task: Task, seeds: tuple[int, ...], kept: Kept) -> None:
        self.rule, self.task, self._seeds, self._kept = rule, task, seeds, kept
        self._key = canonical_key(rule)

    def question(
        self, part: str, what: str, program: Program, at: Sequence[float], *,
        horizon: float = 1.0, batch: float = 1.0,
    ) -> Question:  # fmt: skip
        return Question(
            self._key, part, what, self.task.name, text(program), tuple(at), self._seeds, horizon,
            batch,
        )  # fmt: skip

    def around(self, part: str, what: str, center: float, **how: float) -> Question:
        at = [center + offset for offset in AROUND]
        return self.question(part, what, self.rule, at, **how)

    def new(self, question: Question) -> Iterator[Question]:
        if question.name not in self._kept.answers:
            yield question


def _ablation(asked: _Asked, center: float, rate: float) -> Iterator[Question]:
    """The rule without each of its calls in turn; what would end its decay is left, as a decay
    shows in longer runs."""
    decays = "w" in live(asked.rule)
    for change, program in knockouts(asked.rule):
        if not (decays and "w" not in live(program)):
            at = [center + offset for offset in AROUND]
            yield asked.question(ABLATION, change, program, at)


def _decay(asked: _Asked, center: float, rate: float) -> Iterator[Question]:
    """The map: rates around the rule's own, and decoupled decay added to it."""
    at = [center + offset for offset in MAP]
    steps = asked.task.horizon
    total = sum(float(schedule(t, steps, np)) for t in range(1, steps + 1))
    for share in SHARES:
        number = float(f"{share / (rate * total):.2g}")
        program = decayed(asked.rule, number) if number else asked.rule
        # Decay changes what the scale is measured by; the columns of the map are to be the same.
        moved = math.log2(rate / unit(program, asked.task)) - center
        yield asked.question(DECAY, f"{number:g}", program, [place + moved for place in at])


def unit(program: Program, task: Task) -> float:
    """Returns the scale of a program on a task: the learning rate of the multiplier 0."""
    made = tape_of(program, task)
    return scale(program, made, task, task.horizon) if made else 1.0


def _horizons(asked: _Asked, center: float, rate: float) -> Iterator[Question]:
    for factor in HORIZONS:
        yield asked.around(HORIZON, f"{factor:g}", center, horizon=factor)


def _batches(asked: _Asked, center: float, rate: float) -> Iterator[Question]:
    for factor in BATCHES:
        yield asked.around(BATCH, f"{factor:g}", center, batch=factor)


def _curve(asked: _Asked, center: float, rate: float) -> Iterator[Question]:
    yield asked.question(CURVE, "", asked.rule, [center])
