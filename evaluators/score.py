"""Scores: speed-up over tuned AdamW, means over tasks, and intervals over seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Curve:
    """Tuned AdamW's final training loss after complete runs of several lengths.

    steps rise; losses are the measured means, made monotone here. horizon is the length of the
    runs that are scored against the curve.
    """

    task: str
    horizon: int
    steps: tuple[int, ...]
    losses: tuple[float, ...]

    def speedup(self, loss: float) -> tuple[float, bool]:
        """Returns (steps AdamW needs for `loss` / horizon, whether an end of the curve capped it).

        1.0 is AdamW. Interpolated in log steps against log loss, or against the loss itself where
        it is not positive. A loss that is not finite gets the low end.
        """
        first, last = self.steps[0] / self.horizon, self.steps[-1] / self.horizon
        log_steps, best = self._falling()
        worst, least = float(best[0]), float(best[-1])
        if not math.isfinite(loss) or loss >= worst:
            return first, not math.isfinite(loss) or loss > worst
        if loss <= least:
            return last, loss < least
        values, target = (np.log(best), math.log(loss)) if least > 0 else (best, loss)
        at = float(np.interp(-target, -values, log_steps))
        return math.exp(at) / self.horizon, False

    def loss_at(self, speedup: float) -> float:
        """Returns AdamW's loss after speedup x horizon steps, held at the ends of the curve."""
        log_steps, best = self._falling()
        positive = bool(best[-1] > 0)
        values = np.log(best) if positive else best
        value = float(np.interp(math.log(speedup * self.horizon), log_steps, values))
        return math.exp(value) if positive else value

    def _falling(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns (log steps, losses) where the loss fell below all that shorter runs reached."""
        best = np.minimum.accumulate(self.losses)
        keep = np.r_[True, np.diff(best) < 0]
        return np.log(self.steps)[keep], best[keep]


def geometric_mean(values: Sequence[float]) -> float:
    """Returns exp(mean(log x)) of positive numbers; how speed-ups of several tasks combine."""
    return math.exp(sum(math.log(value) for value in values) / len(values))


def interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Returns Student's t interval of the mean of `values`; infinite for fewer than two."""
    count = len(values)
    if count < 2:
        return -math.inf, math.inf
    mean = float(np.mean(values))
    half = student_t(level, count - 1) * float(np.std(values, ddof=1)) / math.sqrt(count)
    return mean - half, mean + half


def ratio_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Returns the interval of the geometric mean of positive numbers."""
    low, high = interval(np.log(values).tolist(), level)
    return math.exp(low), math.exp(min(high, 700.0))


@dataclass(frozen=True)
class Paired:
    """The comparison of two rules that ran with the same seeds."""

    ratio: float  # geometric mean of (ours / theirs) over seeds
    low: float
    high: float
    capped: bool  # an end of a curve capped a score, so the ratio is a bound

    @property
    def better(self) -> bool:
        """Whether ours is better beyond the noise of the seeds."""
        return self.low > 1


def paired(ours: Sequence[float], theirs: Sequence[float], *, capped: bool = False) -> Paired:
    """Returns the comparison of speed-ups by seed: a t interval on the log of their ratios."""
    if len(ours) != len(theirs):
        raise ValueError(f"Expected as many seeds of both, not {len(ours)} and {len(theirs)}.")
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return Paired(geometric_mean(ratios), *ratio_interval(ratios), capped)


def paired_over_tasks(
    ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]
) -> Paired:
    """Returns the comparison of speed-ups by task and seed, over the tasks as they are.

    Tasks are no sample of tasks: that rules differ in which they are good at is no noise. Only what
    seeds do within a task is, and its variance is pooled. At least one task needs two seeds.
    """
    logs = [np.log(a) - np.log(b) for a, b in zip(ours, theirs, strict=True)]
    freedom = sum(len(row) - 1 for row in logs)
    if freedom < 1:
        raise ValueError("Expected two seeds or more of a task.")
    pooled = sum(float(np.sum((row - row.mean()) ** 2)) for row in logs) / freedom
    error = math.sqrt(pooled * sum(1 / len(row) for row in logs)) / len(logs)
    mean, half = float(np.mean([row.mean() for row in logs])), student_t(0.95, freedom) * error
    return Paired(math.exp(mean), math.exp(mean - half), math.exp(min(mean + half, 700.0)), False)


def student_t(level: float, freedom: int) -> float:
    """Returns t such that |T| <= t with probability `level`, by bisection on the exact integral."""
    low, high = 0.0, 1e4
    while high - low > 1e-9 * max(1.0, low):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """Returns P(|T| <= t); the finite series of Abramowitz & Stegun, 1964, 26.7.3-4."""
    angle = math.atan(t / math.sqrt(freedom))
    cos2 = math.cos(angle) ** 2
    if freedom % 2:
        term, total = math.cos(angle), 0.0
        for k in range(1, freedom, 2):
            total += term
            term *= cos2 * (k + 1) / (k + 2)
        return 2 / math.pi * (angle + math.sin(angle) * total)
    term, total = 1.0, 0.0
    for k in range(0, freedom, 2):
        total += term
        term *= cos2 * (k + 1) / (k + 2)
    return math.sin(angle) * total
