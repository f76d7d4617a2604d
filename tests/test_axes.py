"""One state for each axis, loops over axes, and the primitives that work along one."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dsl import ProgramError, lower, parse, text
from dsl.simulate import simulate
from primitives import TABLE

RNG = np.random.default_rng(0)
SHAPES = ((), (5,), (4, 3), (2, 3, 4), (2, 3, 2, 4))


def meaning(name: str, *args: object, **options: object) -> np.ndarray:
    return np.asarray(TABLE[name].meaning(np, *args, **options))


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_gram_and_mode_are_those_of_the_unfolded_array(shape: tuple[int, ...]) -> None:
    x = RNG.normal(size=shape)
    for axis in range(len(shape)):
        rows = np.moveaxis(x, axis, 0).reshape(shape[axis], -1)
        np.testing.assert_allclose(meaning("gram", x, axis=axis), rows @ rows.T, rtol=1e-12)
        m = RNG.normal(size=(shape[axis],) * 2)
        got = np.moveaxis(meaning("mode", m, x, axis=axis), axis, 0).reshape(shape[axis], -1)
        np.testing.assert_allclose(got, m @ rows, rtol=1e-12)
        back = meaning("solve_along", m, meaning("mode", m, x, axis=axis), axis=axis)
        np.testing.assert_allclose(back, x, rtol=1e-9)


def test_decompositions() -> None:
    a = RNG.normal(size=(4, 6))
    m = a @ a.T
    q = meaning("eigenvectors", m)
    d = np.diag(q.T @ m @ q)
    assert (np.diff(d) < 0).all()
    np.testing.assert_allclose(q * d @ q.T, m, atol=1e-12)
    root = meaning("inverse_root", m, 4)
    np.testing.assert_allclose(np.linalg.matrix_power(root, 4) @ m, np.eye(4), atol=1e-9)
    o = meaning("orthogonal", m)
    np.testing.assert_allclose(o.T @ o, np.eye(4), atol=1e-12)
    order = meaning("sorter", np.array([[3.0, 9.0, 1.0]]))
    np.testing.assert_array_equal(np.array([[3.0, 9.0, 1.0]]) @ order, [[9.0, 3.0, 1.0]])


@pytest.mark.parametrize(
    "name",
    ["gram", "mode", "solve_along", "triu", "eigenvectors", "inverse_root", "sorter"],
)
def test_jax_gives_the_same(name: str) -> None:
    x, m = RNG.normal(size=(4, 3)), np.diag([1.0, 2.0, 4.0, 8.0]) + 0.1
    along, rest = dict.fromkeys(("mode", "solve_along"), (m, x)), {"inverse_root": (m, 3)}
    given = {"gram": (x,), **along, **rest, "sorter": (m[:1],)}
    args = given.get(name, (m,))
    options = {"axis": 0} if name in ("gram", "mode", "solve_along") else {}
    with jax.enable_x64(True):
        got = TABLE[name].meaning(jnp, *map(jnp.asarray, args), **options)
        other = np.asarray(got)
    np.testing.assert_allclose(np.abs(other), np.abs(meaning(name, *args, **options)), atol=1e-12)


WHITENED = """
def whitened(w, g, t, lr, *, eps=0.1):
    L: Matrix[axes] = eps * eye
    u = g
    for axis in axes(w):
        L[axis] = L[axis] + gram(g, axis)
        u = mode(inverse_root(L[axis], 2 * ndim(w)), u, axis)
    return lr * u
"""


def test_a_loop_over_axes_takes_as_many_as_there_are() -> None:
    start = [RNG.normal(size=shape) for shape in SHAPES]
    gradients = [[RNG.normal(size=shape) for shape in SHAPES] for _ in range(3)]
    path = simulate(parse(WHITENED), start, gradients, 0.5)
    for k, shape in enumerate(SHAPES):
        grams, w = [0.1 * np.eye(n) for n in shape], start[k]
        for t, gs in enumerate(gradients):
            u = gs[k]
            for axis, n in enumerate(shape):
                rows = np.moveaxis(gs[k], axis, 0).reshape(n, -1)
                grams[axis] = grams[axis] + rows @ rows.T
                values, vectors = np.linalg.eigh(grams[axis])
                root = (vectors * values ** (-0.5 / len(shape))) @ vectors.T
                u = np.moveaxis(np.tensordot(root, u, (1, axis)), 0, axis)
            w = w - 0.5 * u
            np.testing.assert_allclose(path[t][k], w, rtol=1e-10)


def test_lowered_it_stores_a_matrix_for_each_axis() -> None:
    params = {"a": jnp.ones((4, 3)), "b": jnp.ones(5)}
    rule: Any = lower(parse(WHITENED), 0.1)
    state = rule.init(params)
    assert state.values["L_0"]["a"].shape == (4, 4)
    assert state.values["L_1"]["a"].shape == (3, 3)
    assert state.values["L_1"]["b"] is None
    updates, _ = jax.jit(rule.update)(params, state, params)
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(optax.apply_updates(params, updates)))


def test_the_text_reads_back() -> None:
    program = parse(WHITENED)
    assert parse(text(program)) == program
    assert "L_1 = L_1 + gram(g, axis=1)" in text(program)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("u = L[7]", "L has the places 0 to 3, and not 7."),
        ("u = L", "L is several states: read one, as in L[0]."),
        ("u = g[0]", "`x[i]` reads a state that is declared one for each axis"),
        ("u = mode(L[0], g, 1)", "mode along axis 1 takes a Matrix[1], not a Matrix[0, 0]."),
        ("u = mode(g, g, 0)", "mode along axis 0 takes a Matrix[0], not a Tensor."),
        ("u = eigenvectors(g)", "eigenvectors takes a square Matrix, not a Tensor."),
        ("u = gram(g)", "gram takes an axis number, as in gram(x, axis=0)."),
    ],
)
def test_what_goes_wrong_is_told(line: str, said: str) -> None:
    begin = "def p(w, g):\n    L: Matrix[axes] = 0\n    if ndim(w) < 2:\n        return g\n"
    with pytest.raises(ProgramError) as error:
        parse(begin + f"    {line}\n    return 0 * u + g\n")
    assert str(error.value).startswith(said)
