"""Byte-level language models on text from Python's own library."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..data import split, unicode_names
from ..task import Task
from .networks import attention, cross_entropy, dense, dense_init, layer_norm

DATA = "names of Unicode 3.2 characters"
CONTEXT = 16
WIDTH = 16
VOCABULARY = 39
PIECES = 2560  # the loss over the whole text would else cost as much as the run


def bytes_transformer() -> Task:
    """Predict the next byte with a transformer of one block, width 16, context 16."""
    train, valid = split((unicode_names(CONTEXT + 1)[:PIECES],), 512)
    return Task(
        "bytes_transformer",
        _init,
        _loss,
        train,
        horizon=200,
        valid=valid,
        batch_size=16,
        data=DATA,
        architecture="transformer",
        doc="Predict the next byte of Unicode's character names with a transformer of width 16.",
    )


def _init(key: jax.Array) -> dict:
    keys = jax.random.split(key, 7)
    normal = jax.random.normal
    return {
        "bytes": normal(keys[0], (VOCABULARY, WIDTH), jnp.float32),
        "places": normal(keys[1], (CONTEXT, WIDTH), jnp.float32),
        "qkv": dense_init(keys[2], WIDTH, 3 * WIDTH)["w"],
        "mix": dense_init(keys[3], WIDTH, WIDTH)["w"],
        "up": dense_init(keys[4], WIDTH, 2 * WIDTH, 2**0.5),
        "down": dense_init(keys[5], 2 * WIDTH, WIDTH),
        "out": dense_init(keys[6], WIDTH, VOCABULARY),
        "norms": jnp.ones((3, WIDTH), jnp.float32),
    }


def _loss(params: dict, batch: tuple) -> jax.Array:
    (text,) = batch  # [n, CONTEXT + 1]
    norm = params["norms"]
    # One product in place of a look-up, whose gradient is a slow scatter on a CPU.
    hot = jax.nn.one_hot(text[:, :-1], VOCABULARY, dtype=params["bytes"].dtype)
    x = hot @ params["bytes"] + params["places"]
    x = x + attention(params["qkv"], layer_norm(norm[0], x)) @ params["mix"]
    hidden = jax.nn.relu(dense(params["up"], layer_norm(norm[1], x)))
    x = x + dense(params["down"], hidden)
    return cross_entropy(dense(params["out"], layer_norm(norm[2], x)), text[:, 1:])
