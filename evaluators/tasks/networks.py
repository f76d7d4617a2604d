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


def gru_init(key: jax.Array, inputs: int, units: int) -> dict:
    """Returns a gated recurrent cell: weights of the inputs and of the state for three gates."""
    into, over = jax.random.split(key)
    w = dense_init(into, inputs, 3 * units)
    return {"w": w["w"], "b": w["b"], "u": dense_init(over, units, 3 * units)["w"]}


def gru(cell: dict, x: jax.Array) -> jax.Array:
    """Returns the mean state, [n, units], while reading x, [n, time, inputs], from a zero state.

    The gates of Cho et al., 2014, with the reset applied after the product with the state.
    """
    units = cell["u"].shape[0]
    driven = jnp.moveaxis(x @ cell["w"] + cell["b"], 1, 0)  # [time, n, 3 units]

    def step(h: jax.Array, d: jax.Array) -> tuple[jax.Array, jax.Array]:
        r = h @ cell["u"]
        gates = jax.nn.sigmoid(d[:, : 2 * units] + r[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        new = jnp.tanh(d[:, 2 * units :] + reset * r[:, 2 * units :])
        h = new + update * (h - new)
        return h, h

    start = jnp.zeros((x.shape[0], units), driven.dtype)
    return jnp.mean(jax.lax.scan(step, start, driven)[1], axis=0)


def layer_norm(scale: jax.Array, x: jax.Array) -> jax.Array:
    """Returns scale (x - mean) / deviation over the last axis."""
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    return scale * centred * jax.lax.rsqrt(jnp.mean(centred**2, axis=-1, keepdims=True) + 1e-5)


def attention(qkv: jax.Array, x: jax.Array) -> jax.Array:
    """Returns one head of causal attention, [n, time, width], with weights qkv [width, 3 width]."""
    width, time = x.shape[-1], x.shape[-2]
    q, k, v = jnp.split(x @ qkv, 3, axis=-1)
    scores = jnp.einsum("nid,njd->nij", q, k) * width**-0.5
    scores = jnp.where(jnp.tril(jnp.ones((time, time), bool)), scores, -1e9)
    return jnp.einsum("nij,njd->nid", jax.nn.softmax(scores, axis=-1), v)
