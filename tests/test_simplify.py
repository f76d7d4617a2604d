"""Every equation holds on random numbers, and simplified programs do what they did."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from walks import start, walk

import dsl.rules
from dsl.check import check
from dsl.fixed_loss import LAYOUT, START, STEPS, gradient, loss
from dsl.flat import NotFinite, NotFlat, flat, run
from dsl.parse import parse
from dsl.program import Program, calls
from dsl.rules import RULES
from dsl.simplify import simplify
from dsl.terms import Fact, Pattern, Rule, Shares, Term, Unknown
from dsl.text import text
from dsl.zoo import EXPRESSIONS
from primitives import TABLE

SPECIAL = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0]


def _unknowns(pattern: Pattern) -> dict[str, Unknown]:
    if isinstance(pattern, Unknown):
        return {pattern.name: pattern}
    found: dict[str, Unknown] = {}
    for arg in pattern.args if isinstance(pattern, Term) else ():
        found |= _unknowns(arg)
    return found


def _values(rule: Rule, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Arrays that meet the facts of a rule, zeros and ones among them."""
    values = {}
    for name in _unknowns(rule.left):
        array = np.concatenate([rng.permuted(SPECIAL * 6), rng.normal(0, 2, 300)])
        for fact in rule.facts:
            if isinstance(fact, Shares):
                array = np.abs(np.tanh(array)) / 2
            elif isinstance(fact, Fact) and fact.name == name:
                array = np.abs(array)
                array = np.where(array == 0, 1.5, array) if fact.strict else array
        values[name] = array
    for fact in rule.facts:
        if isinstance(fact, Shares):
            values[fact.first] = 1 - values[fact.second]
    return values


def _evaluated(
    pattern: Pattern, values: Mapping[str, np.ndarray], parts: list[np.ndarray]
) -> np.ndarray:
    if isinstance(pattern, Unknown):
        return values[pattern.name]
    if not isinstance(pattern, Term):
        return np.full(len(next(iter(values.values()))), float(pattern))
    args = [_evaluated(arg, values, parts) for arg in pattern.args]
    part = TABLE[pattern.op].meaning(np, *args)
    parts.append(part)
    return part


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_an_equation_holds_where_its_left_side_is_finite(rule: Rule) -> None:
    values = _values(rule, np.random.default_rng(len(str(rule))))
    parts: list[np.ndarray] = []
    with np.errstate(all="ignore"):
        left = _evaluated(rule.left, values, parts)
        right = _evaluated(rule.right, values, [])
    finite = np.all([np.isfinite(part) for part in parts], axis=0)
    # Near the ends of tanh and its like, whole digits are lost.
    for part in parts:
        finite &= np.abs(part) < 1e3
    assert finite.sum() > 20
    np.testing.assert_allclose(left[finite], right[finite], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_right_side_of_a_rule_asks_for_nothing_new(rule: Rule) -> None:
    assert _unknowns(rule.right).keys() <= _unknowns(rule.left).keys()
    assert {name for fact in rule.facts for name in fact.names} <= _unknowns(rule.left).keys()


def test_every_row_ends_with_its_equation() -> None:
    source = Path(dsl.rules.__file__).read_text(encoding="utf-8")
    comments = re.findall(r"^    rule\(.*\),  # (.*)$", source, re.MULTILINE)
    assert comments == [str(rule) for rule in RULES]
    assert len(set(comments)) == len(comments)


EXAMPLES = (
    ("u = g * 1 + 0", "return lr * g"),
    ("u = lerp(g, w, 0)", "return lr * g"),
    ("u = lerp(w, g, 1)", "return lr * g"),
    ("u = sqrt(g * g)", "return lr * abs(g)"),
    ("u = g / sqrt(g * g)", "return lr * sign(g)"),
    ("u = sign(3.0 * g)", "return lr * sign(g)"),
    ("u = sign(sign(g))", "return lr * sign(g)"),
    ("u = abs(abs(g))", "return lr * abs(g)"),
    ("u = max(g, max(g, w))", "return lr * max(g, w)"),
    ("u = -(-g)", "return lr * g"),
    ("u = 0.5 * (0.5 * g)", "return lr * (0.25 * g)"),
    ("u = g * (0.5 + 0.25)", "return lr * (0.75 * g)"),
    ("u = (1 - 0.9) * g", "return lr * (0.1 * g)"),
    ("u = g * w + g * t", "return lr * (g * (w + t))"),
    ("u = tanh(g) + tanh(g)", "return lr * (2 * tanh(g))"),
    ("u = sign(g / (1e-8 + g * g))", "return lr * sign(g)"),
    ("u = sign(g * t)", "return lr * sign(g)"),
    ("u = g * (3 > 2)", "return lr * g"),
    ("u = w + 0.1 * (g - w)", "return lr * lerp(w, g, 0.1)"),
    ("u = (g + w) - w", "return lr * g"),
    ("u = w - 0.1 * (w - g)", "return lr * lerp(w, g, 0.1)"),
    ("u = 0.9 * w + 0.1 * g", "return lr * lerp(w, g, 0.1)"),
    ("u = 0.1 * w + 0.9 * g", "return lr * lerp(g, w, 0.1)"),
)


def rule_of(lines: str) -> Program:
    code = "".join(f"    {line}\n" for line in lines.split("; "))
    return parse(f"def f(w, g, t, lr):\n{code}")


@pytest.mark.parametrize(("before", "after"), EXAMPLES)
def test_examples(before: str, after: str) -> None:
    found = simplify(rule_of(f"{before}; return lr * u"))
    assert found.program == simplify(rule_of(after)).program
    assert len(found.program.body) == len(rule_of(after).body)


def test_what_needs_a_fact_is_left_alone_without_it() -> None:
    for kept in ("sign(g * w)", "abs(g)", "divide_no_nan(g, w)", "sqrt_abs(g)", "sqrt(g)"):
        program = rule_of(f"return lr * {kept}")
        assert simplify(program).steps == ()


def test_a_second_moment_is_known_not_to_be_negative() -> None:
    program = parse(
        "def f(w, g, lr, *, beta=0.9):\n    v: Tensor = 0\n"
        "    v = lerp(v, g * g, 1 - beta)\n    return lr * (g / (sqrt_abs(abs(v)) + 1e-8))\n"
    )
    found = simplify(program)
    assert "sqrt(v)" in text(found.program)
    assert "abs" not in text(found.program)


def test_a_state_that_may_turn_negative_is_not() -> None:
    program = parse(
        "def f(w, g, lr):\n    v: Tensor = 0\n    v = lerp(v, g * g, 1.5)\n"
        "    return lr * (g / (sqrt_abs(v) + 1e-8))\n"
    )
    assert simplify(program).steps == ()


def test_a_state_that_never_changes_goes() -> None:
    program = parse(
        "def f(w, g, lr):\n    m: Tensor = 0\n    m = lerp(m, m, 0.5)\n    return lr * (g + m)\n"
    )
    found = simplify(program)
    assert found.program.states == ()
    assert [step.rule for step in found.steps][-2:] == ["a state that never changes", "x + 0 = x"]


def test_steps_say_what_became_what() -> None:
    (step,) = simplify(rule_of("return lr * sign(3.0 * g)")).steps
    assert step.rule == "sign(x * y) = sign(x), y > 0"
    assert (step.before, step.after) == ("sign(3.0 * g)", "sign(g)")


def test_a_number_does_not_stand_for_an_array_in_a_reduction() -> None:
    found = simplify(rule_of("return lr * (g * (1 + norm(g - g)))"))
    check(found.program)


def _path(program: Program) -> np.ndarray | None:
    with np.errstate(all="ignore"):
        try:
            compiled = flat(program, LAYOUT, START, STEPS, 1e-3)
            path = run(compiled, START, STEPS, gradient, loss)
        except (NotFlat, NotFinite):
            return None
    return np.array([u for _, u, _ in path])


@pytest.mark.parametrize("seed", range(4))
def test_simplified_children_do_the_same_in_at_most_as_many_calls(seed: int) -> None:
    compared = 0
    for program in walk(100, 10 + seed):
        found = simplify(program).program
        check(found)
        assert parse(text(found)) == found
        assert len(found.body) <= len(program.body)
        assert simplify(found).steps == ()
        before, after = _path(program), _path(found)
        if before is None:
            continue
        assert after is not None
        scale = np.abs(before).max(axis=1, keepdims=True) + 1e-300
        np.testing.assert_allclose(before / scale, after / scale, atol=1e-9)
        compared += 1
    assert compared > 40


def test_padded_programs_shrink_back() -> None:
    """What is wrapped in neutral forms comes out as it was."""
    forms = ("{0} * 1", "{0} + 0", "-(-({0}))", "lerp({0}, w, 0)", "max({0}, {0})", "({0}) / 1")
    rng = random.Random(0)
    for _ in range(30):
        inner = "tanh(g)"
        for _ in range(4):
            inner = rng.choice(forms).format(inner)
        assert len(simplify(rule_of(f"return lr * ({inner})")).program.body) == 2


def test_of_an_if_on_a_constant_the_side_that_is_taken_stays() -> None:
    inner = "    if 2.0 > 1.0:\n        u = sign(g)\n    else:\n        u = w\n"
    text_ = f"def rule(w, g, lr):\n{inner}    return lr * u\n"
    found = simplify(parse(text_))
    assert text(found.program) == "def rule(w, g, lr):\n    u = sign(g)\n    return lr * u\n"
    assert "an `if` on a constant" in [step.rule for step in found.steps]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_zoo_gets_no_longer_and_stays_checked(name: str) -> None:
    program = start(name)
    found = simplify(program).program
    check(found)
    assert parse(text(found)) == found
    assert len(list(calls(found.body))) <= len(list(calls(program.body)))
