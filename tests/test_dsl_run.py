"""The reference interpreter: shape `if`s, numbers for the model, and what is stored."""

from __future__ import annotations

import numpy as np
import pytest

from dsl.errors import ProgramError
from dsl.parse import build, parse
from dsl.settle import settle
from dsl.shapes import Leaf
from dsl.simulate import simulate
from dsl.zoo import source

SHAPES = ((3, 2), (4,), (), (2, 2, 1, 3))


def path(text: str, steps: int = 3, **given: object) -> list[list[np.ndarray]]:
    """Runs a text on parameters of ones and gradients t, 2t, 3t, 4t."""
    start = [np.ones(shape) for shape in SHAPES]
    gradients = [[np.full(s, (i + 1.0) * t) for i, s in enumerate(SHAPES)]
                 for t in range(1, steps + 1)]
    return simulate(parse(text), start, gradients, **given)  # type: ignore[arg-type]


def moved(text: str, **given: object) -> list[float]:
    """Returns how far the first entry of each parameter goes down in one step."""
    return [1 - float(w.flat[0]) for w in path(text, 1, **given)[0]]


def stored(text: str, shapes: tuple[tuple[int, ...], ...] = SHAPES) -> dict[str, tuple[bool, ...]]:
    settled = settle(parse(text), tuple(Leaf(shape) for shape in shapes))
    return dict(settled.stored)


def test_model_wide_numbers_cover_every_parameter() -> None:
    sizes = [6, 4, 1, 12]
    squares = sum(size * (i + 1) ** 2 for i, size in enumerate(sizes))
    assert moved("def f(w, g):\n    return g / global_norm(g)") == pytest.approx(
        [(i + 1) / squares**0.5 for i in range(4)]
    )


def test_model_wide_numbers_in_a_shape_if_cover_its_own_parameters() -> None:
    text = """
def f(w, g):
    if ndim(w) >= 2:
        n = global_sum(g)
    else:
        n = -global_sum(g)
    return n * g / g
"""
    assert moved(text) == pytest.approx([6 + 48, -8 - 3, -8 - 3, 6 + 48])


def test_a_number_set_in_a_shape_if_is_a_layer_afterwards() -> None:
    text = """
def f(w, g, *, decay=1.0):
    if ndim(w) < 2:
        decay = 0 * decay
    return 0 * g + decay * w + global_mean(decay)
"""
    assert moved(text) == pytest.approx([1.5, 0.5, 0.5, 1.5])


def test_roles_steer_a_shape_if() -> None:
    text = """
def f(w, g):
    if role(w) in ("head", "embedding"):
        return 0 * g
    return g
"""
    assert moved(text, roles=["head", "", "embedding", "norm"]) == [0, 2, 0, 4]


def test_an_if_on_a_number_runs_one_side() -> None:
    text = """
def f(w, g, t):
    m: Tensor = 0
    if t == 2:
        m = g
        u = 10 * g
    else:
        u = 0
    return u + m
"""
    assert [float(ws[0][0, 0]) for ws in path(text)] == [1, 1 - 22, 1 - 24]


def test_static_and_running_conditions_mix() -> None:
    text = """
def f(w, g, t):
    u = 0
    if t == 2 and ndim(w) >= 2:
        u = g
    return u
"""
    program, _ = build(text)
    start = [np.ones(2), np.ones((2, 2))]
    steps = simulate(program, start, [start] * 3)
    assert [[float(w.flat[0]) for w in ws] for ws in steps] == [[1, 1], [1, 0], [1, 0]]


def test_a_program_may_set_the_parameters() -> None:
    assert moved("def f(w, g):\n    w = w - 2 * g") == [2, 4, 6, 8]


def test_initial_values_are_expressions() -> None:
    text = """
def f(w, g, *, a=0.5):
    x0: Tensor = w
    d: Scalar = 2 * a
    first: Tensor = g
    d = d + 1
    return d * first + 0 * x0
"""
    assert [float(ws[0][0, 0]) for ws in path(text)] == [1 - 2, 1 - 5, 1 - 9]


def test_states_are_stored_where_a_live_statement_reads_them() -> None:
    matrix, vector = (True, False, False, True), (False, True, True, False)
    assert stored(source("adafactor")) == {"row": matrix, "col": matrix, "v": vector}
    assert stored(source("muon")) == {"m": matrix, "adamw_m": vector, "v": vector}


def test_states_that_are_overwritten_or_unread_are_not_stored() -> None:
    text = """
def f(w, g):
    a: Tensor = 0
    b: Tensor = 0
    c: Tensor = 0
    a = g
    b = b + g
    c = c + a
    return a + c
"""
    assert set(stored(text)) == {"c"}


def test_one_parameter_that_needs_a_number_makes_all_keep_its_state() -> None:
    text = """
def f(w, g):
    m: Tensor = 0
    m = m + g
    n = global_norm(m)
    if ndim(w) >= 2:
        return n * g
    return g
"""
    assert stored(text) == {"m": (True,) * 4}


def test_a_vector_on_an_axis_that_is_missing_says_so() -> None:
    program, _ = build("def f(w, g):\n    v: Vector[1] = 0\n    v = v + mean(g)\n    return v")
    settle(program, (Leaf((2, 3)),))
    sentence = (
        r"axis 1 does not exist for a parameter with 1 axis: guard it with `if ndim\(w\) >= 2`"
    )
    with pytest.raises(ProgramError, match=sentence):
        settle(program, (Leaf((2, 3)), Leaf((4,))))


def test_a_scalar_state_set_in_one_side_belongs_to_it() -> None:
    text = """
def f(w, g):
    d: Scalar = 1.0
    if ndim(w) < 2:
        d = d + global_sum(g)
    return d + 0 * w
"""
    first, second, _ = path(text)
    own = 1 + (8 + 3)  # the vector and the single number, gradients 2 and 3
    assert [float(w.flat[0]) for w in first] == [0, 1 - own, 1 - own, 0]
    later = own + 2 * (8 + 3)
    assert [float(w.flat[0]) for w in second] == [-own, 1 - own - later, 1 - own - later, -own]
