"""References of transforms and of rules that need no learning rate."""

from __future__ import annotations

from typing import Any

from .reference import OPTAX, Reference, betas


def _stage(optax: Any, transform: Any) -> Any:
    """A transformation of gradients as a rule: what it gives is taken off the parameters."""
    return optax.chain(transform, optax.scale(-1.0))


OTHERS: tuple[Reference, ...] = (
    Reference(
        "dog", OPTAX, "contrib.dog(lr, ('heuristic', first), eps)",
        lambda ox, lr, h: ox.contrib.dog(
            lr, ("heuristic", h.get("first", 1e-6)), h.get("eps", 1e-8)
        ),
        ({"lr": 1.0}, {"lr": 1.0, "first": 1e-2, "eps": 1.0}),
    ),
    Reference(
        "dowg", OPTAX, "contrib.dowg(lr, eps=eps)",
        lambda ox, lr, h: ox.contrib.dowg(lr, eps=h.get("eps", 1e-4)),
        ({"lr": 1.0}, {"lr": 1.0, "eps": 1e-2}),
    ),
    Reference(
        "cocob", OPTAX, "contrib.cocob(lr, alpha, eps)",
        lambda ox, lr, h: ox.contrib.cocob(lr, h.get("alpha", 100.0), h.get("eps", 1e-8)),
        ({"lr": 1.0}, {"lr": 1.0, "alpha": 10.0, "eps": 1e-2}),
    ),
    Reference(
        "prodigy", OPTAX, "contrib.prodigy(lr, (beta1, beta2), eps=eps)",
        lambda ox, lr, h: ox.contrib.prodigy(
            lr, betas(h), None, h.get("eps", 1e-8), h.get("first", 1e-6), h.get("growth", 1.0),
            h.get("weight_decay", 0.0),
        ),
        ({"lr": 1.0}, {"lr": 1.0, "beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "first": 1e-3,
                       "growth": 2.0, "weight_decay": 0.2}),
    ),
    Reference(
        "dadapt_adam", OPTAX, "contrib.dadapt_adamw(lr, (beta1, beta2), eps, first)",
        lambda ox, lr, h: ox.contrib.dadapt_adamw(
            lr, betas(h), h.get("eps", 1e-8), h.get("first", 1e-6), h.get("weight_decay", 0.0)
        ),
        ({"lr": 1.0}, {"lr": 1.0, "beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "first": 1e-3,
                       "weight_decay": 0.2}),
    ),
    Reference(
        "clip_by_value", OPTAX, "clip(bound)",
        lambda ox, lr, h: _stage(ox, ox.clip(h.get("bound", 1.0))), ({}, {"bound": 0.3}),
    ),
    Reference(
        "clip_by_global_norm", OPTAX, "clip_by_global_norm(bound)",
        lambda ox, lr, h: _stage(ox, ox.clip_by_global_norm(h.get("bound", 1.0))),
        ({}, {"bound": 30.0}),
    ),
    Reference(
        "clip_by_block_rms", OPTAX, "clip_by_block_rms(bound)",
        lambda ox, lr, h: _stage(ox, ox.clip_by_block_rms(h.get("bound", 1.0))),
        ({}, {"bound": 1.1}),
    ),
    Reference(
        "normalize_by_update_norm", OPTAX, "normalize_by_update_norm(scale, eps)",
        lambda ox, lr, h: _stage(
            ox, ox.normalize_by_update_norm(h.get("scale", 1.0), h.get("eps", 1e-6))
        ),
        ({}, {"scale": 3.0, "eps": 2.0}),
    ),
    Reference(
        "gradient_centralization", OPTAX, "centralize()",
        lambda ox, lr, h: _stage(ox, ox.centralize()),
    ),
    Reference(
        "trust_ratio", OPTAX, "scale_by_trust_ratio()",
        lambda ox, lr, h: _stage(ox, ox.scale_by_trust_ratio()),
    ),
)  # fmt: skip
