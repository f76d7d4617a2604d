"""References of modifiers and of rules by parameter, with noise or without."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from primitives import TABLE

from .layers import _Filter
from .paper_adaptive import State, average, by_parameter, size
from .paper_more_2 import momentum
from .reference import (
    ADAM,
    COLLECTION,
    PAPER,
    STEPS,
    Arrays,
    Reference,
    Settings,
    Step,
    betas,
    each,
)


def _sadam(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    (beta1, beta2), sharpness = betas(h), h.get("sharpness", 50.0)
    g = g + h.get("weight_decay", 0.0) * w
    m, v = average(s, "m", g, beta1), average(s, "v", g**2, beta2)
    divisor = np.logaddexp(0.0, sharpness * np.sqrt(v)) / sharpness
    return w - lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / divisor


def _adam_cg(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    """A memory of (key, gradient), whose smallest key gives way to a larger norm."""
    (beta1, beta2), room = betas(h), int(h.get("n", 10))
    memory = s.setdefault("memory", [])
    x = (g + sum(kept for _, kept in memory)) / (len(memory) + 1)
    if len(memory) < room:
        memory.append((size(g), g))
    else:
        worst = min(range(room), key=lambda k: memory[k][0])
        if size(g) > memory[worst][0]:
            memory[worst] = (size(g), g)
    memory[:] = [(h.get("decay", 0.7) * key, kept) for key, kept in memory]
    x = x + h.get("weight_decay", 0.0) * w
    m, v = average(s, "m", x, beta1), average(s, "v", x**2, beta2)
    root = np.sqrt(v / (1 - beta2**t)) + h.get("eps", 1e-8)
    return w - lr * m / (1 - beta1**t) / root


def _cautious_decay(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    beta1, beta2 = betas(h)
    m = average(s, "m", g, beta1) / (1 - beta1**t)
    v = average(s, "v", g**2, beta2) / (1 - beta2**t)
    u = m / (np.sqrt(v) + h.get("eps", 1e-8))
    return w - lr * (u + h.get("weight_decay", 0.1) * np.where(u * w >= 0, w, 0.0))


def _corrected(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    s["most"] = max(s.get("most", 0.0), lr)
    share = lr * (lr / s["most"]) * h.get("weight_decay", 0.1)
    return (1 - share) * w - lr * momentum(h, s, g)


def _ldog(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    g = g + h.get("weight_decay", 0.0) * w
    if t == 1:
        s["far"] = h.get("first", 1e-6) * (1 + size(w))
        s["squares"] = (g**2).sum() + h.get("eps", 1e-8)
    else:
        s["far"] = max(s["far"], size(w - s["start"]))
        s["squares"] = s["squares"] + (g**2).sum()
    return w - lr * s["far"] / np.sqrt(s["squares"]) * g


def _inna(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    alpha, beta = h.get("alpha", 0.5), h.get("beta", 0.1)
    psi = s.get("psi", (1 - alpha * beta) * w)
    phase = (alpha - 1 / beta) * w + psi / beta
    s["psi"] = psi - lr * phase
    return w - lr * (phase + beta * g + h.get("weight_decay", 0.0) * w)


def _demon(h: Settings, s: State, t: int, lr: float, w: Any, g: Any) -> Any:
    first, rest = h.get("beta", 0.9), 1 - (t - 1) / STEPS
    beta = first * rest / ((1 - first) + first * rest)
    v = s.get("v", 0 * w)
    s["v"] = beta * v - lr * g
    return w - lr * g + beta * v


def _powersgd(numpy: Any, start: Arrays, h: Settings) -> Step:
    """With one worker, so that nothing is lost but what the rank leaves out."""
    beta, rank = h.get("beta", 0.9), int(h.get("rank", 2))
    states: list[State] = [{"e": 0 * w, "m": 0 * w} for w in start]
    for place, (s, w) in enumerate(zip(states, start, strict=True)):
        if w.ndim >= 2:
            shape = (w.size // w.shape[-1], rank)
            s["q"] = TABLE["normal"].meaning(np, np.zeros(shape), stream=0, key=(0, 1, place))

    def compressed(s: State, g: Any) -> Any:
        x = (g + s["e"]).reshape(-1, g.shape[-1]).T
        p = np.linalg.qr(x @ s["q"])[0]
        s["q"] = x.T @ p
        near = (p @ s["q"].T).T.reshape(g.shape)
        s["e"] = g + s["e"] - near
        return near

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Any) -> Arrays:
        new = []
        for s, w, g in zip(states, ws, gs, strict=True):
            d = compressed(s, g) if w.ndim >= 2 else g
            s["m"] = beta * s["m"] + d
            new.append(w - lr * (d + s["m"]))
        return new

    return step


def _sghmc(numpy: Any, start: Arrays, h: Settings) -> Step:
    alpha, estimate, vs = h.get("alpha", 0.1), h.get("estimate", 0.0), [0 * w for w in start]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Any) -> Arrays:
        deviation = np.sqrt(2 * (alpha - estimate) * lr)
        rows = zip(vs, gs, ask["normal"](0), strict=True)
        vs[:] = [v - lr * g - alpha * v + deviation * z for v, g, z in rows]
        return [w + v for w, v in zip(ws, vs, strict=True)]

    return step


def _psgld(numpy: Any, start: Arrays, h: Settings) -> Step:
    beta, temperature = h.get("beta", 0.99), h.get("temperature", 1.0)
    states: list[State] = [{} for _ in start]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Any) -> Arrays:
        new = []
        for s, w, g, z in zip(states, ws, gs, ask["normal"](0), strict=True):
            scale = 1 / (h.get("eps", 1e-5) + np.sqrt(average(s, "v", g**2, beta)))
            new.append(w - (lr * scale * g + np.sqrt(2 * lr * scale * temperature) * z))
        return new

    return step


def _grokfast(collection: Any, parameters: Any, h: Settings) -> Any:
    named = [(str(k), p) for k, p in enumerate(parameters)]
    model, held = SimpleNamespace(named_parameters=lambda: named), {}

    def change() -> None:
        queues = collection.optimizer.grokfast.gradfilter_ma(
            model, held or None, int(h.get("n", 100)), h.get("lamb", 5.0)
        )
        held.update(queues)

    return _Filter(parameters, change)


def _norm_loss(collection: Any, parameters: Any, h: Settings) -> Any:
    norms, eps = collection.optimizer.utils.gradient.unit_norm, h.get("eps", 1e-8)

    def change() -> None:
        for p in parameters:
            unit = norms(p.detach()) + eps
            p.grad += 2 * h.get("scale", 1e-4) * (1 - 1 / unit) * p.detach()

    return _Filter(parameters, change)


PAPER_MORE: tuple[Reference, ...] = (
    Reference(
        "adamd", COLLECTION, "AdamP(lr, (beta1, beta2), eps=eps, delta=0, adam_debias=True)",
        each(lambda po, ps, h: po.AdamP(
            ps, 1.0, betas(h), delta=0.0, eps=h.get("eps", 1e-8), adam_debias=True
        )),
        ADAM,
    ),
    Reference(
        "sadam_softplus", PAPER, "neilliang90/Sadam 580f94e, optimizer/Sadam.py, without amsgrad",
        by_parameter(_sadam),
        ({}, {"beta1": 0.8, "beta2": 0.95, "sharpness": 3.0, "weight_decay": 0.2}),
    ),
    Reference(
        "adam_cg", PAPER, "Adam_C of McRae et al., 2021, whose smallest key gives way",
        by_parameter(_adam_cg),
        (
            {"n": 5},
            {
                "beta1": 0.8, "beta2": 0.95, "decay": 0.9, "eps": 1e-2, "weight_decay": 0.2,
                "n": 3,
            },
        ),
    ),
    Reference(
        "cautious_weight_decay", PAPER, "CWD of Chen et al., 2025, around Adam",
        by_parameter(_cautious_decay),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.6}),
    ),
    Reference(
        "corrected_weight_decay", PAPER,
        "the corrected decay of Defazio, 2025, around SGD with momentum",
        by_parameter(_corrected), ({}, {"weight_decay": 0.6, "beta": 0.6}),
    ),
    Reference(
        "ldog", PAPER, "formll/dog 7d1d216, LDoG", by_parameter(_ldog),
        ({"first": 0.01, "lr": 1.0}, {"first": 0.1, "eps": 5.0, "weight_decay": 0.2, "lr": 0.5}),
    ),
    Reference(
        "inna", PAPER, "INNA of Castera et al., 2019, as in the authors' torch code",
        by_parameter(_inna), ({}, {"alpha": 0.8, "beta": 0.4, "weight_decay": 0.2}),
    ),
    Reference(
        "demon", PAPER, "algorithm 1 of Chen et al., 2019", by_parameter(_demon),
        ({}, {"beta": 0.6}),
    ),
    Reference(
        "powersgd", PAPER, "algorithms 1 and 2 of Vogels et al., 2019, with one worker",
        _powersgd, ({}, {"rank": 1, "beta": 0.6}),
    ),
    Reference(
        "sghmc", PAPER, "equation 15 of Chen et al., 2014", _sghmc,
        ({}, {"alpha": 0.4, "estimate": 0.1}),
    ),
    Reference(
        "psgld", PAPER,
        "algorithm 1 of Li et al., 2015, without Gamma, with lr for half of their step", _psgld,
        ({}, {"beta": 0.7, "eps": 0.5, "temperature": 0.3}),
    ),
    Reference(
        "grokfast_ma", COLLECTION, "gradfilter_ma(model, grads, n, lamb)", each(_grokfast),
        ({"n": 5}, {"n": 3, "lamb": 0.7}),
    ),
    Reference(
        "anolog", COLLECTION,
        "Ano(lr, (0.9, beta2), weight_decay, logarithmic_schedule=True, eps=eps)",
        each(lambda po, ps, h: po.Ano(
            ps, 1.0, (0.9, h.get("beta2", 0.99)), h.get("weight_decay", 0.0),
            logarithmic_schedule=True, eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta2": 0.8, "eps": 0.5, "weight_decay": 0.2}),
    ),
    Reference(
        "norm_loss", COLLECTION, "optimizer.utils.gradient.unit_norm(w), as in Ranger21",
        each(_norm_loss), ({}, {"scale": 0.3, "eps": 0.5}), out=0,
    ),
    Reference(
        "schedule_free_refined", COLLECTION,
        "ScheduleFreeAdamW(lr, (beta1, beta2), weight_decay, decoupling_c=c, eps=eps)",
        each(lambda po, ps, h: po.ScheduleFreeAdamW(
            ps, 1.0, betas(h), h.get("weight_decay", 0.0), decoupling_c=h.get("c", 50.0),
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.2, "c": 20.0}),
    ),
)  # fmt: skip
