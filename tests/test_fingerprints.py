"""Fingerprints depend on what a rule does alone, find it in disguise, and tell families apart."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from dsl import Program, load
from search.fingerprints import Families, families, fingerprint, kept, nearest
from tests.obfuscation import obfuscated
from tests.sampling import FIRST, sampled

SAMPLE = random.Random(3).sample(sorted(kept()), 8)
ALIKE = 1e-3  # fingerprints nearer than this are of rules that the experiments do not tell apart
MOVED = 0.1
FARTHER = 2  # times as far as three changes moved it may another machine's rounding move a number
# Most take eigenvectors of matrices of low rank; the others compare or divide what is nearly equal.
ARBITRARY = {
    "soap", "soap_nadam", "soap_ademamix", "solp", "heavy_soap", "splus", "cosmos", "powersgd",
    "lbfgs", "saddle_free_newton", "spectral_sphere",
}  # fmt: skip
PARTS = 4  # of the zoo, each a test of its own, so that they run side by side


def disguised(name: str, moved: float = 0.0) -> Program:
    return obfuscated(load(kept()[name].expression), random.Random(name), moved)


@pytest.mark.parametrize("name", sampled(kept(), 0.01, FIRST[:4]))
def test_what_is_kept_is_what_is_measured(name: str) -> None:
    row = kept()[name]
    found = fingerprint(load(row.expression))
    assert np.max(np.abs(found - row.vector)) < max(1e-3, FARTHER * row.rounding)
    assert _alike(nearest(found, kept(), 1)[0][0], name)


def test_rounding_decides_part_of_few_fingerprints() -> None:
    assert {name for name, row in kept().items() if row.rounding > 1e-3} == ARBITRARY


@pytest.mark.parametrize("name", ["adam", "lion", "adafactor"])
def test_names_dead_code_and_copies_change_nothing(name: str) -> None:
    found = fingerprint(disguised(name))
    assert np.max(np.abs(found - kept()[name].vector)) < 1e-3


def _identified(names: Sequence[str]) -> list[str]:
    """The names of those that are not nearest to themselves, nor to one that does the same."""
    wrong = []
    for name in names:
        ((found, _),) = nearest(fingerprint(disguised(name, MOVED)), kept(), 1)
        wrong += [] if _alike(found, name) else [f"{name} for {found}"]
    return wrong


def _alike(one: str, other: str) -> bool:
    return bool(np.linalg.norm(kept()[one].vector - kept()[other].vector) < ALIKE)


def test_a_rule_in_disguise_with_other_constants_is_found() -> None:
    assert len(_identified(SAMPLE)) <= 0.1 * len(SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_rule_in_disguise_with_other_constants_is_found(part: int) -> None:
    names = list(kept())[part::PARTS]
    wrong = _identified(names)
    print(f"{len(names) - len(wrong)} of {len(names)} found;", *wrong)
    assert len(wrong) <= 0.1 * len(names)


def test_the_nearest_rule_is_of_the_same_family_for_half_of_the_zoo() -> None:
    found = of_the_zoo()
    assert found.accuracy == pytest.approx(0.515, abs=0.04)
    assert found.accuracy > 2 * found.largest > 2 * found.chance
    assert found.within < 0.8 * found.apart


def of_the_zoo() -> Families:
    rows = kept().values()
    return families(np.array([row.vector for row in rows]), [row.family for row in rows])


def test_families_of_points_that_are_far_apart() -> None:
    points = np.array([[0, 0], [0, 1], [9, 0], [9, 1.0]])
    assert families(points, ["a", "a", "b", "b"]).accuracy == 1
    assert families(points, ["a", "b", "a", "b"]).accuracy == 0
