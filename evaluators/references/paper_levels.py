"""References of rules for two losses, or for blocks of parameters that take turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .paper_polyak import dot, moved
from .reference import PAPER, Arrays, Reference, Settings, Step

_UPPER = ("upper", "lower", "lower", "upper", "")
_LEFT = ("left", "right", "left", "", "right")


def _kept(arrays: Arrays, roles: tuple[str, ...], role: str, inside: bool) -> Arrays:
    """The arrays of the parameters of a role, or of all others, and zeros for the rest."""
    return [a if (r == role) is inside else 0 * a for a, r in zip(arrays, roles, strict=True)]


def _neumann(np: Any, start: Arrays, h: Settings) -> Step:
    """Lorraine et al.'s hypergradient, whose inverse Hessian is a sum of powers.

    The second loss is that of training, on which the lower parameters descend afterwards.
    """
    alpha, terms = h.get("alpha", 0.1), int(h.get("terms", 3))
    inner, rate = int(h.get("inner", 1)), h.get("inner_lr", 0.1)

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        v = _kept(gs, _UPPER, "upper", False)
        p = v
        for _ in range(terms):
            v = moved(v, _kept(ask["aux_hvp"](v), _UPPER, "upper", False), alpha)
            p = moved(p, v, -1.0)
        mixed = ask["aux_hvp"]([alpha * one for one in p])
        slope = moved(gs, mixed, 1.0)
        xs = moved(ws, _kept(slope, _UPPER, "upper", True), lr)
        for _ in range(inner):
            xs = moved(xs, _kept(ask["aux_grad"](xs), _UPPER, "upper", False), rate)
        return xs

    return step


def _lagrangian(np: Any, start: Arrays, h: Settings) -> Step:
    """The multiplier has momentum, and its slope is clipped as torch clips a norm."""
    threshold, bound = h.get("threshold", 0.1), h.get("bound", 0.5)
    rate, momentum = h.get("dual_lr", 0.01), h.get("momentum", 0.9)
    dual: dict[str, float] = {"lambda": h.get("first", 0.5)}

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        whole = moved(gs, ask["aux_grad"](ws), -dual["lambda"])
        slope = threshold - float(ask["aux_loss"](ws))
        slope *= min(1.0, bound / (abs(slope) + 1e-6))
        buffer = slope if t == 1 else momentum * dual["buffer"] + slope
        dual.update(buffer=buffer)
        dual["lambda"] -= rate * buffer
        return moved(ws, whole, lr)

    return step


def _alternating(np: Any, start: Arrays, h: Settings) -> Step:
    """Conjugate gradients on the Newton system of one block, then on that of the other."""
    steps = int(h.get("steps", 3))

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        def block(arrays: Arrays) -> Arrays:
            return _kept(arrays, _LEFT, "left", t % 2 == 1)

        residual = block(gs)
        u, way = [0 * g for g in gs], residual
        for _ in range(steps):
            bent = block(ask["hvp"](way))
            size = dot(residual, residual)
            length = size / dot(way, bent)
            u = moved(u, way, -length)
            residual = moved(residual, bent, length)
            way = moved(residual, way, -dot(residual, residual) / size)
        return moved(ws, u, lr)

    return step


PAPER_LEVELS: tuple[Reference, ...] = (
    Reference(
        "implicit_hypergradient_neumann", PAPER,
        "algorithms 2 and 3 of Lorraine et al., 2019, with the factor of betty's neumann.py",
        _neumann,
        ({}, {"terms": 1, "alpha": 0.05, "inner": 2, "inner_lr": 0.02, "lr": 0.2}),
        asks=True, roles=_UPPER,
    ),
    Reference(
        "lagrangian_primal_dual", PAPER,
        "tedmoskovitz/ConstrainedRL4LMs f5d2d36, constrained_ppo.py, with gradient descent",
        _lagrangian,
        (
            {},
            {"lr": 0.01, "threshold": 60.0, "dual_lr": 0.1, "momentum": 0.5, "first": 0.2,
             "bound": 40.0},
        ),
        asks=True,
    ),
    Reference(
        "alternating_minimization", PAPER,
        "the blocks of Gu et al., 2023, each solved roughly by conjugate gradients",
        _alternating,
        ({"lr": 0.5, "steps": 2},),
        asks=True, roles=_LEFT,
    ),
)  # fmt: skip
