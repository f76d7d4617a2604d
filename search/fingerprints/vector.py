"""The fingerprint of a rule: one vector of a fixed length, made from what the rule does."""

from __future__ import annotations

import numpy as np

from dsl import Program, load
from dsl.canonical import canonical

from .experiments import Seen, observed
from .features import features
from .stored import UNIT, kept

NUDGES = 3


def fingerprint(program: Program) -> np.ndarray:
    """Returns the vector of a program; the distance of two is their Euclidean distance.

    Its numbers come from runs on fixed gradients and on a fixed surface. No name and no constant of
    the text is in it. Each block of `features` has the same weight, however long it is.
    """
    return vector(observed(canonical(program)))


def rounding(program: Program) -> float:
    """Returns how far changes as small as rounding move a number of a program's fingerprint.

    Far, where the axes of a space are arbitrary and matter: where a rule divides by the roots of
    moving averages along eigenvectors of equal eigenvalues.
    """
    plain = canonical(program)
    found = [vector(observed(plain, nudge)) for nudge in range(1 + NUDGES)]
    return float(np.max(np.abs(np.array(found[1:]) - found[0])))


def known_or_taken(program: Program) -> np.ndarray:
    """Returns the kept fingerprint of a program that is one of the zoo's, else its own, taken."""
    row = kept().get(program.name)
    return row.vector if row and load(row.expression) == program else fingerprint(program)


def vector(seen: Seen) -> np.ndarray:
    """Returns the vector of what was seen of a program, rounded as those that are kept are."""
    blocks = features(seen)
    whole = np.concatenate([block / np.sqrt(len(block)) for block in blocks.values()])
    return UNIT * np.rint(whole / UNIT)
