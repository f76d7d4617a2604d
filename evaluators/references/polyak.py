"""References of rules that read the loss."""

from __future__ import annotations

from typing import Any

from .reference import OPTAX, Reference, Settings, betas


def _zoom(optax: Any, lr: Any, h: Settings) -> Any:
    """Gradient descent with the line search, which asks for the gradient by name."""
    rule = optax.chain(
        optax.sgd(1.0),
        optax.scale_by_zoom_linesearch(
            int(h.get("steps", 6)), increase_factor=h.get("grow", 2.0),
            slope_rtol=h.get("slope_rtol", 1e-4), curv_rtol=h.get("curv_rtol", 0.9),
            approx_dec_rtol=h.get("approx_rtol", 1e-6),
            stepsize_precision=h.get("precision", 1e-5), initial_guess_strategy="keep",
        ),
    )  # fmt: skip

    def update(gradients: Any, state: Any, params: Any, *, value: Any, value_fn: Any, **_: Any):
        return rule.update(
            gradients, state, params, value=value, grad=gradients, value_fn=value_fn
        )

    return optax.GradientTransformationExtraArgs(rule.init, update)


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
    Reference(
        "zoom_wolfe_linesearch", OPTAX,
        'chain(sgd(1.0), scale_by_zoom_linesearch(steps, initial_guess_strategy="keep"))', _zoom,
        (
            {"steps": 4},
            {"steps": 4, "grow": 1.3, "curv_rtol": 0.05, "slope_rtol": 0.2, "approx_rtol": 1e-3},
            {"steps": 4, "grow": 4.0, "curv_rtol": 0.02, "slope_rtol": 0.4, "precision": 0.3},
        ),
        asks=True,
    ),
)  # fmt: skip
