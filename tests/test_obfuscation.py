"""A disguised program does the same to the last bit and shares no name with the original."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dsl import Program, canonical_key, load, parse, text
from dsl.zoo import EXPRESSIONS
from search.explain.seen import flat, seen
from tests.obfuscation import obfuscated
from tests.sampling import FIRST, sampled


@pytest.mark.parametrize("expression", sampled(EXPRESSIONS, 0.03, FIRST[:6]))
def test_the_meaning_stays(expression: str) -> None:
    program = load(expression)
    other = obfuscated(program, random.Random(expression))
    ours, theirs = (flat(seen(one).updates()) for one in (program, other))
    assert np.array_equal(ours, theirs, equal_nan=True)
    assert parse(text(other)) == other


@pytest.mark.parametrize("expression", ["adam", "lion", "muon", "adafactor"])
def test_the_look_does_not(expression: str) -> None:
    program = load(expression)
    other = obfuscated(program, random.Random(0))
    names = {one.name for one in (*program.states, *program.hyperparameters)}
    assert not names & {one.name for one in (*other.states, *other.hyperparameters)}
    assert len(other.body) > len(program.body)
    assert len(other.states) > len(program.states)
    assert canonical_key(other) != canonical_key(program)


def numbers(program: Program) -> list[float]:
    return [h.default for h in program.hyperparameters if isinstance(h.default, float)]


def test_constants_move_as_far_as_asked() -> None:
    program = load("adam")
    other = obfuscated(program, random.Random(0), moved=0.1)
    before, after = (sorted(numbers(one)) for one in (program, other))
    assert before != after
    for old, new in zip(before, after, strict=True):
        base = 1 - old if old > 0.5 else old
        assert abs(new - old) <= 0.1001 * base
