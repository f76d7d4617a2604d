"""What a program may ask of the task: the gradient and the loss elsewhere, the Hessian."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from walks import real_loss

from dsl import ProgramError, behavioural_key, load, lower, parse, text
from dsl.taping import NotATape, tape
from evaluators import task
from evaluators.population import layout_of
from evaluators.train import train_lowered

PARAMS = {"a": jnp.arange(6.0).reshape(2, 3) - 2, "b": jnp.asarray([0.5, -1.5])}


def first_update(code: str, **extra: Any) -> Any:
    """Returns what a program takes off the parameters at its first step, at learning rate 1."""
    rule: Any = lower(parse(code))
    gradients = jax.grad(real_loss)(PARAMS)
    updates, _ = rule.update(gradients, rule.init(PARAMS), PARAMS, **extra)
    return jax.tree.map(jnp.negative, updates)


def close(a: Any, b: Any) -> bool:
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.allclose(x, y, rtol=1e-6) for x, y in pairs)


def test_the_gradient_is_taken_at_the_point() -> None:
    got = first_update("def p(w, g):\n    return grad_at(w + 1.0)\n", value_fn=real_loss)
    assert close(got, jax.grad(real_loss)(jax.tree.map(lambda x: x + 1, PARAMS)))


def test_the_loss_is_one_number_for_the_model() -> None:
    got = first_update("def p(w, g):\n    return loss_at(w) * g\n", value_fn=real_loss)
    gradients = jax.grad(real_loss)(PARAMS)
    assert close(got, jax.tree.map(lambda g: real_loss(PARAMS) * g, gradients))


def test_the_hessian_is_that_at_the_parameters() -> None:
    got = first_update("def p(w, g):\n    return hvp(g)\n", value_fn=real_loss)
    slope = jax.grad(real_loss)
    expected = jax.jvp(slope, (PARAMS,), (slope(PARAMS),))[1]
    assert close(got, expected)


def test_a_loss_may_be_asked_where_an_if_on_a_number_needs_it() -> None:
    """One step of backtracking: halve the step while it does not improve."""
    code = """
def p(w, g):
    u = 64.0 * g
    for i in range(8):
        if loss_at(w - u) > loss_at(w):
            u = 0.5 * u
    return u
"""
    got = jax.tree.map(jnp.subtract, PARAMS, first_update(code, value_fn=real_loss))
    assert real_loss(got) < real_loss(PARAMS)


def test_the_whole_gradient_and_the_constraint_come_from_arguments_of_their_own() -> None:
    half = lambda tree: jax.tree.map(lambda x: 0.5 * x, tree)  # noqa: E731
    got = first_update("def p(w, g):\n    return full_grad(w)\n", full_value_fn=real_loss)
    assert close(got, jax.grad(real_loss)(PARAMS))
    got = first_update("def p(w, g):\n    w = project(w)\n", project=half)
    assert close(got, half(PARAMS))
    shrunk = lambda tree, step: jax.tree.map(lambda x, s: x - s, tree, step)  # noqa: E731
    got = first_update("def p(w, g):\n    w = prox(w, 0.25)\n", prox=shrunk)
    assert close(got, jax.tree.map(lambda x: jnp.full_like(x, 0.25), PARAMS))
    with pytest.raises(ProgramError) as error:
        first_update("def p(w, g):\n    w = lmo(g)\n", value_fn=real_loss)
    assert str(error.value) == "p asks for lmo: pass params and lmo= to update"


def test_who_does_not_give_the_loss_is_told_how() -> None:
    with pytest.raises(ProgramError) as error:
        first_update("def p(w, g):\n    return grad_at(w)\n")
    assert str(error.value) == "p asks for grad_at: pass params and value_fn= to update"


def test_an_oracle_takes_the_whole_model() -> None:
    code = "def p(w, g):\n    if ndim(w) >= 2:\n        return grad_at(w)\n    return g\n"
    with pytest.raises(ProgramError, match="outside of every `if` on shape or role"):
        first_update(code, value_fn=real_loss)


def test_an_oracle_takes_a_tensor() -> None:
    with pytest.raises(ProgramError) as error:
        parse("def p(w, g):\n    return grad_at(norm(w))\n")
    assert str(error.value).startswith("grad_at takes a Tensor, not a Layer.")


def test_texts_and_keys() -> None:
    program = load("sam(adam)")
    assert parse(text(program)) == program
    assert behavioural_key(program) not in (None, behavioural_key(load("adam")))
    plain = load("sam(adam, rho=0.0)")
    assert behavioural_key(plain) == behavioural_key(load("adam"))


def test_a_task_answers_a_program_that_tapes_do_not_carry() -> None:
    problem, program = task("digits_small"), load("sam(momentum_sgd)")
    with pytest.raises(NotATape, match="tapes do not carry grad_at"):
        tape(program, layout_of(problem))
    sharp, _ = train_lowered(program, problem, (0.05,), (0,), 20)
    plain, _ = train_lowered(load("momentum_sgd"), problem, (0.05,), (0,), 20)
    assert sharp < 2.3
    assert sharp != plain


def test_it_trains_in_an_optax_loop() -> None:
    rule: Any = lower(load("sam(adam)"), 0.05)
    params: Any = PARAMS
    state = rule.init(params)
    for _ in range(30):
        gradients = jax.grad(real_loss)(params)
        updates, state = rule.update(gradients, state, params, value_fn=real_loss)
        params = optax.apply_updates(params, updates)
    assert real_loss(params) < 0.9 * real_loss(PARAMS)


def test_the_third_derivative_and_the_second_loss() -> None:
    """Of sum(w^2 / 2 + cos(w)) along its own gradient: sum(sin(w) g^3)."""
    slope = jax.grad(real_loss)(PARAMS)
    pairs = zip(jax.tree.leaves(PARAMS), jax.tree.leaves(slope), strict=True)
    expected = sum(float((jnp.sin(w) * g**3).sum()) for w, g in pairs)
    got = first_update("def p(w, g):\n    return third(g) * g\n", value_fn=real_loss)
    assert close(got, jax.tree.map(lambda g: expected * g, slope))
    double = lambda tree: 2 * real_loss(tree)  # noqa: E731
    code = "def p(w, g):\n    return aux_loss(w) * aux_grad(w) + aux_hvp(g)\n"
    curve = jax.jvp(jax.grad(double), (PARAMS,), (slope,))[1]
    expected = jax.tree.map(lambda g, h: double(PARAMS) * 2 * g + h, slope, curve)
    assert close(first_update(code, aux_value_fn=double), expected)
    got = first_update("def p(w, g):\n    return half_grad(w)\n", half_value_fn=double)
    assert close(got, jax.tree.map(lambda g: 2 * g, slope))
    with pytest.raises(ProgramError, match="pass params and aux_value_fn= to update"):
        first_update("def p(w, g):\n    return aux_grad(w)\n", value_fn=real_loss)


def test_what_the_fixed_problem_answers_in_numpy_is_what_jax_derives() -> None:
    """One program asks everything; lowered and simulated it must end at the same point."""
    from evaluators.conformance import distance, problems, simulated
    from evaluators.following import follow_lowered
    from evaluators.references import PAPER, Reference

    code = """
def every_oracle(w, g, lr):
    a = third(g) * half_grad(w) + aux_loss(w) * aux_grad(w + g)
    b = aux_hvp(g)
    return lr * tanh(0.01 * where(role(w) == "upper", a, a + b))
"""
    roles = ("upper", "", "lower", "", "")
    one = Reference("every_oracle", PAPER, "", lambda *_: None, asks=True, roles=roles)
    program, given = parse(code), problems(one)
    lowered = follow_lowered(program, {}, given, asks=True, roles=roles)
    for path, single in zip(lowered, given, strict=True):
        assert distance(simulated(program, one, {}, single), path, single.start) < 1e-12
