"""Loops that end early: what follows a `break` belongs to the side that does not take it."""

from __future__ import annotations

import numpy as np
import pytest

from dsl import ProgramError, parse, text
from dsl.simulate import simulate

HALVED = """
def halved(w, g, *, most=6):
    x = g
    rounds = 0
    for i in range(most):
        x = 0.5 * x
        rounds = i + 1
        if global_norm(x) < 1:
            break
        x = x - 0.1
    return x + rounds
"""


def expected(g: np.ndarray, most: int = 6) -> np.ndarray:
    x, rounds = g, 0
    for i in range(most):
        x = 0.5 * x
        rounds = i + 1
        if np.linalg.norm(x) < 1:
            break
        x = x - 0.1
    return x + rounds


@pytest.mark.parametrize("size", [0.1, 1.0, 3.0, 9.0, 40.0, 1000.0])
def test_a_loop_ends_where_python_ends_it(size: float) -> None:
    g = np.full(4, size)
    (after,) = simulate(parse(HALVED), [np.zeros(4)], [[g]])
    np.testing.assert_allclose(-after[0], expected(g), rtol=1e-12)


def test_it_prints_what_it_reads() -> None:
    program = parse(HALVED)
    assert text(program).count("if ") == 6
    assert parse(text(program)) == program


def test_a_break_may_stand_on_both_sides_and_below_other_statements() -> None:
    program = parse("""
def searched(w, g, *, most=4):
    step = 1.0
    done = 0
    for i in range(most):
        if global_norm(step * g) < 1:
            if step < 0.3:
                done = 2
            else:
                done = 1
            break
        step = 0.5 * step
    return step * g + done
""")
    for size, wanted in ((0.5, 0.5 + 1), (1.5, 0.75 + 1), (3.9, 0.975 + 2), (99.0, 99.0 / 16)):
        (after,) = simulate(program, [np.zeros(1)], [[np.full(1, size)]])
        np.testing.assert_allclose(-after[0], wanted, rtol=1e-12)


def test_conditions_on_the_index_are_decided_as_the_loop_is_unrolled() -> None:
    program = parse("""
def f(w, g, lr, *, n=3):
    for i in range(n):
        if i == 0:
            x = g
        elif i < n - 1 and not i == 5:
            x = 2 * x
        else:
            x = x + 1
    return lr * x
""")
    assert text(program) == "def f(w, g, lr):\n    x = 2 * g\n    x = x + 1\n    return lr * x\n"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("most=6", "most=60", "A loop with a `break` runs 24 times at most."),
        ("    for i in range(most):\n", "    i = 1\n    if most > 3:\n", "and this is none"),
        ("break\n", "break\n            x = g\n", "Nothing after a `break` is run."),
    ],
)
def test_what_does_not_fit_is_told(old: str, new: str, sentence: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse(HALVED.replace(old, new, 1))
    assert sentence in str(caught.value)
