"""A task of one's own: `stepsmith search --task examples/my_task.py:make`."""

import jax
import jax.numpy as jnp
import numpy as np


def make():
    """Fit a wave over eight badly scaled features with a small network."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2048, 8)) * np.logspace(-1, 0, 8)
    y = np.sin(x @ rng.normal(size=8))

    def init(key):
        one, two = jax.random.split(key)
        w, v = jax.random.normal(one, (8, 64)), jax.random.normal(two, (64,))
        return {"w": w / 3, "b": jnp.zeros(64), "v": v / 8}

    def loss(params, batch):
        x, y = batch
        return jnp.mean((jnp.tanh(x @ params["w"] + params["b"]) @ params["v"] - y) ** 2)

    return init, loss, (x, y), 100
