"""References of programs that take a program, each around the base that it is checked with."""

from __future__ import annotations

from typing import Any

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
        "accumulate", OPTAX, "MultiSteps(adam(lr), k)",
        lambda ox, lr, h: _multi_steps(ox, lr, h, int(h.get("k", 4))),
        ({}, {"k": 3, "beta1": 0.8, "eps": 1e-3}),
    ),
)  # fmt: skip
