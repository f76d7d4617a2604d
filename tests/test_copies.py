"""Disguised copies of the zoo come back to their own form; at other constants, to their name."""

from __future__ import annotations

import random
from functools import cache

import pytest
from obfuscation import obfuscated
from rearranging import rearranged

from dsl import Program, canonical_key, load, simplify
from dsl.agreement import agreement
from dsl.program import calls
from dsl.recognition import recognized
from dsl.zoo import EXPRESSIONS

LONGEST = 80  # calls of a program whose copies are tried
# Those whose disguised copies come back in the fast tests, one of each family and kind of state.
FAST = (
    "sgd", "momentum_sgd", "nesterov_sgd", "signum", "adagrad", "rmsprop", "adadelta", "adam",
    "adamw", "nadam", "amsgrad", "adabelief", "adamax", "yogi", "radam", "lamb", "lars", "lion",
    "tiger", "adan", "adafactor", "sm3", "ademamix", "qhm", "aggmo", "muon", "laprop", "padam",
    "grams", "sarah", "rprop", "agc", "lookahead(adam)", "sam(sgd)",
)  # fmt: skip


@cache
def original(name: str) -> str:
    """The key of a rule's own form."""
    return canonical_key(simplify(load(name)).program)


def disguised(name: str, seed: int, rearrange: bool) -> Program:
    rng = random.Random(f"{name} {seed}")
    program = load(name)
    return obfuscated(rearranged(program, rng) if rearrange else program, rng)


def short(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if len(list(calls(load(name).body))) <= LONGEST]


@pytest.mark.parametrize("name", FAST)
def test_a_disguised_copy_comes_back_to_its_own_form(name: str) -> None:
    copy = disguised(name, 0, rearrange=False)
    back = simplify(copy).program
    assert canonical_key(back) == original(name)
    found = agreement(copy, back)
    assert found is None or found.apart < 1e-9


REARRANGED = ("momentum_sgd", "signum", "rmsprop", "adam", "adamw", "lion", "yogi", "padam", "lars",
              "fedadagrad")  # fmt: skip


@pytest.mark.parametrize("name", REARRANGED)
def test_a_rearranged_copy_comes_back_too(name: str) -> None:
    copy = disguised(name, 1, rearrange=True)
    assert canonical_key(simplify(copy).program) == original(name)


MOVED = ("adam", "adamw", "lion", "nesterov_sgd", "rmsprop", "yogi", "adabelief", "laprop")


@pytest.mark.parametrize("name", MOVED)
def test_a_copy_at_other_constants_has_its_name(name: str) -> None:
    rng = random.Random(name)
    found = recognized(obfuscated(load(name), rng, moved=0.3))
    assert found is not None
    assert recognized(load(name)) is not None
    assert found.name == recognized(load(name)).name  # type: ignore[union-attr]


@pytest.mark.slow
def test_how_many_of_all_come_back(capsys: pytest.CaptureFixture[str]) -> None:
    """At least nine in ten of the disguised, three in five of those that are rearranged as well."""
    names = short(EXPRESSIONS)
    for rearrange, least in ((False, 0.9), (True, 0.6)):
        lost = [
            name for name in names
            if canonical_key(simplify(disguised(name, 0, rearrange)).program) != original(name)
        ]  # fmt: skip
        share = 1 - len(lost) / len(names)
        with capsys.disabled():
            print(f"\n{len(names) - len(lost)} of {len(names)} come back, but for {lost}")
        assert share >= least
