"""Tasks on scikit-learn's 8 x 8 digits."""

from __future__ import annotations

from evaluators.data import digits, split
from evaluators.task import Task

from .networks import cross_entropy, mlp, mlp_init

DATA = "scikit-learn digits"
VALID = 360


def digits_mlp() -> Task:
    """Classify digits with a 64-32-10 perceptron."""
    train, valid = split(digits(), VALID)
    return Task(
        "digits_mlp",
        lambda key: mlp_init(key, (64, 32, 10), gain=2**0.5),
        lambda params, batch: cross_entropy(mlp(params, batch[0]), batch[1]),
        train,
        horizon=150,
        valid=valid,
        data=DATA,
        architecture="perceptron, one hidden layer",
        doc="Classify 8 x 8 digits with a 64-32-10 perceptron.",
    )
