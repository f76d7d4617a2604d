"""The fingerprint of a rule: one vector of a fixed length, made from what the rule does."""

from __future__ import annotations

import numpy as np

from dsl import Program, load
from dsl.canonical import canonical

from .experiments import Seen, observed
from .features import features
from .stored import UNIT, kept


def fingerprint(program: Program) -> np.ndarray:
    """Returns the vector of a program; the distance of two is their Euclidean distance.

    Its numbers come from runs on fixed gradients and on a fixed surface. No name and no constant of
    the text is in it. Each block of `features` has the same weight, however long it is.
    """
    return vector(observed(canonical(program)))


def known_or_taken(program: Program) -> np.ndarray:
    """Returns the kept fingerprint of a program that is one of the zoo's, else its own, taken."""
    row = kept().get(program.name)
    return row.vector if row and load(row.expression) == program else fingerprint(program)


def vector(seen: Seen) -> np.ndarray:
    """Returns the vector of what was seen of a program, rounded as those that are kept are."""
    blocks = features(seen)
    whole = np.concatenate([block / np.sqrt(len(block)) for block in blocks.values()])
    return UNIT * np.rint(whole / UNIT)
