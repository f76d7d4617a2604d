"""What is asked of a rule and what was measured: a line of the run's evidence."""

from __future__ import annotations

from dataclasses import dataclass

# The parts of the evidence.
OWN, ABLATION, DECAY, HORIZON, BATCH, CURVE = (
    "own rates", "ablation", "decay", "horizon", "batch size", "curve",
)  # fmt: skip
AROUND = (-1.0, -0.5, 0.0, 0.5, 1.0)  # log2 of the rates that a change of a rule is tried at
WIDE = (-4.0, -2.0, 0.0, 2.0, 4.0)  # at which a rule's own rate is looked for
MAP = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)  # at which the map of rate and decay is drawn


@dataclass(frozen=True)
class Question:
    """One sweep: a program on a task at some rates, on every seed.

    rule: the canonical key of the rule that it is evidence of. what: the change, the decay, the
    factor on the horizon or on the batch size; with rule, part and task it names the question.
    multipliers: log2 over the program's own scale.
    """

    rule: str
    part: str
    what: str
    task: str
    program: str
    multipliers: tuple[float, ...]
    seeds: tuple[int, ...]
    horizon: float = 1.0  # times the task's own
    batch: float = 1.0  # likewise

    @property
    def name(self) -> tuple[str, str, str, str]:
        return self.rule, self.part, self.what, self.task


@dataclass(frozen=True)
class Measured:
    """What a question was answered with.

    losses: over the training set at the end, [rate][seed]; of a curve, of the batches, [seed]
    [point]. speedups: over tuned AdamW, [rate][seed]. Both are empty where the rule failed.
    """

    question: Question
    status: str  # the name of an `evaluators.Status`
    best: int = 0  # the index of the best rate
    rates: tuple[float, ...] = ()
    losses: tuple[tuple[float, ...], ...] = ()
    speedups: tuple[tuple[float, ...], ...] = ()
    capped: bool = False  # an end of AdamW's curve bounds a score at the best rate

    @property
    def multiplier(self) -> float:
        """The log2 multiplier of the best rate."""
        return self.question.multipliers[self.best]
