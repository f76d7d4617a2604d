"""Numbers that are known before a step: folded in double precision, exact for betas near 1."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dsl.fold import complement, complements, fold, hyperparameter_calls, step_calls
from dsl.parse import parse
from dsl.zoo import source


def values(text: str, **numbers: float) -> dict[str, object]:
    """Returns the folded values of a text by the name of their variable."""
    program = parse(text)
    folded = fold(program, {h.name: h.default for h in program.hyperparameters} | numbers)
    return {call.name: folded[call.out] for call in hyperparameter_calls(program)}


def test_expressions_of_hyperparameters_are_python_floats() -> None:
    text = "def f(w, g, *, a=0.999):\n    b = 1 - a\n    c = sqrt(b)\n    return c * g"
    assert values(text) == {"b": 1 - 0.999, "c": (1 - 0.999) ** 0.5}
    assert all(type(value) is float for value in values(text).values())


def test_division_is_that_of_ieee() -> None:
    text = "def f(w, g, *, a=0.0):\n    b = 1 / a\n    c = -1 / a\n    d = a / a\n"
    folded = values(text + "    return (b + c + d) * g")
    assert folded["b"] == np.inf
    assert folded["c"] == -np.inf
    assert np.isnan(folded["d"])  # type: ignore[call-overload]


def test_steps_and_hyperparameters_are_told_apart() -> None:
    adamw = parse(source("adamw"))
    fixed = {call.out for call in hyperparameter_calls(adamw)}
    step = {call.out for call in step_calls(adamw)}
    assert len(fixed) == 2  # 1 - beta1, 1 - beta2
    assert len(step - fixed) == 4  # beta**t and 1 - beta**t, twice
    assert len(complements(adamw)) == 2


def test_a_table_of_steps_comes_from_arrays() -> None:
    adamw = parse(source("adamw"))
    numbers = {h.name: h.default for h in adamw.hyperparameters}
    table = fold(adamw, {**numbers, "t": np.arange(1.0, 4.0), "lr": np.array([0.1, 0.2, 0.3])})
    (first, _) = complements(adamw)
    assert table[first] == pytest.approx([1 - 0.9, 1 - 0.9**2, 1 - 0.9**3])


@pytest.mark.parametrize("beta", [0.9, 0.999, 0.99999])
def test_complement_is_exact_in_single_precision(beta: float) -> None:
    traced = jnp.float32(beta)  # the nearest number that a tracer can hold
    for t in (1, 2, 10, 100, 1000):
        number = jax.jit(lambda t: complement(jnp, beta, t))(jnp.float32(t))
        assert number == pytest.approx(-np.expm1(t * np.log(beta)), rel=3e-7)
        tracer = jax.jit(lambda b, t: complement(jnp, b, t))(traced, jnp.float32(t))
        assert tracer == pytest.approx(-np.expm1(t * np.log(np.float64(traced))), rel=1e-6)


@pytest.mark.parametrize("base", [0.0, -0.5, 1.0])
def test_complement_of_other_bases_is_that_of_the_power(base: float) -> None:
    for t in (0.0, 1.0, 2.0):
        assert complement(np, base, np.float64(t)) == pytest.approx(1 - base**t)
        assert complement(jnp, jnp.float32(base), t) == pytest.approx(1 - base**t)
