"""What tells the programs of a search apart: a change of a constant makes a new program."""

from __future__ import annotations

import random

from dsl import canonical_key, load, structure_key
from search.breed import breeder


def test_marks_are_the_canonical_key_and_the_one_without_constants() -> None:
    program = load("adamw")
    assert breeder().marks(program) == (canonical_key(program), structure_key(program))


def test_another_constant_is_another_program_of_the_same_structure() -> None:
    made, rng = breeder("constants"), random.Random(0)
    program = made.load("adamw")
    child, _ = made.propose(program, rng)
    (key, structure), (other, same) = made.marks(program), made.marks(child)
    assert key != other
    assert structure == same
