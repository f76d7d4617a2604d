"""Whether rounding decides part of what a rule does."""

from __future__ import annotations

import math

import numpy as np

from .seen import SAME, Fact, Seen, apart

NUDGE = 2.0**-50  # of every gradient, as small as rounding


def settled(seen: Seen) -> Fact:
    """Whether changes as small as rounding leave the updates as they are.

    They do not where the axes of a space are arbitrary and matter, as eigenvectors of equal
    eigenvalues: such a rule goes another way on another machine.
    """
    rng = np.random.default_rng(6)
    nudged = seen.mapped(lambda g: g * (1 + NUDGE * rng.choice([-1, 1], size=g.shape)))
    share = apart(seen.updates(), seen.updates(nudged))
    if not math.isfinite(share):
        return Fact("settled", None, "What rounding changes could not be measured.")
    if share < SAME:
        return Fact("settled", True, "Changes as small as rounding do not change its way.")
    text = f"Rounding decides part of its way: so small a change moved an update by {share:.0%}."
    return Fact("settled", False, text)
