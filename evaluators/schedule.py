"""The learning-rate schedule of every run: a cosine from 1 to 0 over the horizon."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp


def decay(t: Any, horizon: Any, xp: Any = jnp) -> Any:
    """Returns the factor on the rate at step t = 1 .. horizon: (1 + cos(pi (t - 1) / T)) / 2."""
    return 0.5 * (1 + xp.cos(xp.pi * (t - 1) / horizon))
