"""Badly scaled regression on made data."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..data import split
from ..task import Arrays, Task
from .networks import mlp, mlp_init


def _teacher(inputs: int, outputs: int, count: int, spread: float, seed: int) -> Arrays:
    """Returns (x, y) of a random tanh network; features of x are scaled from 1 down to 1/spread."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, inputs))
    first = rng.standard_normal((inputs, 16)) * inputs**-0.5
    second = rng.standard_normal((16, outputs)) * 16**-0.5
    y = np.tanh(2 * z @ first) @ second
    scales = spread ** -np.linspace(0, 1, inputs)
    return (z * rng.permutation(scales)).astype(np.float32), y.astype(np.float32)


def _squared(params: list[dict], batch: tuple) -> jax.Array:
    x, y = batch
    return jnp.mean((mlp(params, x, jnp.tanh) - y) ** 2)


def _task(name: str, sizes: tuple[int, ...], spread: float, **fields: Any) -> Task:
    train, valid = split(_teacher(sizes[0], sizes[-1], 2560, spread, seed=7), 512)
    return Task(
        name,
        lambda key: mlp_init(key, sizes),
        _squared,
        train,
        valid=valid,
        data=f"made regression of {sizes[0]} features",
        architecture="tanh perceptron, one hidden layer",
        **fields,
    )


def ill_conditioned() -> Task:
    """Fit a smooth function of 32 features whose covariance has condition number 10^4."""
    return _task(
        "ill_conditioned",
        (32, 64, 4),
        100.0,
        horizon=150,
        doc="Fit four functions of 32 features whose covariance has condition number 10^4.",
    )


def scaled_small() -> Task:
    """Fit a smooth function of 16 features whose covariance has condition number 100."""
    return _task(
        "scaled_small",
        (16, 56, 2),
        10.0,
        horizon=100,
        batch_size=32,
        doc="Fit two functions of 16 features whose covariance has condition number 100.",
    )
