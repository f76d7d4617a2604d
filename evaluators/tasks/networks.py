"""Layers and losses that the tasks are put together from."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp


def dense_init(key: jax.Array, fan_in: int, fan_out: int, gain: float = 1.0) -> dict:
    """Returns a layer {"w": [fan_in, fan_out], "b": [fan_out]} with variance gain^2 / fan_in."""
    w = jax.random.normal(key, (fan_in, fan_out), jnp.float32) * (gain * fan_in**-0.5)
    return {"w": w, "b": jnp.zeros(fan_out, jnp.float32)}


def mlp_init(key: jax.Array, sizes: Sequence[int], gain: float = 1.0) -> list[dict]:
    """Returns the layers of a perceptron with the given widths, inputs and outputs included."""
    keys = jax.random.split(key, len(sizes) - 1)
    return [dense_init(*row, gain) for row in zip(keys, sizes[:-1], sizes[1:], strict=True)]


def dense(layer: dict, x: jax.Array) -> jax.Array:
    """Returns x w + b, [..., fan_out]."""
    return x @ layer["w"] + layer["b"]


def mlp(layers: list[dict], x: jax.Array, activation=jax.nn.relu) -> jax.Array:
    """Returns the last layer's output, [n, outputs], with `activation` between the layers."""
    for layer in layers[:-1]:
        x = activation(dense(layer, x))
    return dense(layers[-1], x)


def cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Returns the mean negative log-likelihood, in nats, of the classes in `labels`."""
    chosen = jnp.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]
    return jnp.mean(jax.nn.logsumexp(logits, axis=-1) - chosen)
