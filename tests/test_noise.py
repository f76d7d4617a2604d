"""Noise is drawn alike by NumPy and JAX, anew at each step, and is what it says it is."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.random import threefry_2x32

from dsl import ProgramError, behavioural_key, canonical_key, lower, parse, text
from dsl.canonical import canonical
from dsl.simulate import simulate
from evaluators.problems import SHAPES, noise, problem
from primitives import NOISE, TABLE
from primitives.noise import threefry

NOISY = """\
def noisy(w, g, t, lr, *, scale=0.1):
    m: Tensor = 0
    m = m + normal(g)
    coin = uniform(t)
    if ndim(w) >= 2:
        u = g + scale * rademacher(w)
    else:
        u = g + normal(norm(w))
    return lr * (u + where(coin < 0.5, 0.01, 0.0) * m)
"""
NAMES = [name for name, primitive in TABLE.items() if primitive.scope == NOISE]


def drawn(name: str, size: int = 50_000, **key: int) -> np.ndarray:
    k = {"seed": 0, "t": 1, "place": 0, "stream": 0} | key
    x = np.zeros(size)
    triple = (k["seed"], k["t"], k["place"])
    return TABLE[name].meaning(np, x, stream=k["stream"], key=triple)


def test_the_bits_are_those_of_the_library() -> None:
    key = np.array([7, 2**31 + 5], np.uint32)
    count = np.arange(10, dtype=np.uint32)
    ours = threefry(np, (key[:1], key[1:]), (count[:5], count[5:]))
    np.testing.assert_array_equal(np.concatenate(ours), threefry_2x32(key, jnp.asarray(count)))


@pytest.mark.parametrize(
    ("name", "mean", "square"), [("normal", 0, 1), ("uniform", 0.5, 1 / 3), ("rademacher", 0, 1)]
)
def test_moments(name: str, mean: float, square: float) -> None:
    x = drawn(name)
    assert abs(x.mean() - mean) < 0.02
    assert abs((x * x).mean() - square) < 0.02
    assert np.isfinite(x).all()


@pytest.mark.parametrize("name", NAMES)
def test_seed_step_parameter_and_stream_each_give_other_numbers(name: str) -> None:
    first = drawn(name, 1000)
    for other in ({"seed": 1}, {"t": 2}, {"place": 1}, {"stream": 1}):
        again = drawn(name, 1000, **other)
        assert abs(np.corrcoef(first, again)[0, 1]) < 0.15


def test_lowered_equals_the_interpreter(x64: None) -> None:
    del x64
    one = problem()
    rule = lower(parse(NOISY), 0.1, seed=3)
    params = [jnp.asarray(w) for w in one.start]
    state = rule.init(params)
    update = jax.jit(rule.update)
    for gradients in one.gradients[:4]:
        u, state = update([jnp.asarray(g) for g in gradients], state, params)
        params = jax.tree.map(jnp.add, params, u)
    path = simulate(parse(NOISY), one.start, one.gradients[:4], 0.1, seed=3)
    for ours, theirs in zip(params, path[-1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    other = simulate(parse(NOISY), one.start, one.gradients[:4], 0.1, seed=4)
    assert not np.allclose(path[-1][0], other[-1][0])


def test_a_reference_is_handed_what_the_program_draws() -> None:
    one = problem()
    program = parse("def f(w, g):\n    return normal(w)\n")
    path = simulate(program, one.start, one.gradients[:2])
    ws = [w - n for w, n in zip(one.start, noise(1, SHAPES)["normal"](0), strict=True)]
    ws = [w - n for w, n in zip(ws, noise(2, SHAPES)["normal"](0), strict=True)]
    for ours, theirs in zip(path[-1], ws, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_two_calls_are_two_draws_and_one_stream_is_one() -> None:
    two = parse("def f(w, g):\n    return normal(w) - normal(w)\n")
    assert "normal(w, stream=0) - normal(w, stream=1)" in text(two)
    assert parse(text(two)) == two
    one = parse("def f(w, g):\n    return normal(w, stream=2) - normal(w, stream=2)\n")
    (moved,) = simulate(one, [np.ones(3)], [[np.ones(3)]])[-1]
    np.testing.assert_array_equal(moved, np.ones(3))
    assert canonical_key(one) != canonical_key(two)
    assert canonical(two) == canonical(canonical(two))
    assert behavioural_key(two) != behavioural_key(parse("def f(w, g):\n    return g\n"))


def test_initial_values_may_be_drawn() -> None:
    program = parse("def f(w, g):\n    v: Tensor = normal(w)\n    v = v + 0 * g\n    return v\n")
    first, second = simulate(program, [np.zeros(4)], [[np.ones(4)]] * 2)
    np.testing.assert_allclose(second[0], 2 * first[0])
    assert np.std(first[0]) > 0


def test_what_is_no_stream_is_refused() -> None:
    with pytest.raises(ProgramError, match="takes a stream from 0 to 32767, not -1"):
        parse("def f(w, g):\n    return normal(w, stream=-1)\n")
