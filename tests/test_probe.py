"""The behavioural key tells apart what acts apart, and nothing else."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from walks import start, walk

from dsl.canonical import canonical
from dsl.fixed_loss import LAYOUT, START, STEPS, ZERO_STEP, gradient, loss
from dsl.flat import NotFinite, NotFlat, flat, run
from dsl.flat_calls import DIRECT, WHOLE
from dsl.layout import Layout, Operation, flat_meaning
from dsl.parse import parse
from dsl.probe import _interpreted, behavioural_key, probe
from dsl.program import Program
from dsl.zoo import EXPRESSIONS, FAMILIES, SAME_AS
from primitives import TABLE

# Rules with an `if` on a number that does not go both ways in twelve steps.
ONE_SIDED = {
    "swats", "zclip", "smb", "gradient_regularized_newton", "apply_if_finite(momentum_sgd)",
    "reduce_on_plateau(sgd)", "sgd_subspace_momentum", "stochastic_proximal_point",
    "diloco(adamw)", "in_basis(adamw)", "zoom_wolfe_linesearch", "agvm(momentum_sgd)",
}  # fmt: skip
# Their rates grow beyond all bounds there; fedprox has none, and is made for `fedprox | sgd`.
WILD = {"hypergradient_descent", "coin_betting_kt", "yellowfin", "fedprox", "ai_sarah"}
BOTH = {"fista"}  # asks the task, and is evaluated elsewhere: the probe sees one or the other

MERGED_BY = {  # what a weaker probe would take for one
    "a moving average before the sign": (
        "m: Tensor = 0; m = lerp(m, g, 0.1); u = sign(m)",
        "m: Tensor = 0; m = lerp(m, g, 0.5); u = sign(m)",
        "u = sign(g)",
    ),
    "something every sixth step": (
        "u = g",
        "u = g * where(t % 6 == 0, 2.0, 1.0)",
    ),
    "a bound that a large gradient alone meets": (
        "u = g",
        "u = g * min(1, 60.0 / global_norm(g + 1e-9))",
    ),
    "something on matrices only": (
        "u = g",
        "u = g\n    if ndim(w) >= 2:\n        u = sign(g)",
    ),
    "something on conv kernels only": (
        "u = g",
        "u = g\n    if ndim(w) >= 4:\n        u = sign(g)",
    ),
    "one norm for a parameter, for the model": (
        "u = g / (norm(g) + 1e-9)",
        "u = g / (global_norm(g) + 1e-9)",
    ),
}


def rule(code: str) -> Program:
    lines = "".join(f"    {line}\n" for line in code.split("; "))
    return parse(f"def rule(w, g, t, lr):\n{lines}    return lr * u\n")


@pytest.mark.parametrize("case", MERGED_BY)
def test_what_acts_apart_has_keys_apart(case: str) -> None:
    keys = [behavioural_key(rule(code)) for code in MERGED_BY[case]]
    assert None not in keys
    assert len(set(keys)) == len(keys)


SAME = (
    ("u = g * g / sqrt(g * g + 1e-30)", "u = abs(g)"),
    ("u = 0.25 * (2.0 * g)", "u = g / 2.0"),
    ("u = g + (w + g)", "u = 2.0 * g + w"),
    ("u = lerp(g, w, 0.3)", "u = 0.7 * g + 0.3 * w"),
    ("u = g / (abs(g) + 1e-12)", "u = g / (abs(g) + 1e-13)"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_rounding_tells_nothing_apart(one: str, other: str) -> None:
    assert behavioural_key(rule(one)) == behavioural_key(rule(other)) is not None


def test_the_zoo_has_one_key_each() -> None:
    keys = {name: behavioural_key(start(name)) for name in EXPRESSIONS}
    # A transform has no rate to make slower, so it may diverge; others have an `if` that takes one
    # side alone in 12 steps.
    without = {name for name, key in keys.items() if key is None}
    parts = {*FAMILIES["transforms"], *FAMILIES["schedules"], *FAMILIES["preconditioned"]}
    assert without <= {*parts, *ONE_SIDED, *WILD, *BOTH}
    both = itertools.combinations(EXPRESSIONS, 2)
    pairs = [(a, b) for a, b in both if keys[a] == keys[b] is not None]
    assert {frozenset(pair) for pair in pairs} == {
        frozenset((name, other)) for name, (other, _) in SAME_AS.items()
    }


def test_an_if_on_a_number_that_never_switched_has_no_key() -> None:
    never = probe(rule("u = g\n    if t > 100:\n        u = sign(g)"))
    assert (never.key, never.finite) == (None, True)
    assert "if" in never.reason
    assert behavioural_key(rule("u = g\n    if t > 6:\n        u = sign(g)")) is not None


def test_what_is_not_finite_says_so() -> None:
    for code in ("u = g / (g - g)", "u = log(g)", "u = g / norm(g)", "u = g / sqrt(g * g)"):
        seen = probe(rule(code))
        assert (seen.key, seen.finite, seen.reason) == (None, False, "not finite")


def test_a_loss_that_overflows_is_probed_at_a_smaller_rate() -> None:
    for factor, rate in (("1.0", 0.01), ("1e4", 1e-6), ("1e10", 1e-12)):
        seen = probe(rule(f"u = {factor} * g"))
        assert (seen.finite, seen.rate) == (True, rate)


def test_descent_size_and_stillness() -> None:
    down, up = probe(rule("u = g")), probe(rule("u = -g"))
    assert down.descends
    assert down.cosine == pytest.approx((STEPS - 1) / STEPS)  # one gradient is 0
    assert not up.descends
    still = probe(rule("u = 0 * g"))
    assert (still.moved, still.descends, still.max_update_rms) == (False, False, 0.0)
    assert still.key is not None
    signs = probe(rule("u = sign(g)"))
    assert signs.max_update_rms == pytest.approx(signs.rate * np.sqrt(1 - 3 / LAYOUT.size))


def test_the_gradient_is_that_of_the_loss() -> None:
    for t in range(1, STEPS + 1):
        expected = gradient(t, START)
        for k in range(0, LAYOUT.size, 5):
            step = np.zeros(LAYOUT.size)
            step[k] = 1e-5
            slope = (loss(t, START + step) - loss(t, START - step)) / 2e-5
            assert slope == pytest.approx(expected[k], rel=1e-6, abs=1e-6)
    assert not gradient(ZERO_STEP, START).any()


@pytest.mark.parametrize("op", sorted(DIRECT))
def test_direct_functions_are_the_meanings(op: str) -> None:
    primitive = TABLE[op]
    values = np.array([0.0, -0.0, 0.3, -2.5, 1e300, np.inf, -np.inf, np.nan])
    args = np.meshgrid(*[values] * primitive.arity)
    with np.errstate(all="ignore"):
        direct, meaning = DIRECT[op](*args), primitive.meaning(np, *args)
    np.testing.assert_array_equal(direct, meaning)


UNEVEN = Layout(((5, 9), (7,), (9, 2), ()))
LINES = Layout(((3,), (), (6,)))  # no matrix in it


@pytest.mark.parametrize("layout", [LAYOUT, UNEVEN, LINES], ids=("probe", "uneven", "lines"))
@pytest.mark.parametrize("op", sorted(WHOLE))
def test_functions_on_whole_parameters_are_the_meanings(op: str, layout: Layout) -> None:
    draw = np.random.default_rng(3)
    args = draw.normal(size=(TABLE[op].arity, layout.size))
    args[:, : layout.sizes[0] // 2] = 0.0
    fast = np.broadcast_to(WHOLE[op](layout)(*args), layout.size)
    meaning = flat_meaning(Operation(op), layout)(np, *args)
    np.testing.assert_allclose(fast, meaning, rtol=1e-12, atol=1e-14)


def _both(program: Program) -> tuple[np.ndarray, np.ndarray] | None:
    with np.errstate(all="ignore"):
        try:
            path = run(flat(program, LAYOUT, START, STEPS, 1e-3), START, STEPS, gradient, loss)
        except NotFlat:
            return None
        except NotFinite:
            with pytest.raises(NotFinite):
                _interpreted(program, 1e-3)
            return None
        other, _ = _interpreted(program, 1e-3)
    return np.array([u for _, u, _ in path]), np.array([u for _, u, _ in other])


def test_flat_vectors_and_the_interpreter_agree() -> None:
    compared = 0
    for program in walk(120, 1):
        both = _both(program)
        if both is not None:
            scale = np.abs(both[0]).max(axis=1, keepdims=True) + 1e-300
            np.testing.assert_allclose(both[0] / scale, both[1] / scale, atol=1e-9)
            compared += 1
    assert compared > 60


def test_the_canonical_form_has_the_key_of_the_program() -> None:
    for program in walk(60, 2):
        assert behavioural_key(canonical(program)) == behavioural_key(program)
