"""Loops of many rounds are compiled as one round that is repeated, and do what their text says."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from walks import oracles, real_loss

from dsl import lower, parse
from dsl.simulate import simulate

START = [np.asarray([[1.0, -2.0], [0.5, 3.0], [0.25, -1.0]]), np.asarray([0.5, -1.5])]
HALVED = """
def halved(w, g, lr, *, shrink=0.5):
    low = 0
    high = 8.0 * norm(g)
    old = g
    for i in range(12):
        middle = (low + high) / 2
        below = middle * middle < sum(g * g)
        low = where(below, middle, low)
        high = where(below, high, middle)
        old = shrink * old + middle
    return lr * (low * g + high + old)
"""
FOLLOWED = """
def followed(w, g, lr):
    x = w
    v = 0
    for i in range(9):
        slope = grad_at(x)
        v = 0.9 * v + slope
        x = x - 0.05 * v + 0.001 * hvp(v) / (1 + global_norm(v))
    return lr * (w - x)
"""
INNER = """
def inner(w, g, lr):
    u = g
    if ndim(w) >= 2:
        y = matrix(g)
        for i in range(10):
            s = y.T @ y
            y = 1.5 * y / (1 + norm(y)) - 0.5 * y @ s / (1 + norm(s))
        u = unmatrix(y, w)
    return lr * u
"""
OTHER_ROUNDS = """
def other_rounds(w, g, lr):
    x = g
    older = g
    oldest = g
    for i in range(10):
        y = tanh(x + 0.1 * oldest)
        oldest = older
        older = x
        x = y + sin(y) * cos(y) + 0.5 * exp(-y * y)
    return lr * x
"""
# Pairs come again every few calls, but only sweeps over all pairs read alike.
PAIRS = """
def pairs(w, g, lr):
    kept: History[4] = 0
    kept = push(kept, g)
    for k in range(4):
        for i in range(3):
            for j in range(i + 1, 4):
                b = dot(kept[i], kept[j])
                a = dot(kept[j], kept[j]) - dot(kept[i], kept[i]) + 0.1
                x = kept[i] + b / (1 + a * a + b * b) * kept[j] + 0.01 * tanh(g)
                kept[j] = kept[j] - b / (1 + a * a + b * b) * kept[i] + 0.02 * tanh(w)
                kept[i] = x
    return lr * (kept[0] + kept[1] + kept[2] + kept[3])
"""
LOOPS = [(HALVED, 1), (FOLLOWED, 1), (INNER, 1), (OTHER_ROUNDS, 0), (PAIRS, 1)]


def slopes(x: list[np.ndarray]) -> list[np.ndarray]:
    return [a - np.sin(a) for a in x]


def lowered(code: str) -> Any:
    rule: Any = lower(parse(code), 0.1)

    def step(params: Any) -> Any:
        g = jax.grad(real_loss)(params)
        updates, _ = rule.update(g, rule.init(params), params, value_fn=real_loss)
        return jax.tree.map(jnp.add, params, updates)

    return step


@pytest.mark.parametrize("code", [code for code, _ in LOOPS])
def test_a_loop_does_what_its_text_says(code: str) -> None:
    gradients = [slopes(START)]
    (expected,) = simulate(parse(code), START, gradients, 0.1, oracles=oracles)
    with jax.enable_x64(True):
        got = jax.jit(lowered(code))([jnp.asarray(w) for w in START])
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize(("code", "rolls"), LOOPS)
def test_rounds_that_are_alike_are_compiled_once(code: str, rolls: int) -> None:
    """One that reads what was made two rounds before is left as it is."""
    text = str(jax.make_jaxpr(lowered(code))([jnp.asarray(w) for w in START]))
    assert text.count("scan[") == rolls


def test_it_can_be_differentiated() -> None:
    program, params = parse(HALVED), {"a": jnp.asarray([1.0, -2.0, 0.5])}

    def end(shrink: Any) -> Any:
        rule: Any = lower(program, 0.1, shrink=shrink)
        updates, _ = rule.update(params, rule.init(params), params)
        return updates["a"].sum()

    slope, small = jax.grad(end)(0.5), 1e-2
    numeric = (end(0.5 + small) - end(0.5 - small)) / (2 * small)
    assert float(slope) == pytest.approx(float(numeric), rel=1e-2)
