"""References of rules that ask for more: a second loss, half a batch, a third derivative."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, sqrt
from typing import Any

from .paper_polyak import dot, moved
from .reference import PAPER, Arrays, Reference, Settings, Step

_BACKBONE = ("backbone", "backbone", "", "", "")
_UPPER = ("upper", "", "", "upper", "")


def _agvm(np: Any, start: Arrays, h: Settings) -> Step:
    """SGD with momentum; how much the halves of a batch agree tells the rates of the groups."""
    beta, momentum = h.get("beta", 0.97), h.get("momentum_sgd_beta", 0.9)
    k, begin, eps = int(h.get("k", 5)), h.get("start", 500.0), h.get("eps", 1e-6)
    low, high = h.get("low", 0.5), h.get("high", 10.0)
    backbone = [place for place, role in enumerate(_BACKBONE) if role]
    groups = [backbone, *([place] for place, role in enumerate(_BACKBONE) if not role)]
    factors, buffers = [1.0] * len(groups), [0 * w for w in start]

    def apart(gs: Arrays, halves: Arrays) -> list[float]:
        spread = []
        for group in groups:
            a = [halves[k] for k in group]
            b = [2 * gs[k] - halves[k] for k in group]
            spread.append(1 - dot(a, b) / sqrt(dot(a, a) * dot(b, b)))
        return spread

    def refresh(spread: list[float]) -> None:
        for place, one in enumerate(spread):
            new = sqrt(min(max((spread[0] + eps) / (one + eps), low), high))
            factors[place] = beta * factors[place] + (1 - beta) * new

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        done, new = t - 1, list(ws)
        if done >= begin and done % k == 0:
            refresh(apart(gs, ask["half_grad"](ws)))
        for factor, group in zip(factors, groups, strict=True):
            for place in group:
                buffers[place] = momentum * buffers[place] + gs[place]
                rate = lr * factor if done >= begin else lr
                new[place] = ws[place] - rate * buffers[place]
        return new

    return step


def _ai_sarah(np: Any, start: Arrays, h: Settings) -> Step:
    """A recursive gradient, and the step that leaves it shortest by one step of Newton's."""
    gamma, beta = h.get("gamma", 1 / 32), h.get("beta", 0.999)
    held = {"most": inf, "mean": 0.0, "first": 0.0, "now": -1.0}
    vs: Arrays = []

    def newton(ask: Mapping[str, Any]) -> float:
        """Where the slope of the squared length is 0, by its first two derivatives at 0."""
        curved = ask["hvp"](vs)
        slope = -2 * dot(vs, curved)
        bend = 2 * dot(curved, curved) + 2 * ask["third"](vs)
        return -slope / abs(bend)

    def bound(alpha: float, t: int) -> None:
        held["mean"] = 1 / alpha if t == 1 else beta * held["mean"] + (1 - beta) / alpha
        held["most"] = 1 / held["mean"]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        if held["now"] < gamma * held["first"] or t == 1:
            vs[:] = ask["full_grad"](ws)
            held["first"] = dot(vs, vs)
        sought = newton(ask)
        new = moved(ws, vs, min(sought, held["most"]))
        bound(sought, t)
        vs[:] = [there - g + v for there, g, v in zip(ask["grad_at"](new), gs, vs, strict=True)]
        held["now"] = dot(vs, vs)
        return new

    return step


def _f2sa(np: Any, start: Arrays, h: Settings) -> Step:
    """The lower level is followed twice, with the upper loss and without; x sees the difference."""
    steps, factor = int(h.get("steps", 1)), [h.get("first", 1.0)]
    upper = [role == "upper" for role in _UPPER]
    zs = [w.copy() for w in start]

    def joined(xs: Arrays, ys: Arrays) -> Arrays:
        return [x if up else y for up, x, y in zip(upper, xs, ys, strict=True)]

    def pulled(ask: Mapping[str, Any], point: Arrays) -> Arrays:
        pairs = zip(ask["grad_at"](point), ask["aux_grad"](point), strict=True)
        return [f + factor[0] * g for f, g in pairs]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        ys = ws
        for _ in range(steps):
            slope = ask["aux_grad"](joined(ws, zs))
            ys = joined(ws, moved(ys, pulled(ask, ys), lr))
            zs[:] = moved(zs, slope, h.get("z_rate", 1.0) * lr)
        ahead, behind = pulled(ask, ys), ask["aux_grad"](joined(ws, zs))
        way = [a - factor[0] * b for a, b in zip(ahead, behind, strict=True)]
        factor[0] += h.get("delta", 0.1)
        return joined(moved(ws, way, h.get("x_rate", 1.0) * lr), ys)

    return step


PAPER_ASKED: tuple[Reference, ...] = (
    Reference(
        "agvm", PAPER, "Sense-X/AGVM b60d598, agvm/optim/agvm_optimizer_hook.py, around SGD", _agvm,
        (
            {"start": 3.0},
            {
                "start": 6.0, "k": 2, "beta": 0.6, "eps": 0.02, "low": 0.8, "high": 1.2,
                "momentum_sgd_beta": 0.7,
            },
        ),
        asks=True, roles=_BACKBONE,
    ),
    Reference(
        "ai_sarah", PAPER, "shizheng-rlfresh/ai_sarah 2da30bc, Run/AI_SARAH.ipynb", _ai_sarah,
        ({}, {"gamma": 0.5, "beta": 0.8}), asks=True,
    ),
    Reference(
        "f2sa", PAPER, "algorithm 1 of Kwon et al., 2023, on one batch", _f2sa,
        (
            {},
            {"steps": 3, "z_rate": 0.7, "x_rate": 0.4, "first": 0.6, "delta": 0.3},
        ),
        asks=True, roles=_UPPER,
    ),
)  # fmt: skip
