"""Programs that take a program: what the inner one sees, and what becomes of its state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl import Program, ProgramError, load, parse, text
from dsl.canonical import canonical
from dsl.simulate import simulate
from dsl.zoo import COMBINATORS, NAMES

SHAPES = ((3, 2), (4,))


def updates(program: Program, steps: int = 9, **hyperparameters: Any) -> np.ndarray:
    """Returns the parameters after each step on fixed gradients, as one row a step."""
    rng = np.random.default_rng(0)
    start = [rng.normal(size=shape) for shape in SHAPES]
    gradients = [[rng.normal(size=shape) for shape in SHAPES] for _ in range(steps)]
    path = simulate(program, start, gradients, 0.1, **hyperparameters)
    return np.array([np.concatenate([w.ravel() for w in ws]) for ws in path])


def same(one: str, other: str) -> bool:
    """Tells whether two expressions or texts do the same to the last digits."""
    a, b = (parse(x) if "def " in x else load(x) for x in (one, other))
    return np.allclose(updates(a), updates(b), rtol=1e-13, atol=1e-15)


OUTER = """
def outer(inner, w, g):
    return inner(w, g)
"""


def test_a_combinator_that_does_nothing_is_its_inner_program() -> None:
    assert same(OUTER + "def p(w, g, lr):\n    return outer(adam, w, g)\n", "adam")
    assert same("lookahead(adam, alpha=1.0)", "adam")
    assert same("accumulate(adam, k=1)", "adam")


def test_combinators_nest_and_take_pipes() -> None:
    once = load("lookahead(lookahead(sgd, k=2), k=3)")
    assert [state.name for state in once.states] == ["slow", "lookahead_slow"]
    assert not same("lookahead(lookahead(sgd, k=2), k=3)", "lookahead(sgd, k=3)")
    assert same("lookahead(clip_by_value | sgd)", "lookahead(sgd | clip_by_value(bound=0.1))")


def test_numbers_of_an_expression_are_new_defaults() -> None:
    program = load("lookahead(adam(beta1=0.5), k=3)")
    held = {item.name: item.default for item in program.hyperparameters}
    assert {"k": 3, "alpha": 0.5, "beta1": 0.5, "beta2": 0.999}.items() <= held.items()
    assert np.array_equal(updates(program), updates(load("lookahead(adam, k=3)"), beta1=0.5))


def test_inputs_reach_the_inner_program_unless_they_are_passed() -> None:
    halved = OUTER + "def p(w, g, lr):\n    return outer(adam, w, g, lr=0.5 * lr)\n"
    rebound = OUTER + "def p(w, g, lr):\n    lr = 7 * lr\n    return outer(adam, w, g)\n"
    scaled = "def p(w, g, lr):\n    return {} * adam(w, g)\n"
    assert same(halved, scaled.format(0.5))
    assert same(rebound, "adam")


def test_an_inner_program_counts_its_own_calls() -> None:
    """Two steps of plain accumulation are one step of Adam on the mean of two gradients."""
    rng = np.random.default_rng(1)
    gradients = [[rng.normal(size=3)] for _ in range(8)]
    means = [[(a[0] + b[0]) / 2] for a, b in zip(gradients[::2], gradients[1::2], strict=True)]
    ours = simulate(load("accumulate(adam, k=2)"), [np.ones(3)], gradients, 0.1)
    theirs = simulate(load("adam"), [np.ones(3)], means, 0.1)
    np.testing.assert_allclose(ours[1::2], theirs, rtol=1e-13)


def test_the_state_of_an_inner_program_is_read_and_set() -> None:
    code = """
def damped(inner, w, g):
    u = inner(w, g)
    inner.m = 0.5 * inner.m
    return u + 0 * inner.m
def p(w, g, lr):
    return damped(momentum_sgd, w, g)
"""
    assert same(code, "def p(w, g, lr):\n    return momentum_sgd(w, g, beta=0.45)\n")


def test_an_initial_value_is_taken_at_the_first_call() -> None:
    code = """
def pulled(w, g, lr):
    anchor: Tensor = w
    return lr * g + 0.1 * (w - anchor)
def shifted(inner, w, g):
    return inner(w + 1.0, g)
def p(w, g, lr):
    return shifted(pulled, w, g)
"""
    plain = code.rpartition("def shifted(")[0]
    assert same(code, plain)  # the distance to the anchor does not depend on where both stand


def test_an_initial_value_is_that_of_the_state_which_the_inner_program_is_given() -> None:
    code = """
def pulled(w, g, lr):
    anchor: Tensor = w
    return lr * g + 0.1 * (w - anchor)
def outer(inner, w, g):
    z: Tensor = w + 1.0
    u = inner(z, g)
    z = z - u
    return u
def p(w, g, lr):
    return outer(pulled, w, g)
"""
    program = parse(code)
    for same_program in (program, canonical(program)):
        assert parse(text(same_program)) == same_program
    assert same(code, code.rpartition("def outer(")[0])


@given(st.sampled_from(sorted(COMBINATORS)), st.sampled_from(NAMES))
@settings(max_examples=25)
def test_the_text_of_any_pair_of_the_zoo_reads_back(outer: str, inner: str) -> None:
    try:
        program = load(f"{outer}({inner})")
    except ProgramError:  # some take no such program
        return
    for same_program in (program, canonical(program)):
        assert parse(text(same_program)) == same_program


@pytest.mark.parametrize("name", ["outer(adamw)", "outer(lookahead(adamw))"])
def test_the_text_of_a_whole_program_reads_back(name: str) -> None:
    program = parse(OUTER + f"def p(w, g, lr):\n    return {name[:-1]}, w, g)\n")
    assert parse(text(program)) == program


def test_what_only_hands_on_is_evaluated_where_the_called_program_is() -> None:
    alone = load("schedule_free_sgd")
    for expression in ("clip_by_global_norm | schedule_free_sgd", "schedule_free_sgd(beta=0.8)"):
        program = load(expression)
        assert program.has_point
        assert [role for role, _ in program.results][-2:] == ["w", "w_eval"]
        assert parse(text(program)) == program
    assert [role for role, _ in alone.results][-2:] == ["w", "w_eval"]
    own = parse("def p(w, g, lr):\n    w_eval = w\n    return 0.5 * schedule_free_sgd(w, g)\n")
    assert own.has_point


BAD = {
    "inner is called at two places: call it once, after the `if` or the loop.": (
        "def f(inner, w, g):\n    return inner(w, g) + inner(w, g)\n", "f(sgd, w, g)"
    ),
    "inner.m is known once inner has been called.": (
        "def f(inner, w, g):\n    inner.m = 0\n    return inner(w, g)\n", "f(adam, w, g)"
    ),
    "adam has no state n.": (
        "def f(inner, w, g):\n    u = inner(w, g)\n    return u + inner.n\n", "f(adam, w, g)"
    ),
    "p calls itself: recursion is not in the language.": (OUTER, "outer(p, w, g)"),
    "There is no program adamz. Did you mean 'adam'?": (OUTER, "outer(adamz, w, g)"),
    "outer takes a program for inner, as in outer(adamw).": (OUTER, "outer(w=w, g=g)"),
    "Expected a program here, such as adamw or adamw(beta1=0.95).": (OUTER, "outer(3, w, g)"),
    "f changes the update of schedule_free_sgd, which sets w_eval: set w_eval in f too.": (
        "def f(inner, w, g):\n    return 0.5 * inner(w, g)\n", "f(schedule_free_sgd, w, g)"
    ),
    "adam has no hyperparameter beta3. Did you mean 'beta2'?": (
        OUTER, "outer(adam(beta3=1.0), w, g)"
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", BAD)
def test_what_goes_wrong_is_told(said: str) -> None:
    above, call = BAD[said]
    with pytest.raises(ProgramError) as error:
        parse(f"{above}def p(w, g, lr):\n    return {call}\n")
    assert str(error.value).splitlines()[0] == said
