"""A known rule is recognized whatever its names, constants and way of writing."""

from __future__ import annotations

import random

import pytest

from dsl import load, parse
from dsl.recognition import kept, recognized, structures
from dsl.zoo import EXPRESSIONS

# Ways to write the same line, with the constants left open.
AHEAD = ("{x} = lerp({m}, g, {a})", "{x} = {m} + {a} * (g - {m})", "{x} = {m} - {a} * ({m} - g)",
         "{x} = (1 - {a}) * {m} + {a} * g")  # fmt: skip
AFTER = ("{m} = lerp({m}, g, {b})", "{m} = {m} + {b} * (g - {m})",
         "{m} = (1 - {b}) * {m} + {b} * g", "{m} = g - (1 - {b}) * (g - {m})")  # fmt: skip
SIGN = ("{u} = sign({x})", "{u} = {x} / abs({x})", "{u} = sign(tanh({x}))", "{u} = -sign(-{x})",
        "{u} = {x} / sqrt({x} * {x})")  # fmt: skip
STEP = ("return lr * ({u} + {d} * w)", "return lr * {u} + lr * ({d} * w)",
        "return (w * {d} + {u}) * lr")  # fmt: skip
DEAD = ("{z} = cosh(g)", "{z} = {m} * w", "{z} = norm(w)")


def lion(seed: int) -> tuple[str, float, float, float]:
    """A copy of Lion with rates, decay, names, dead code and ways of writing of its own."""
    rng = random.Random(seed)
    a, b, d = rng.uniform(0.02, 0.4), rng.uniform(0.001, 0.015), rng.uniform(0.01, 0.9)
    m, x, u, z = rng.sample(["avg", "p", "q_1", "state", "ahead", "s2", "y", "fast"], 4)
    names = {"m": m, "x": x, "u": u, "z": z, "a": f"{a:.6g}", "b": f"{b:.6g}", "d": f"{d:.6g}"}
    lines = [rng.choice(AHEAD), rng.choice(AFTER), rng.choice(SIGN)]
    lines.insert(rng.randrange(1, 4), rng.choice(DEAD))
    lines = [f"{m}: Tensor = 0", *lines, rng.choice(STEP)]
    body = "\n    ".join(line.format(**names) for line in lines)
    return f"def rule(w, g, lr):\n    {body}\n", a, b, d


@pytest.mark.parametrize("seed", range(60))
def test_copies_of_lion_are_lion_with_their_own_rates(seed: int) -> None:
    code, a, b, d = lion(seed)
    found = recognized(parse(code))
    assert found is not None, code
    assert (found.name, found.exact) == ("lion", True), code
    assert found.numbers["beta1"] == pytest.approx(1 - a, abs=1e-5)
    assert found.numbers["beta2"] == pytest.approx(1 - b, abs=1e-5)
    assert found.numbers["weight_decay"] == pytest.approx(d, rel=1e-5)


LOOK_ALIKES = {
    "the sign of the average itself": "m = lerp(m, g, 0.01); return lr * (sign(m) + 0.1 * w)",
    "two signs": "x = lerp(m, sign(g), 0.1); m = lerp(m, g, 0.01); return lr * sign(x)",
    "a soft sign": "x = lerp(m, g, 0.1); m = lerp(m, g, 0.01); return lr * (tanh(x) + 0.1 * w)",
    "the sign of the decay": "x = lerp(m, g, 0.1); m = lerp(m, g, 0.01);"
    " return lr * sign(x + 0.1 * w)",
    "an average of what was looked ahead to": "x = lerp(m, g, 0.1); m = lerp(m, x, 0.01);"
    " return lr * (sign(x * w) + 0.1 * w)",
}


@pytest.mark.parametrize("body", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes_are_not_lion(body: str) -> None:
    lines = "\n    ".join(["m: Tensor = 0", *body.replace("; ", ";").split(";")])
    found = recognized(parse(f"def rule(w, g, lr):\n    {lines}\n"))
    assert found is None or found.name != "lion"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("adam", "adam"),
        ("adam(beta1=0.7, eps=1e-5)", "adam with beta1 = 0.7, eps = 1e-05"),
        ("lion(beta2=0.997)", "lion with beta2 = 0.997"),
        ("muon(beta=0.8)", "muon with beta = 0.8"),
        ("lamb(weight_decay=0.3)", "lamb with weight_decay = 0.3"),
    ],
)
def test_a_known_rule_is_itself_with_what_is_other(expression: str, said: str) -> None:
    assert str(recognized(load(expression))) == said


@pytest.mark.parametrize(
    "some", [EXPRESSIONS[::25], pytest.param(EXPRESSIONS, marks=pytest.mark.slow)],
    ids=["some", "all"],
)  # fmt: skip
def test_the_structures_that_are_kept_are_up_to_date(some: tuple[str, ...]) -> None:
    held = kept()
    now = {expression: structures(expression) for expression in some}
    assert {expression: held.get(expression) for expression in some} == now, (
        "run python -m dsl.recognition"
    )
    assert held.keys() == set(EXPRESSIONS)


def test_a_rule_of_its_own_is_none_of_them() -> None:
    rule = "def rule(w, g, lr):\n    return lr * (g + sin(3.0 * g) * norm(w))\n"
    assert recognized(parse(rule)) is None
