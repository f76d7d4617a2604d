"""optax's own optimizers lift to programs that do the same and are known; the rest says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import optax
import pytest

from dsl import Program, lift, lower, parse, text
from dsl.lift import LiftError, lifted
from dsl.recognition import recognized
from evaluators.lifting import ALIASES, RATE, apart, made, matches, row

LABELS = [f"{name}-{place}" for place, (name, _, _) in enumerate(ALIASES)]
QUICK = ("adagrad", "lion", "lars", "sgd", "novograd")  # whose agreement is measured at each commit


def test_enough_of_optax_is_lifted() -> None:
    assert len({name for name, _, _ in ALIASES}) >= 25


@pytest.mark.parametrize("place", range(len(ALIASES)), ids=LABELS)
def test_a_function_of_optax_lifts_and_is_known(place: int) -> None:
    name, arguments, expected = ALIASES[place]
    program = lift(made(name, arguments), name.rpartition(".")[2])
    known = recognized(program)
    assert (known.name if known else "") == expected, text(program)
    assert known is None or known.exact
    assert parse(text(program)) == program


@pytest.mark.parametrize("name", QUICK)
def test_the_program_does_the_same(name: str) -> None:
    found = next(row(*one) for one in ALIASES if one[0] == name)
    assert found.matches, found


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(ALIASES)), ids=LABELS)
def test_every_program_does_the_same(place: int) -> None:
    found = row(*ALIASES[place])
    assert found.matches, found


def test_a_wrong_program_does_not_pass() -> None:
    """Another constant, a term that is left out and another rate are all noticed."""
    given = optax.adamw(0.05, weight_decay=0.1)
    right = lifted(given)
    wrong = [
        replace(right, program=parse(text(right.program).replace(old, new)))
        for old, new in ((" beta1=0.9", " beta1=0.91"), ("+ weight_decay * w", ""))
    ]
    assert matches(apart(given, right), right)
    for one in [*wrong, replace(right, rate=0.051)]:
        assert not matches(apart(given, one), one)


# --- how it reads

READS = {
    "adamw": (
        lambda: optax.adamw(1e-3),
        """def adamw(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0001):
    mu: Tensor = 0
    nu: Tensor = 0
    mu = lerp(mu, g, 1 - beta1)
    nu = lerp(nu, square(g), 1 - beta2)
    mu_hat = mu / (1 - beta1**t)
    nu_hat = nu / (1 - beta2**t)
    return lr * (mu_hat / (sqrt(nu_hat) + eps) + weight_decay * w)
""",
    ),
    "lion": (
        lambda: optax.lion(1e-3),
        """def lion(w, g, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.001):
    mu: Tensor = 0
    u = lr * (sign(lerp(mu, g, 1 - beta1)) + weight_decay * w)
    mu = lerp(mu, g, 1 - beta2)
    return u
""",
    ),
    "sgd": (
        lambda: optax.sgd(0.1, momentum=0.9, nesterov=True),
        """def sgd(w, g, lr, *, decay=0.9):
    trace: Tensor = 0
    trace = g + decay * trace
    return lr * (g + decay * trace)
""",
    ),
    "clip": (
        lambda: optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(0.1)),
        """def clip(w, g, lr, *, max_norm=0.5):
    return lr * (g * min(max_norm / global_norm(g), 1))
""",
    ),
    "momentum after the rate": (
        lambda: optax.rmsprop(0.1, momentum=0.8),
        """def rule(w, g, lr, *, decay=0.9, eps=1e-8, decay_2=0.8):
    nu: Tensor = 0
    trace: Tensor = 0
    nu = lerp(nu, square(g), 1 - decay)
    trace = decay_2 * trace + lr * (g / sqrt(nu + eps))
    return trace
""",
    ),
}


@pytest.mark.parametrize("case", READS)
def test_it_reads_as_a_person_would_write_it(case: str) -> None:
    make, wanted = READS[case]
    name = case if case.isidentifier() else "rule"
    program = replace(lift(make(), name), doc="")
    ordered = replace(parse(wanted), hyperparameters=program.hyperparameters)
    assert {h.name: h.default for h in parse(wanted).hyperparameters} == {
        h.name: h.default for h in program.hyperparameters
    }
    assert text(program) == text(ordered)


# --- the learning rate


def test_a_function_of_the_rate_is_lifted_with_the_rate_where_it_stands() -> None:
    """In fromage the rate is no factor: of the finished rule it cannot be told, of the function it
    can."""
    open_rate = lifted(optax.fromage)
    assert open_rate.open_rate
    assert "lr" in open_rate.program.inputs
    assert matches(apart(optax.fromage, open_rate), open_rate)
    assert "lr" not in lift(optax.fromage(RATE)).inputs


def test_a_schedule_is_the_rate_of_each_step() -> None:
    given = optax.sgd(optax.exponential_decay(0.1, 10, 0.5))
    found = lifted(given)
    assert recognized(found.program)
    assert callable(found.rate)
    assert float(found.rate(10)) == pytest.approx(0.05, rel=1e-6)
    assert matches(apart(given, found), found)


def test_a_bias_correction_is_no_schedule() -> None:
    def update(g: Any, state: Any, params: Any = None) -> Any:
        count = state["count"] + 1
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, state["m"], g)
        scale = 0.01 * jnp.sqrt(1 - 0.99**count) / (1 - 0.9**count)
        return jax.tree.map(lambda a: -scale * a, m), {"count": count, "m": m}

    def init(params: Any) -> Any:
        return {"count": jnp.zeros((), jnp.int32), "m": jax.tree.map(jnp.zeros_like, params)}

    make: Any = optax.GradientTransformation
    found = lifted(make(init, update))
    assert "beta**t" in text(found.program)
    assert found.rate == pytest.approx(0.01)


def test_an_injected_rate_is_the_rate() -> None:
    found = lifted(optax.inject_hyperparams(optax.adam)(learning_rate=0.02))
    assert found.rate == pytest.approx(0.02)
    assert str(recognized(found.program)) == "adam"


# --- numbers of a parameter and of the model


def _stateless(function: Callable[[Any], Any]) -> optax.GradientTransformation:
    return optax.stateless(lambda g, params: function(g))


REDUCTIONS = {
    "norm(g)": lambda g: jax.tree.map(lambda x: -x * jnp.sqrt(jnp.sum(x * x)), g),
    "rms(g)": lambda g: jax.tree.map(lambda x: -x * jnp.sqrt(jnp.mean(x * x)), g),
    "mean(g)": lambda g: jax.tree.map(lambda x: -x * x.mean(), g),
    "max(g)": lambda g: jax.tree.map(lambda x: -x * x.max(), g),
    "sqrt(size(w))": lambda g: jax.tree.map(lambda x: -x * jnp.sqrt(x.size), g),
    "global_norm(g)": lambda g: jax.tree.map(lambda x: -x * optax.tree.norm(g), g),
    "global_max(abs(g))": lambda g: jax.tree.map(
        lambda x: -x * jax.tree.reduce(jnp.maximum, jax.tree.map(lambda y: abs(y).max(), g)), g
    ),
    "global_mean(g)": lambda g: jax.tree.map(
        lambda x: -x * (sum(y.sum() for y in g.values()) / sum(y.size for y in g.values())), g
    ),
}


@pytest.mark.parametrize("said", REDUCTIONS)
def test_a_reduction_of_a_parameter_is_told_from_one_of_the_model(said: str) -> None:
    assert said in text(lift(_stateless(REDUCTIONS[said])))


# --- what cannot be lifted


def _kept(start: Any) -> optax.GradientTransformation:
    make: Any = optax.GradientTransformation
    return make(lambda params: start, lambda g, s, params=None: (g, s))


def _two(make: Callable[[Any, Any], Any]) -> optax.GradientTransformation:
    def function(g: Any) -> Any:
        first = g["parameter 0"]
        return {key: make(value, first) for key, value in g.items()}

    return _stateless(function)


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "noise": (lambda: optax.noisy_sgd(0.1, key=0), "It draws random numbers"),
    "a line search": (lambda: optax.lbfgs(0.1), "argument"),
    "half precision": (
        lambda: optax.adam(0.1, mu_dtype="bfloat16"), 'pass state_dtype="bfloat16" to lower'
    ),
    "sizes decide": (
        lambda: _stateless(lambda g: jax.tree.map(lambda x: x if x.size > 999 else 2 * x, g)),
        "how long the axes are",
    ),
    "names decide": (
        lambda: _stateless(lambda g: {**g, "parameter 1": 2 * g["parameter 1"]}),
        "computed otherwise for one parameter",
    ),
    "a mixture": (lambda: _two(lambda x, y: x * jnp.sum(y)), "One parameter meets another in mul"),
    "a product over the model": (
        lambda: _two(lambda x, y: x * jnp.sum(x) * jnp.sum(y)), "One parameter meets another in mul"
    ),
    "a loop without end": (
        lambda: _stateless(lambda g: jax.lax.while_loop(lambda x: True, lambda x: x, g)),
        "It loops until something holds",
    ),
    "an operation": (
        lambda: _stateless(lambda g: jax.tree.map(jnp.cumsum, g)), "The language has no cumsum"
    ),
    "Python decides": (
        lambda: _stateless(lambda g: g if g["parameter 0"][0] > 0 else {**g}),
        "It decides in Python",
    ),
    "a state that is text": (lambda: _kept("adam"), "It cannot be traced"),
    "no transformation": (lambda: 3, "Expected an optax transformation"),
    "two arguments": (lambda: lambda a, b: a, "not of a, b"),
    "what it makes": (lambda: lambda: 3, "with init and update, not 3"),
    "a method that is missing": (lambda: optax.contrib.muon(0.1), "."),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_what_cannot_be_lifted_says_why_in_one_sentence(case: str) -> None:
    make, sentence = MISTAKES[case]
    with pytest.raises(LiftError) as caught:
        lift(make())
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_place_of_an_operation_is_told() -> None:
    with pytest.raises(LiftError, match=r"cumsum: .*test_lift.py:\d+"):
        lift(_stateless(lambda g: jax.tree.map(jnp.cumsum, g)))


def test_the_program_trains_as_any_other() -> None:
    program: Program = lift(optax.adam(0.1))
    rule = lower(program, 0.1)
    params = {"w": jnp.ones(3)}
    updates, _ = rule.update(params, rule.init(params), params)
    (moved,) = jax.tree.leaves(updates)
    assert float(moved[0]) == pytest.approx(-0.1, rel=1e-4)
