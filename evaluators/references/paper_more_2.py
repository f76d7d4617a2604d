"""References of heavyball's building blocks, written out in double precision."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np

from .paper_adaptive import State, average, by_parameter, debiased
from .reference import PAPER, Reference, Settings


def momentum(h: Settings, s: State, g: Any) -> Any:
    """Heavy-ball momentum, which adds gradients up."""
    s["buffer"] = h.get("beta", 0.9) * s.get("buffer", 0 * g) + g
    return s["buffer"]


def _towards(h: Settings, s: State, lr: float, w: Any, g: Any, goal: Any) -> Any:
    """Moves a little towards a goal, then by momentum."""
    share = lr * h.get("weight_decay", 0.01)
    return (1 - share) * w + share * goal - lr * momentum(h, s, g)


def _to_init(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    return _towards(h, s, lr, w, g, s["start"])


def _to_ema(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    mean = average(s, "mean", w, debiased(h.get("decay", 0.99), t))
    return _towards(h, s, lr, w, g, mean)


def _palm(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    beta2 = 1 - t ** -h.get("power", 0.8)
    m = average(s, "m", g, debiased(h.get("beta1", 0.9), t))
    v = average(s, "v", g**2, debiased(beta2, t))
    return w - lr * m / np.maximum(np.sqrt(v), h.get("eps", 1e-8))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _adapted(part: Callable[[Any], Any]) -> Any:
    """Momentum times a factor that is learned; part: of the last update times the gradient."""

    def rule(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
        delta = s.get("delta", log(h.get("first", 1.0)))
        slope = _sigmoid(delta) * (1 - _sigmoid(delta)) * part(s.get("last", 0 * g) * g)
        s["delta"] = delta - slope * h.get("lr_lr", 1.0)
        s["last"] = momentum(h, s, g) * _sigmoid(s["delta"])
        return w - lr * s["last"]

    return by_parameter(rule)


def _d_adapted(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    u, d = momentum(h, s, g), s.get("d", h.get("first", 1e-6))
    total = s.get("total", 0 * g)
    reached = d * (g * total).sum()
    s["total"] = total + u * d
    s["d"] = max(reached / np.abs(s["total"]).sum(), d)
    return w - lr * u * d


def _squashed(squash: Callable[[Settings, Any], Any]) -> Any:
    """A transform, whose result is taken off the parameters."""
    return by_parameter(lambda h, s, t, lr, w, g: w - squash(h, g))


def _trust_region(h: Settings, g: Any) -> Any:
    share, scale = h.get("share", 0.9), h.get("scale", 1.5)
    low, high = np.tanh(g / scale), np.log1p(np.abs(g / scale))
    return np.clip((np.copysign(high, low) * (1 - share) + low * share) * scale, -2, 2)


def _mu_law(h: Settings, g: Any) -> Any:
    mu = h.get("mu", 127.0)
    return np.copysign(np.log1p(mu * np.abs(g)) / np.log1p(mu), g)


def _a_law(h: Settings, g: Any) -> Any:
    a = h.get("a", 87.6)
    x = a * np.abs(g)
    return np.copysign(np.where(x < 1, x, 1 + np.log(x)), g) / (1 + np.log(a))


_ADAPTED = ({}, {"first": 0.4, "lr_lr": 0.3, "beta": 0.6})

PAPER_MORE_2: tuple[Reference, ...] = (
    Reference(
        "weight_decay_to_init", PAPER,
        "weight_decay_to_init of heavyball 3.2.1, around SGD with momentum",
        by_parameter(_to_init), ({}, {"weight_decay": 0.6, "beta": 0.6}),
    ),
    Reference(
        "weight_decay_to_ema", PAPER,
        "weight_decay_to_ema of heavyball 3.2.1, around SGD with momentum",
        by_parameter(_to_ema), ({}, {"weight_decay": 0.6, "beta": 0.6, "decay": 0.7}),
    ),
    Reference(
        "palm_beta2", PAPER, "AdamW of heavyball 3.2.1 with palm_beta2, in double precision",
        by_parameter(_palm), ({}, {"beta1": 0.7, "power": 0.5, "eps": 0.5}),
    ),
    Reference(
        "lr_adaptation", PAPER, "scale_by_lr_adaptation of heavyball 3.2.1, around momentum",
        _adapted(np.mean), _ADAPTED,
    ),
    Reference(
        "pointwise_lr_adaptation", PAPER,
        "scale_by_pointwise_lr_adaptation of heavyball 3.2.1, around momentum",
        _adapted(lambda products: products), _ADAPTED,
    ),
    Reference(
        "d_adaptation", PAPER, "scale_by_d_adaptation of heavyball 3.2.1, around momentum",
        by_parameter(_d_adapted),
        ({"first": 0.01, "lr": 1.0}, {"first": 0.1, "beta": 0.6, "lr": 0.5}),
    ),
    Reference(
        "trust_region_squash", PAPER, "trust_region_clip_ of heavyball 3.2.1",
        _squashed(_trust_region), ({}, {"share": 0.4, "scale": 0.6}),
    ),
    Reference(
        "mu_law_compress", PAPER, "mu_law_compress of heavyball 3.2.1", _squashed(_mu_law),
        ({}, {"mu": 5.0}),
    ),
    Reference(
        "a_law_compress", PAPER, "a_law_compress of heavyball 3.2.1", _squashed(_a_law),
        ({}, {"a": 2.0}),
    ),
    Reference(
        "softsign_compress", PAPER, "softsign_compress of heavyball 3.2.1",
        _squashed(lambda h, g: 2 * g / (1 + np.abs(g))),
    ),
)  # fmt: skip
