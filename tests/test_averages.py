"""Linear states come out as moving averages, as few as there can be, and do the same."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from listings import FOUND

from dsl import Program, load, parse, simplify, text
from dsl.averages import averaged
from dsl.canonical import canonical
from dsl.rational import echelon, eigenvalues, times
from dsl.simulate import simulate


def apart(one: Program, other: Program) -> float:
    """The largest distance of two programs' paths, relative to the largest move."""
    rng = np.random.default_rng(0)
    start = [rng.normal(size=(3, 2)), rng.normal(size=4)]
    grads = [[rng.normal(size=w.shape) for w in start] for _ in range(12)]
    paths = [simulate(program, start, grads, 0.05) for program in (one, other)]
    moved = max(np.abs(w - s).max() for ws in paths[0] for w, s in zip(ws, start, strict=True))
    pairs = [pair for step in zip(*paths, strict=True) for pair in zip(*step, strict=True)]
    return max(np.abs(a - b).max() for a, b in pairs) / moved


def written(**updates: str) -> Program:
    """A program whose states are updated in turn; the last argument is its update."""
    *states, last = updates.items()
    lines = [f"    {name}: Tensor = 0\n" for name, _ in states]
    lines += [f"    {name} = {update}\n" for name, update in states]
    return parse(f"def p(w, g, lr):\n{''.join(lines)}    return {last[1]}\n")


def test_the_states_of_the_published_listing_are_one_slow_average() -> None:
    found = simplify(parse(FOUND))
    assert [state.name for state in found.program.states] == ["v"]
    printed = text(found.program)
    assert "m = lerp(v, g, 0.101)" in printed
    assert "v = lerp(v, g, 0.003009)" in printed
    assert "linear states as averages" in [step.rule for step in found.steps]


def test_a_state_that_is_a_multiple_of_another_goes() -> None:
    program = written(a="lerp(a, g, 0.1)", b="0.9 * b + 0.3 * g", u="lr * tanh(a + 0.5 * b)")
    short = simplify(program).program
    assert len(short.states) == 1
    assert apart(program, short) < 1e-12


def test_states_in_a_row_come_apart() -> None:
    program = written(
        a="lerp(a, g, 0.1)", b="0.5 * b + 0.25 * a", c="0.9 * c + 0.2 * g",
        u="lr * tanh(a + b - 0.3 * c)",
    )  # fmt: skip
    short = simplify(program).program
    updates = {line.strip() for line in text(short).splitlines() if " = lerp(" in line}
    assert {line.partition(", ")[2] for line in updates} == {"g, 0.1)", "g, 0.5)"}
    assert apart(program, short) < 1e-12


def test_a_delayed_gradient_keeps_its_state() -> None:
    program = written(old="g", u="lr * tanh(g - 0.5 * old)")
    assert averaged(canonical(program)) is None


@pytest.mark.parametrize("name", ["adam", "lion", "momentum_sgd", "ademamix", "aggmo", "qhm"])
def test_averages_of_named_rates_stay_as_they_are(name: str) -> None:
    """What holds at the defaults of hyperparameters alone is no simplification."""
    assert averaged(canonical(load(name))) is None


@pytest.mark.parametrize(
    "program",
    [
        written(a="0.7 * a + 0.3 * (g + b)", b="0.7 * b - 0.3 * a + g", u="lr * tanh(a)"),
        written(a="lerp(a, g, 0.1)", b="lerp(b, a, 0.1)", u="lr * tanh(b)"),
    ],
    ids=["turning", "two alike in a row"],
)
def test_what_has_no_averages_is_left(program: Program) -> None:
    assert averaged(canonical(program)) is None


COEFFICIENTS = st.integers(-9, 9).map(lambda k: k / 10)


@given(
    st.lists(st.integers(1, 19), min_size=3, max_size=3, unique=True),
    st.lists(COEFFICIENTS, min_size=9, max_size=9),
)
def test_random_chains_do_the_same(rates: list[int], c: list[float]) -> None:
    a, b, d = (rate / 20 for rate in rates)
    program = written(
        a=f"{a} * a + {c[0]} * g", b=f"{b} * b + {c[1]} * a + {c[2]} * g",
        d=f"{d} * d + {c[3]} * b + {c[4]} * square(g) + {c[5]} * a",
        u=f"lr * (tanh({c[6]} * a + {c[7]} * d) + sin({c[8]} * b + g))",
    )  # fmt: skip
    other = averaged(canonical(program), longer=True)
    if other is not None:
        assert len(other.states) <= len(canonical(program).states)
        assert apart(program, other) < 1e-9


@given(st.lists(st.integers(-5, 5), min_size=9, max_size=9))
def test_eigenvalues_are_roots(entries: list[int]) -> None:
    a = [[Fraction(entries[3 * i + j], 10) for j in range(3)] for i in range(3)]
    found = eigenvalues(a)
    values = np.linalg.eigvals(np.array(a, float))
    if found is not None:
        assert all(min(abs(value - float(root)) for root in found) < 1e-4 for value in values)
        assert all(min(abs(value - float(root)) for value in values) < 1e-4 for root in found)


def test_the_echelon_form_spans_the_rows() -> None:
    a = [[Fraction(x) for x in row] for row in ((0, 2, 4), (1, 1, 1), (1, 2, 3))]
    rows, pivots = echelon(a)
    assert pivots == [0, 1]
    assert times([[row[p] for p in pivots] for row in a], rows) == a
