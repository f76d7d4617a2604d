"""Matrices with a side of a length of its own, and the view that they stand beside."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dsl import ProgramError, lower, parse, text
from dsl.canonical import canonical
from primitives import TABLE

RNG = np.random.default_rng(0)
PROJECTED = """
def projected(w, g, lr, *, rank=3, beta=0.5):
    P: Matrix[short, rank] = 0
    m: Matrix[rank, long] = 0
    if ndim(w) < 2:
        return lr * g
    x = wide(g)
    P = singular_vectors(x, rank)
    m = lerp(m, P.T @ x, beta)
    return lr * unwide(P @ m, w)
"""
SHAPES = {"tall": (7, 5), "flat": (2, 9), "square": (4, 4), "conv": (3, 2, 4), "bias": (5,)}


def gradients() -> dict[str, jax.Array]:
    return {name: jnp.asarray(RNG.normal(size=shape)) for name, shape in SHAPES.items()}


@pytest.mark.parametrize("shape", [(7, 5), (5, 7), (4, 4), (3, 2, 4), (2, 1, 7)])
@pytest.mark.parametrize("out", [-1, 0])
def test_wide_has_its_shorter_side_first_and_is_undone(shape: tuple[int, ...], out: int) -> None:
    x = RNG.normal(size=shape)
    y = TABLE["wide"].meaning(np, x, out=out)
    assert y.shape[0] <= y.shape[1]
    np.testing.assert_array_equal(TABLE["unwide"].meaning(np, y, x, out=out), x)


def test_a_square_matrix_is_seen_by_its_columns() -> None:
    x = RNG.normal(size=(4, 4))
    np.testing.assert_array_equal(TABLE["wide"].meaning(np, x), x.T)


@pytest.mark.parametrize(("shape", "columns"), [((5, 7), 3), ((7, 2), 2), ((7, 5), 3)])
def test_singular_vectors_span_the_best_subspace(shape: tuple[int, int], columns: int) -> None:
    x = RNG.normal(size=shape)
    p = TABLE["singular_vectors"].meaning(np, x, rank=3, short=min(shape))
    assert p.shape == (shape[0], columns)
    np.testing.assert_allclose(p.T @ p, np.eye(columns), atol=1e-12)
    left = np.linalg.svd(x, compute_uv=False)[columns:]  # of what the subspace leaves
    np.testing.assert_allclose(np.linalg.norm(x - p @ p.T @ x), np.linalg.norm(left), atol=1e-12)


def test_a_program_in_a_subspace_is_that_of_numpy(x64: None) -> None:
    del x64
    optimizer = lower(parse(PROJECTED), lr=0.1)
    given = gradients()
    state = optimizer.init(given)
    held: dict[str, Any] = dict.fromkeys(SHAPES, 0.0)
    for _ in range(3):
        given = gradients()
        updates, state = jax.jit(optimizer.update)(given, state, given)
        for name, gradient in given.items():
            g = np.asarray(gradient)
            if name == "bias":
                np.testing.assert_allclose(updates[name], -0.1 * g)
                continue
            x = g.reshape(-1, g.shape[-1])
            turned = x.shape[0] >= x.shape[1]
            x = x.T if turned else x
            p = np.linalg.svd(x, full_matrices=False)[0][:, : min(3, x.shape[0])]
            held[name] = 0.5 * held[name] + 0.5 * p.T @ x
            u = p @ held[name]
            expected = (u.T if turned else u).reshape(g.shape)
            np.testing.assert_allclose(updates[name], -0.1 * expected, atol=1e-12)


def test_a_rank_is_cut_to_the_shorter_side() -> None:
    state: Any = lower(parse(PROJECTED)).init(gradients())
    shapes = jax.tree.map(jnp.shape, state.values["m"])
    assert set(state.values) == {"m"}  # P is worked out anew at each step
    assert shapes == {
        "tall": (3, 7), "flat": (2, 9), "square": (3, 4), "conv": (3, 6), "bias": None,
    }  # fmt: skip


def test_it_prints_what_it_reads() -> None:
    program = parse(PROJECTED)
    assert "P: Matrix[short, up_to(3)] = 0" in text(program)
    assert parse(text(program)) == program
    assert parse(text(canonical(program))) == canonical(program)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("Matrix[short, rank]", "Matrix[short, beta]", "must be known before the run"),
        ("Matrix[short, rank]", "Matrix[axes, rank]", "A Matrix for each axis is square"),
        ("Matrix[short, rank]", "Matrix[short, up_to(0)]", "A side is 1 to 100,000 long, not 0"),
        ("Matrix[rank, long]", "Matrix[rank, short]", "lerp cannot join a Matrix[up_to(3), short]"),
        ("singular_vectors(x, rank)", "singular_vectors(x)", "takes a number of columns"),
        ("unwide(P", "unmatrix(P", "takes a Matrix[rows, cols], not a Matrix[short, long]"),
        ("    if ndim(w) < 2:\n        return lr * g\n", "", "wide takes parameters with 2 axes"),
    ],
)
def test_what_does_not_fit_is_told(old: str, new: str, sentence: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse(PROJECTED.replace(old, new, 1))
    assert sentence in str(caught.value)
