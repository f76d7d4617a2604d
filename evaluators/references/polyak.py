"""References of rules that read the loss."""

from __future__ import annotations

from .reference import OPTAX, Reference, betas

POLYAK: tuple[Reference, ...] = (
    Reference(
        "polyak_sgd", OPTAX,
        "chain(scale_by_polyak(lowest, most, eps), scale_by_learning_rate(lr))",
        # optax's own polyak_sgd scales the gradient first, so that its rate is squared.
        lambda ox, lr, h: ox.chain(
            ox.scale_by_polyak(h.get("lowest", 0.0), h.get("most", 1.0), h.get("eps", 0.0)),
            ox.scale_by_learning_rate(lr),
        ),
        (
            {},
            {"lr": 1.0, "most": 0.3, "lowest": 30.0, "eps": 50.0},
            {"most": 1e3, "lowest": 30.0, "eps": 50.0},
        ),
        asks=True,
    ),
    Reference(
        "momo", OPTAX, "contrib.momo(lr, beta, lowest, weight_decay)",
        lambda ox, lr, h: ox.contrib.momo(
            lr, h.get("beta", 0.9), h.get("lowest", 0.0), h.get("weight_decay", 0.0)
        ),
        ({}, {"lr": 1.0, "beta": 0.6, "lowest": 300.0, "weight_decay": 0.2}), asks=True,
    ),
    Reference(
        "momo_adam", OPTAX, "contrib.momo_adam(lr, beta1, beta2, eps, lowest, weight_decay)",
        lambda ox, lr, h: ox.contrib.momo_adam(
            lr, *betas(h), h.get("eps", 1e-8), h.get("lowest", 0.0), h.get("weight_decay", 0.0)
        ),
        (
            {},
            {"lr": 1.0, "beta1": 0.6, "beta2": 0.9, "eps": 0.1, "lowest": 300.0,
             "weight_decay": 0.2},
            {"lr": 1e3, "beta1": 0.8, "lowest": 20.0, "eps": 0.1},  # Polyak's rate is the smaller
        ),
        asks=True,
    ),
)  # fmt: skip
