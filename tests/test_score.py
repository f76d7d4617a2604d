"""Speed-ups, their caps, and intervals over seeds."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from evaluators.score import (
    Curve,
    geometric_mean,
    interval,
    paired,
    paired_over_tasks,
    ratio_interval,
    student_t,
)

CURVE = Curve("some", 100, (25, 50, 100, 200, 400), (1.0, 0.5, 0.25, 0.3, 0.1))


@pytest.mark.parametrize(
    ("loss", "speedup", "capped"),
    [
        (2.0, 0.25, True),
        (1.0, 0.25, False),
        (math.sqrt(0.5), 0.25 * math.sqrt(2), False),  # half-way in the logs of both
        (0.5, 0.5, False),
        (0.25, 1.0, False),  # the rise at 200 steps is noise: AdamW had 0.25 after 100
        (0.1, 4.0, False),
        (0.05, 4.0, True),
        (math.nan, 0.25, True),
        (math.inf, 0.25, True),
    ],
)
def test_speedup(loss: float, speedup: float, capped: bool) -> None:
    value, at_end = CURVE.speedup(loss)
    assert value == pytest.approx(speedup)
    assert at_end is capped


def test_speedup_never_falls_as_the_loss_falls() -> None:
    values = [CURVE.speedup(loss)[0] for loss in np.geomspace(2, 0.05, 200)]
    assert all(a <= b for a, b in itertools.pairwise(values))


@pytest.mark.parametrize("speedup", [0.3, 0.5, 1.0, 3.0, 4.0])
def test_the_loss_at_a_speedup_has_that_speedup(speedup: float) -> None:
    assert CURVE.speedup(CURVE.loss_at(speedup))[0] == pytest.approx(speedup)


def test_losses_below_zero_are_interpolated_as_they_are() -> None:
    curve = Curve("density", 10, (10, 20), (0.0, -1.0))
    assert curve.speedup(-0.5)[0] == pytest.approx(math.sqrt(2))
    assert curve.loss_at(math.sqrt(2)) == pytest.approx(-0.5)


def test_geometric_mean() -> None:
    assert geometric_mean([0.5, 2.0]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.7062), (2, 4.3027), (4, 2.7764), (9, 2.2622), (30, 2.0423)]
)
def test_student_t_is_the_table(freedom: int, t: float) -> None:
    assert student_t(0.95, freedom) == pytest.approx(t, abs=1e-4)


def test_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = [
        low <= 0 <= high
        for low, high in (interval(rng.normal(size=5).tolist()) for _ in range(2000))
    ]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.015)  # three deviations of the mean of hits


def test_one_seed_says_nothing() -> None:
    assert interval([1.0]) == (-math.inf, math.inf)
    low, high = ratio_interval([1.3])
    assert low == 0
    assert high > 1e300


def test_pairs_cancel_what_seeds_share() -> None:
    theirs = [0.5, 1.0, 2.0, 4.0]
    ours = [1.1 * one * wobble for one, wobble in zip(theirs, (0.99, 1.0, 1.01, 1.0), strict=True)]
    result = paired(ours, theirs)
    assert result.better
    assert result.ratio == pytest.approx(1.1, rel=1e-3)
    assert 1 < result.low < 1.1 < result.high < 1.13
    assert not paired(theirs, theirs).better


def test_pairs_must_match() -> None:
    with pytest.raises(ValueError, match="as many seeds of both, not 2 and 1"):
        paired([1.0, 2.0], [1.0])


def test_tasks_are_no_sample_of_tasks() -> None:
    """A rule that is far better on some tasks and worse on one is better on the whole."""
    theirs = [[1.0, 1.05], [0.1, 0.11], [3.0, 3.1], [0.9, 0.88]]
    ours = [[1.5, 1.6], [2.0, 2.2], [1.5, 1.45], [1.6, 1.7]]
    result = paired_over_tasks(ours, theirs)
    assert result.better
    assert result.ratio == pytest.approx(np.exp(np.mean(np.log(ours) - np.log(theirs))))
    assert not paired_over_tasks(theirs, ours).better
    flat = [a / b for x, y in zip(ours, theirs, strict=True) for a, b in zip(x, y, strict=True)]
    assert not paired(flat, [1.0] * len(flat)).better


def test_what_seeds_do_is_noise() -> None:
    assert not paired_over_tasks([[1.0, 1.6], [1.5, 0.9]], [[1.2, 1.1], [1.0, 1.2]]).better
    with pytest.raises(ValueError, match="two seeds"):
        paired_over_tasks([[1.0], [2.0]], [[1.0], [1.0]])
