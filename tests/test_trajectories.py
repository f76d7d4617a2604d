"""How far apart two rules end: not at all for equal ones, and by their distances moved."""

from __future__ import annotations

import pytest

from dsl import load
from evaluators import task
from evaluators.trajectories import trajectories_apart


def test_rules_that_go_the_same_way_and_rules_that_do_not() -> None:
    small = task("scaled_small")
    same = trajectories_apart(
        load("sgd"), load("qhm(nu=0.0)"), small, (0.01, 0.01), seeds=(0,)
    )
    assert max(same.shares) < 1e-5
    other = trajectories_apart(load("sgd"), load("signum"), small, (0.01, 0.01), seeds=(0,))
    assert 0.5 < other.shares[-1] < 2.1
    assert other.rates == (0.01, 0.01)
    assert len(other.shares) == pytest.approx(20, abs=10)
