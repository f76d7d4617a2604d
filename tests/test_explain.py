"""Facts about known rules are what the literature says; comparisons find a rule's relatives."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dsl import Program, load, parse
from search.compare import compare, nearest
from search.explain import PROBES, explain, responses
from search.explain.curves import CHANGE
from search.explain.page import page


def facts(program: Program | str) -> dict[str, Any]:
    rule = load(program) if isinstance(program, str) else program
    return {fact.name: fact.value for fact in explain(rule)}


# What the literature says of each, by the names of the facts.
KNOWN: dict[str, dict[str, Any]] = {
    "sgd": {
        "gradient_scale": 1, "entry_scale": 1, "rotations": "both sides", "memory_steps": 0,
        "bound": math.inf, "coupling": "none", "weight_decay": "none", "width_scaling": "sgd",
        "state_bytes_per_parameter": 0, "turn_steps": 0, "permutations": "entries",
    },
    "momentum_sgd": {
        "gradient_scale": 1, "rotations": "both sides", "bound": math.inf, "width_scaling": "sgd",
        "state_bytes_per_parameter": 4, "turn_steps": 6, "state_memory": {"m": 7},
    },
    "adam": {
        "gradient_scale": 0, "entry_scale": 0, "rotations": "none", "permutations": "entries",
        "coupling": "none", "width_scaling": "adam", "state_bytes_per_parameter": 8,
        "averages": {"m": pytest.approx(0.1), "v": pytest.approx(0.001)}, "reads_time": "t",
        "weight_decay": "none", "state_memory": {"m": 7, "v": math.inf},
    },
    "lion": {
        "gradient_scale": 0, "entry_scale": 0, "bound": 1, "rotations": "none",
        "width_scaling": "adam", "state_bytes_per_parameter": 4, "weight_decay": "decoupled",
        "averages": {"m": pytest.approx(0.01)}, "reads_time": "",
    },
    "lars": {
        "gradient_scale": 0, "parameter_scale": 1, "coupling": "tensor", "entry_scale": None,
        "rotations": "both sides", "width_scaling": "",
    },
    "muon": {
        "gradient_scale": 0, "rotations": "both sides", "orthogonal": True, "coupling": "tensor",
        "permutations": "rows and columns", "parameter_scale": 0, "state_bytes_per_parameter": 4,
        "weight_decay": "decoupled",
    },
    "adafactor": {
        "gradient_scale": 0, "parameter_scale": 1, "coupling": "tensor",
        "permutations": "rows and columns", "memory_steps": 0, "weight_decay": "none",
    },
    "adamw": {"weight_decay": "decoupled"},
    "newton_damped": {"reads_time": ""},
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_facts_are_what_the_literature_says(name: str) -> None:
    found = facts(name)
    assert {fact: found[fact] for fact in KNOWN[name]} == KNOWN[name]
    assert found["odd"]


def test_adafactor_keeps_rows_and_columns() -> None:
    assert facts("adafactor")["state_bytes_per_parameter"] < 0.1


def test_what_depends_on_the_horizon() -> None:
    assert facts("cosine_schedule")["horizon"] > 0.1
    assert facts("adam")["horizon"] == 0


def test_responses_to_a_push_and_to_a_step() -> None:
    assert facts("sgd")["impulse_steps"] == 1
    assert facts("sgd")["step_response"] == (10, 10, 10)
    assert facts("sign_sgd")["step_response"] == (1, 1, 1)
    assert facts("sign_sgd")["impulse_steps"] is None
    assert facts("momentum_sgd")["impulse_steps"] == 7  # 0.9**7 < 1/2
    assert facts("adam")["step_response"][0] < 1


def test_adam_lets_less_noise_through_than_sgd() -> None:
    assert facts("adam")["noise"] < 0.3 < 0.9 < facts("sgd")["noise"] < 1.1


COUPLED = """
def rule(w, g, lr, *, decay=0.3):
    m: Tensor = 0
    m = 0.9 * m + (g + decay * w)
    return lr * m
"""
ADAM_COUPLED = """
def rule(w, g, t, lr):
    m: Tensor = 0
    v: Tensor = 0
    x = g + 0.2 * w
    m = lerp(m, x, 0.1)
    v = lerp(v, x * x, 0.01)
    return lr * (m / (1 - 0.9**t)) / (sqrt(v / (1 - 0.99**t)) + 1e-8)
"""
MOMENTUM_DECOUPLED = """
def rule(w, g, lr, *, decay=0.3):
    m: Tensor = 0
    m = 0.9 * m + g
    return lr * (m + decay * w)
"""


@pytest.mark.parametrize(
    ("code", "form"),
    [(COUPLED, "coupled"), (ADAM_COUPLED, "coupled"), (MOMENTUM_DECOUPLED, "decoupled")],
)
def test_the_form_of_a_decay(code: str, form: str) -> None:
    assert facts(parse(code))["weight_decay"] == form


# Other names, states twice, identities in between, dead code.
HIDDEN = {
    "adam": """
def f(w, g, t, lr, *, a=0.1, b=0.001, tiny=1e-8):
    p: Tensor = 0
    q: Tensor = 0
    p2: Tensor = 0
    p = p + a * (g - p)
    p2 = p2 + a * (g - p2)
    q = (1 - b) * q + b * (g * g)
    unused = cosh(p)
    mean = 0.5 * (p + p2)
    return -lr * (-mean / (1 - (1 - a)**t)) / (sqrt(q / (1 - (1 - b)**t)) + tiny)
""",
    "lion": """
def f(w, g, lr, *, a=0.1, b=0.01, c=0.01):
    s: Tensor = 0
    x = s + a * (g - s)
    s = s - b * (s - g)
    return lr * (abs(x) * sign(x) / max(abs(x), 1e-30) + (c * 2 - c) * w)
""",
    "momentum_sgd": """
def f(w, g, lr):
    s: Tensor = 0
    t2: Tensor = 0
    s = 0.5 * s + 0.4 * t2 + g
    t2 = s
    return lr * (s + s) / 2
""",
}
OF_THE_TEXT = (
    "flops_per_parameter", "averages", "state_memory", "sensitivity", "state_bytes_per_parameter",
)  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_facts_do_not_depend_on_how_a_rule_is_written(name: str) -> None:
    plain, hidden = facts(name), facts(parse(HIDDEN[name]))
    for fact, value in plain.items():
        if fact not in OF_THE_TEXT:
            near = pytest.approx(value, rel=1e-3) if isinstance(value, float) else value
            assert hidden[fact] == near, fact


@pytest.mark.parametrize("name", ["sania_adam", "polyak_sgd", "galore", "sam(sgd)"])
def test_rules_that_ask_for_a_loss_or_a_basis_have_facts(name: str) -> None:
    assert len(facts(name)) == len(PROBES)


@pytest.mark.parametrize(("name", "settled"), [("adam", True), ("muon", True), ("soap", False)])
def test_rules_on_arbitrary_axes_are_decided_by_rounding(name: str, settled: bool) -> None:
    assert facts(name)["settled"] is settled


# Its step has the root of the loss, which all parameters share.
def test_a_rule_that_reads_the_loss_is_seen_where_the_loss_is_above_0() -> None:
    found = facts("aegd")
    assert found["coupling"] == "model"
    assert found["odd"] is True
    assert all(math.isfinite(share) for share in found["sensitivity"].values())


def test_what_a_push_leaves_in_states_is_of_the_states() -> None:
    told = {curve.of: curve.update for curve in responses(load("adam"))}
    after = told["m"][CHANGE:]
    assert after == pytest.approx([0.9**k for k in range(len(after))])
    assert not any(told["m"][:CHANGE])


def test_a_page_shows_the_words_and_the_plots_and_no_markup_of_the_rule() -> None:
    hostile = parse(
        'def f(w, g, lr):\n    """</code><script>x()</script>"""\n'
        "    m: Tensor = 0\n    m = lerp(m, g, 0.1)\n    return lr * m\n"
    )
    html = page(hostile, explain(hostile), responses(hostile))
    assert "<script>x" not in html
    assert "One large gradient, in m" in html
    assert "m averages g" in html


def test_what_is_no_number_is_not_told_as_no_effect() -> None:
    broken = parse("def f(w, g, lr):\n    return lr * g / (g - g)\n")
    assert "no number" in next(f for f in explain(broken) if f.name == "impulse_steps").sentence
    lost = parse("def f(w, g):\n    m: Tensor = 0\n    m = m + g / (g - g)\n    return 0.1 * m\n")
    assert facts(lost)["state_memory"] == {"m": None}


def test_a_renamed_rule_is_itself():
    other = parse(
        """
def renamed(w, g, lr, *, b=0.9, c=0.99, d=0.01):
    avg: Tensor = 0
    direction = sign(lerp(avg, g, 1 - b))
    avg = lerp(avg, g, 1 - c)
    return lr * (direction + d * w)
"""
    )
    found = compare(load("lion"), other)
    assert found.same_program
    assert found.same_behaviour
    assert found.distance < 1e-12
    assert found.relatives["renamed"].known == "lion"
    assert found.relatives["renamed"].neighbours[0][0] == "lion"
    assert found.difference == ""


def test_different_rules_differ():
    found = compare(load("sgd"), load("lion"))
    assert not found.same_structure
    assert not found.same_behaviour
    assert found.distance > 0.01
    assert "+" in found.difference


def test_the_nearest_relative_of_sgd_is_sgd():
    assert nearest(load("sgd"))[0] == "sgd"
