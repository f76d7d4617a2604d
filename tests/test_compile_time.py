"""No program of the zoo takes long to compile."""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import pytest
from walks import answered

from dsl import load, lower
from dsl.zoo import EXPRESSIONS

MOST = 5.0  # seconds


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_model_of_three_parameters_compiles_at_once(name: str) -> None:
    params = {"w": jnp.ones((8, 6)), "b": jnp.ones(6), "k": jnp.ones((3, 3, 4, 8))}
    rule = lower(load(name), 0.1, T=10)
    state = rule.init(params)
    update = jax.jit(lambda g, s, w: rule.update(g, s, w, value=1.0, **answered()))
    begun = time.perf_counter()
    update.lower(params, state, params).compile()
    assert time.perf_counter() - begun < MOST
