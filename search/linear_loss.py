"""A loss that is linear in the parameters: one gradient everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dsl.fixed_loss import constraint
from dsl.simulate import Oracles

HEIGHT = 0.1  # of the loss where a step begins, in lengths of the gradient


def linear_loss(slope: Sequence[np.ndarray], here: Sequence[np.ndarray]) -> Oracles:
    """Returns what the loss of a step that begins at `here` answers; for Hessians, a curvature 1.

    At x it is HEIGHT |slope| + slope . (x - here). So it has the gradient's scale, feels no change
    of coordinates, and is above 0 where it is read first, which rules that divide by the loss or
    take its root need.
    """
    height = HEIGHT * float(np.sqrt(sum(np.sum(s * s) for s in slope)))

    def loss(x: Sequence[np.ndarray]) -> float:
        triples = zip(slope, x, here, strict=True)
        return height + sum(float(np.sum(s * (a - b))) for s, a, b in triples)

    gradients = ("grad_at", "full_grad", "half_grad", "aux_grad")
    return {
        **dict.fromkeys(gradients, lambda x: slope), "loss_at": loss, "aux_loss": loss,
        "third": lambda x: 0.0, "hvp": lambda x: x, "aux_hvp": lambda x: x, **constraint(np),
    }  # fmt: skip
