"""What calls prove of a rule is what is measured of it, over the zoo."""

from __future__ import annotations

import math

import pytest

from dsl import Program, load, parse
from dsl.zoo import EXPRESSIONS
from search.explain import PROBES, PROVEN, PROVEN_BUT_EPS, explain
from search.explain.proofs import PROOFS, proven
from search.explain.seen import seen
from tests.sampling import FIRST, sampled

MEASURED = {probe.__name__: probe for probe in PROBES}
MEASURED["memory_steps"] = MEASURED["memory"]


@pytest.mark.parametrize("expression", sampled(EXPRESSIONS, 0.03, FIRST[:4]))
def test_proof_and_measurement_never_disagree(expression: str) -> None:
    program = load(expression)
    looked = seen(program)
    for name, (value, _) in proven(program).items():
        found = MEASURED[name](looked).value
        if name == "bound":
            assert found <= value * 1.01
        else:
            assert found == value, name


def claims(program: Program | str) -> dict[str, tuple[object, str]]:
    return proven(load(program) if isinstance(program, str) else program)


def test_what_is_proven_of_known_rules() -> None:
    assert claims("sgd")["gradient_scale"] == (1.0, PROVEN)
    assert claims("lion")["bound"] == (1.0, PROVEN)
    assert claims("lion")["gradient_scale"] == (0.0, PROVEN)
    assert claims("adam")["gradient_scale"] == (0.0, PROVEN_BUT_EPS)
    assert claims("adam")["odd"] == (True, PROVEN)
    assert claims("muon")["odd"] == (True, PROVEN)
    assert "coupling" not in claims("lars")
    assert "bound" not in claims("adam")


@pytest.mark.parametrize(
    ("update", "not_proven"),
    [
        ("lr * (g + norm(g))", {"odd", "coupling", "permutations"}),
        ("lr * (g + 1.0)", {"odd", "gradient_scale"}),
        ("lr * (g + 0.1 * w)", {"gradient_scale", "parameter_scale", "memory_steps"}),
        ("lr * where(g > 0, g, 2.0 * g)", {"odd"}),
        ("lr * sign(g) + sign(g)", {"bound"}),
        ("lr * max(g, 0.01)", {"odd", "gradient_scale", "bound"}),
        ("lr * sign(g) * t / T", {"horizon", "bound"}),
    ],
)
def test_what_does_not_hold_is_not_proven(update: str, not_proven: set[str]) -> None:
    inputs = "w, g, t, T, lr" if "T" in update else "w, g, lr"
    found = claims(parse(f"def rule({inputs}):\n    return {update}\n"))
    assert not not_proven & found.keys()
    assert not_proven <= PROOFS.keys()


def test_a_state_that_grows_without_end_has_no_bound() -> None:
    rule = parse("def rule(w, g, lr):\n    s: Tensor = 0\n    s = s + sign(g)\n    return lr * s\n")
    assert "bound" not in claims(rule)
    assert claims(rule)["gradient_scale"] == (0.0, PROVEN)


def test_facts_say_how_they_are_known() -> None:
    facts = {fact.name: fact for fact in explain(load("lion"))}
    assert facts["bound"].how == facts["odd"].how == PROVEN
    assert facts["noise"].how == "measured"
    assert facts["flops_per_parameter"].how == "counted"
    assert facts["horizon"].value == 0
    assert facts["turn_steps"].how == "measured"
    assert math.isclose(facts["step_response"].value[0], 1, rel_tol=0.01)
