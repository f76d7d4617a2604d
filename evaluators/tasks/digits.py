"""Tasks on scikit-learn's 8 x 8 digits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..data import digits, pooled, split
from ..task import Task
from .networks import cross_entropy, dense, dense_init, mlp, mlp_init

DATA = "scikit-learn digits"
VALID = 360
HE = 2**0.5  # gain that keeps the variance of a ReLU network


def digits_mlp() -> Task:
    """Classify digits with a 64-32-10 perceptron."""
    train, valid = split(digits(), VALID)
    return Task(
        "digits_mlp",
        lambda key: mlp_init(key, (64, 32, 10), HE),
        lambda params, batch: cross_entropy(mlp(params, batch[0]), batch[1]),
        train,
        horizon=150,
        valid=valid,
        data=DATA,
        architecture="perceptron, one hidden layer",
        doc="Classify 8 x 8 digits with a 64-32-10 perceptron.",
    )


def digits_mlp_wide() -> Task:
    """Classify digits as `digits_mlp`, with twice the width and a quarter of the batch."""
    return replace(
        digits_mlp(),
        name="digits_mlp_wide",
        init=lambda key: mlp_init(key, (64, 64, 10), HE),
        batch_size=16,
        doc="Classify 8 x 8 digits with a 64-64-10 perceptron on batches of 16.",
    )


def digits_small() -> Task:
    """Classify digits shrunk to 4 x 4 pixels with a 16-38-10 tanh perceptron."""
    images, labels = digits()
    train, valid = split((pooled(images, 8, 2), labels), VALID)
    return Task(
        "digits_small",
        lambda key: mlp_init(key, (16, 38, 10)),
        lambda params, batch: cross_entropy(mlp(params, batch[0], jnp.tanh), batch[1]),
        train,
        horizon=80,
        valid=valid,
        batch_size=24,
        data=DATA,
        architecture="tanh perceptron, one hidden layer",
        doc="Classify digits of 4 x 4 pixels with a 16-38-10 tanh perceptron.",
    )


def digits_autoencoder() -> Task:
    """Rebuild digits through 16 numbers with a 64-32-16-32-64 tanh perceptron."""
    train, valid = split(digits()[:1], VALID)
    return Task(
        "digits_autoencoder",
        lambda key: mlp_init(key, (64, 32, 16, 32, 64)),
        _rebuilding,
        train,
        horizon=100,
        valid=valid,
        data=DATA,
        architecture="deep autoencoder",
        doc="Rebuild 8 x 8 digits through 16 numbers with a 64-32-16-32-64 autoencoder.",
    )


def _rebuilding(params: list[dict], batch: tuple) -> jax.Array:
    (images,) = batch
    return jnp.mean((mlp(params, images, jnp.tanh) - images) ** 2)


def digits_conv() -> Task:
    """Classify digits with two 3 x 3 convolutions, mean pooling and a dense layer."""
    images, labels = digits()
    train, valid = split((_patches(images.reshape(-1, 8, 8, 1)), labels), VALID)
    return Task(
        "digits_conv",
        _conv_init,
        _conv_loss,
        train,
        horizon=100,
        valid=valid,
        batch_size=32,
        data=DATA,
        architecture="convolutional network",
        doc="Classify 8 x 8 digits with two 3 x 3 convolutions (4, 8 channels) and a dense layer.",
    )


def _conv_init(key: jax.Array) -> dict:
    one, two, three = jax.random.split(key, 3)
    return {
        "conv1": dense_init(one, 9, 4),
        "conv2": dense_init(two, 36, 8),
        "out": dense_init(three, 32, 10),
    }


def _conv_loss(params: dict, batch: tuple) -> jax.Array:
    patches, labels = batch
    x = jnp.tanh(dense(params["conv1"], patches))  # [n, 6, 6, 4]
    x = jnp.tanh(dense(params["conv2"], _patches(x)))  # [n, 4, 4, 8]
    x = x.reshape(-1, 2, 2, 2, 2, 8).mean(axis=(2, 4))
    return cross_entropy(dense(params["out"], x.reshape(-1, 32)), labels)


def _patches(x: Any) -> Any:
    """Returns the 3 x 3 neighbourhoods, [n, h - 2, w - 2, 9 c]: a convolution is then a product.

    A convolution with weights of its own for each of many runs costs five times this on a CPU.
    """
    xp = np if isinstance(x, np.ndarray) else jnp
    height, width = x.shape[1] - 2, x.shape[2] - 2
    shifts = [(i, j) for i in range(3) for j in range(3)]
    return xp.concatenate([x[:, i : i + height, j : j + width] for i, j in shifts], axis=-1)
