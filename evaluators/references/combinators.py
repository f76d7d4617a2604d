"""References of programs that take a program, each around the base that it is checked with."""

from __future__ import annotations

from typing import Any

import jax

from .reference import COLLECTION, OPTAX, Reference, Settings, betas, each

_LOOK = ({}, {"k": 3, "alpha": 0.3, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3})


def _lookahead(optax: Any, base: Any, k: int, alpha: float) -> Any:
    """optax's lookahead with the slow parameters kept in the state, where ours are."""
    rule = optax.lookahead(base, k, alpha)

    def init(params: Any) -> Any:
        return rule.init(optax.LookaheadParams.init_synced(params)), params

    def update(gradients: Any, state: Any, params: Any) -> Any:
        held, slow = state
        updates, held = rule.update(gradients, held, optax.LookaheadParams(params, slow))
        return updates.fast, (held, optax.apply_updates(slow, updates.slow))

    return optax.GradientTransformation(init, update)


def _multi_steps(optax: Any, lr: Any, h: Settings, k: int) -> Any:
    """optax counts the inner steps, so that its schedule is asked for every k-th rate."""
    inner = optax.adam(lambda count: lr(k * count + k - 1), *betas(h), h.get("eps", 1e-8))
    rule = optax.MultiSteps(inner, k, accumulator_dtype="float64")
    return optax.GradientTransformation(rule.init, rule.update)


def _sam(optax: Any, base: Any, rho: float) -> Any:
    """optax's SAM, which asks for the gradient at a point as a function of point and step."""
    up = optax.chain(optax.contrib.normalize(), optax.sgd(rho))
    rule = optax.contrib.sam(base, up, sync_period=2, opaque_mode=True)

    def update(gradients: Any, state: Any, params: Any, *, value_fn: Any, **_: Any) -> Any:
        slope = jax.grad(value_fn)
        return rule.update(gradients, state, params, grad_fn=lambda point, _: slope(point))

    return optax.GradientTransformationExtraArgs(rule.init, update)


def _torch_sam(make: Any, ps: Any, h: Settings, rho: float = 0.05, **numbers: Any) -> Any:
    """A rule of the SAM family of the collection around torch's SGD with momentum."""
    import torch

    beta = h.get("momentum_sgd_beta", h.get("beta", 0.9))
    base = {"lr": 1.0, "momentum": beta}
    return [(make(ps, torch.optim.SGD, rho=h.get("rho", rho), **numbers, **base), 1.0)]


_NORM = "the global norm"
_SAM = ({}, {"rho": 0.4, "eps": 0.3, "beta": 0.6})

COMBINED: tuple[Reference, ...] = (
    Reference(
        "lookahead", OPTAX, "lookahead(adam(lr), k, alpha)",
        lambda ox, lr, h: _lookahead(
            ox, ox.adam(lr, *betas(h), h.get("eps", 1e-8)), int(h.get("k", 6)), h.get("alpha", 0.5)
        ),
        _LOOK,
    ),
    Reference(
        "cautious", COLLECTION, "Lion(weight_decay=0, cautious=True)",
        each(lambda po, ps, h: po.Lion(
            ps, 1.0, (h.get("beta1", 0.9), h.get("beta2", 0.99)), 0.0, cautious=True
        )),
        ({}, {"beta1": 0.6, "beta2": 0.8}),
    ),
    Reference(
        "sam", OPTAX, "contrib.sam(sgd(lr, beta), chain(normalize(), sgd(rho)), opaque_mode=True)",
        lambda ox, lr, h: _sam(ox, ox.sgd(lr, h.get("beta", 0.9)), h.get("rho", 0.05)),
        ({"eps": 0.0}, {"eps": 0.0, "rho": 0.4, "beta": 0.6}), asks=True,
    ),
    Reference(
        "sam", COLLECTION, "SAM(SGD, rho, perturb_eps=eps)",
        lambda po, ps, h: _torch_sam(po.SAM, ps, h, perturb_eps=h.get("eps", 1e-12)),
        _SAM, asks=True, narrow=_NORM,
    ),
    Reference(
        "asam", COLLECTION, "SAM(SGD, rho, adaptive=True)",
        lambda po, ps, h: _torch_sam(
            po.SAM, ps, h, adaptive=True, perturb_eps=h.get("eps", 1e-12)
        ),
        _SAM, asks=True, narrow=_NORM,
    ),
    Reference(
        "friendly_sam", COLLECTION, "FriendlySAM(SGD, rho, share, beta)",
        lambda po, ps, h: _torch_sam(
            po.FriendlySAM, ps, h, sigma=h.get("share", 1.0), lmbda=h.get("beta", 0.9)
        ),
        ({}, {"rho": 0.4, "share": 0.6, "beta": 0.7, "momentum_sgd_beta": 0.6}),
        asks=True, narrow=_NORM,
    ),
    Reference(
        "looksam", COLLECTION, "LookSAM(SGD, rho, k, alpha)",
        lambda po, ps, h: _torch_sam(
            po.LookSAM, ps, h, 0.1, k=int(h.get("k", 10)), alpha=h.get("alpha", 0.7)
        ),
        ({}, {"rho": 0.4, "k": 3, "alpha": 0.4, "beta": 0.6}), asks=True, narrow=_NORM,
    ),
    Reference(
        "accumulate", OPTAX, "MultiSteps(adam(lr), k)",
        lambda ox, lr, h: _multi_steps(ox, lr, h, int(h.get("k", 4))),
        ({}, {"k": 3, "beta1": 0.8, "eps": 1e-3}),
    ),
    Reference(
        "mechanic", OPTAX, "contrib.mechanize(sgd(lr), decay, eps, s0)",
        lambda ox, lr, h: ox.contrib.mechanize(
            ox.sgd(lr), h.get("decay", 0.01), h.get("eps", 1e-8), h.get("s0", 1e-6)
        ),
        ({"lr": 1.0}, {"lr": 1.0, "decay": 0.3, "eps": 0.1, "s0": 0.01}),
    ),
)  # fmt: skip
