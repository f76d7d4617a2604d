"""Edits between canonical forms: none for a rule in disguise, and sentences that say the others."""

from __future__ import annotations

import random

import pytest

from dsl import Program, load, parse
from dsl.recognition import plain
from search.relatives import nearest_structures, set_apart
from search.relatives.alignment import aligned
from search.relatives.side_by_side import unified
from search.relatives.trees import form
from tests.obfuscation import obfuscated
from tests.sampling import FIRST

NEAR_LION = """
def rule(w, g, lr, *, b=0.9, c=0.997, d=0.01):
    avg: Tensor = 0
    direction = sign(lerp(avg, g, 1 - b) + d * w)
    avg = lerp(avg, g, 1 - c)
    return lr * (direction + 0.1 * w)
"""


def edits(a: Program, b: Program) -> float:
    return aligned(form(plain(a)), form(plain(b))).cost


@pytest.mark.parametrize("name", FIRST)
def test_a_rule_is_no_edits_from_itself(name: str) -> None:
    rule = load(name)
    assert edits(rule, rule) == 0
    (first, *_) = nearest_structures(rule, 1)
    assert (first.name, first.edits) == (name, 0)


@pytest.mark.parametrize("name", ["adam", "lion", "nadam", "amsgrad"])
def test_a_rule_in_disguise_is_its_own_nearest_structure(name: str) -> None:
    other = obfuscated(load(name), random.Random(name), moved=0.05)
    found = [one.name for one in nearest_structures(other, 1)]
    assert found == [name]


@pytest.mark.parametrize(("a", "b"), [("adam", "lion"), ("sgd", "adam"), ("signum", "lion")])
def test_edits_are_as_many_there_as_back(a: str, b: str) -> None:
    assert edits(load(a), load(b)) == pytest.approx(edits(load(b), load(a)))


def test_more_edits_for_rules_further_apart() -> None:
    adam = load("adam")
    assert 0 < edits(load("amsgrad"), adam) < edits(load("lion"), adam) < edits(load("soap"), adam)


def test_the_difference_is_said() -> None:
    (near, *_) = nearest_structures(parse(NEAR_LION), 1)
    assert near.sentence == (
        "lion, with weight_decay = 0.1, with beta2 = 0.997, plus 0.01 * w on lerp(m, g, 0.1)"
    )


@pytest.mark.parametrize(
    ("rule", "base", "said"),
    [
        ("amsgrad", "adam", "with v_max in place of v, with a state v_max"),
        ("momentum_sgd", "sgd", "with m in place of g, with a state m"),
        ("sgd", "momentum_sgd", "with g in place of m, without the state m"),
        ("adam(beta2=0.99)", "adam", "adam, with beta2 = 0.99"),
        ("adam(eps=1e-4)", "adam", "adam, with eps = 0.0001"),
        ("adam", "adam", "adam"),
    ],
)
def test_what_sets_rules_apart(rule: str, base: str, said: str) -> None:
    assert said in set_apart(load(rule), load(base), base).sentence


def test_the_texts_differ_in_the_lines_that_do() -> None:
    a, b = load("adam"), load("amsgrad")
    near = set_apart(b, a, "adam")
    diff = unified(plain(a), plain(b), near.alignment.states, ("adam", "other")).splitlines()
    assert len([line for line in diff[2:] if line.startswith("-")]) <= 1
    assert unified(plain(a), plain(a), {"m": "m", "v": "v"}, ("adam", "adam")) == ""
