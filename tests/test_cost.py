"""State and operations of the zoo for each parameter entry."""

from __future__ import annotations

import pytest

from dsl import flops, load, parse, state_bytes


@pytest.mark.parametrize(
    ("name", "size"),
    [("sgd", 0), ("lion", 4), ("adamw", 8), ("amsgrad", 12), ("adafactor", 8 / 1024), ("muon", 4)],
)
def test_state_bytes(name: str, size: float) -> None:
    assert state_bytes(load(name)) == size


def test_dead_states_cost_nothing() -> None:
    program = parse("def f(w, g):\n    m: Tensor = 0\n    m = g\n    return g\n")
    assert state_bytes(program) == 0


def test_flops_count_what_is_live() -> None:
    assert flops(load("sgd")) == 1
    assert flops(parse("def f(w, g):\n    u = exp(g)\n    return 2 * g\n")) == 1
    assert flops(load("adamw")) < flops(load("muon"))
    of_a_number = parse("def f(w, g, lr):\n    return g * (lr * lr)\n")
    assert flops(of_a_number) == pytest.approx(1, abs=1e-5)
