"""The fingerprint of a rule: one vector of a fixed length, made from what the rule does."""

from __future__ import annotations

import numpy as np

from dsl import Program
from dsl.canonical import canonical

from .experiments import Seen, observed
from .features import features


def fingerprint(program: Program) -> np.ndarray:
    """Returns the vector of a program; the distance of two is their Euclidean distance.

    Its numbers come from runs on fixed gradients and on a fixed surface. No name and no constant of
    the text is in it. Each block of `features` has the same weight, however long it is.
    """
    return vector(observed(canonical(program)))


def vector(seen: Seen) -> np.ndarray:
    """Returns the vector of what was seen of a program."""
    blocks = features(seen)
    return np.concatenate([block / np.sqrt(len(block)) for block in blocks.values()])
