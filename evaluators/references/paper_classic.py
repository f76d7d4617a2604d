"""References of classic methods: constraints, extrapolation, dual averages, variance reduction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

from .paper_polyak import dot, moved
from .reference import OPTAX, PAPER, Arrays, Reference, Settings, Step

Ask = Mapping[str, Callable[..., Any]]


def _box(optax: Any, lr: Any) -> Any:
    """Gradient descent, projected by optax onto the box of the test problem."""

    def update(gradients: Any, count: Any, params: Any, **_: Any) -> Any:
        ahead = [w - lr(count) * g for w, g in zip(params, gradients, strict=True)]
        most = [0 * w + 1.5 for w in params]  # the function takes no number for a list of arrays
        held = optax.projections.projection_box(ahead, [-b for b in most], most)
        return [x - w for x, w in zip(held, params, strict=True)], count + 1

    return optax.GradientTransformationExtraArgs(lambda params: 0, update)


def _ista(np: Any, start: Arrays, h: Settings) -> Step:
    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        return ask["prox"](moved(ws, gs, lr), [lr for _ in ws])

    return step


def _fista(np: Any, start: Arrays, h: Settings) -> Step:
    xs, factor = [w.copy() for w in start], 1.0  # of the papers: x_k and t_k; ws is y_k

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        nonlocal xs, factor
        new = ask["prox"](moved(ws, gs, lr), [lr for _ in ws])
        later = (1 + sqrt(1 + 4 * factor**2)) / 2
        ahead = [a + (factor - 1) / later * (a - b) for a, b in zip(new, xs, strict=True)]
        xs, factor = new, later
        return ahead

    return step


def _nesterov(np: Any, start: Arrays, h: Settings) -> Step:
    xs, a = [w.copy() for w in start], 1.0

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        nonlocal xs, a
        old, xs = xs, moved(ws, gs, lr)
        a_old, a = a, (1 + sqrt(4 * a**2 + 1)) / 2
        return [x + (a_old - 1) * (x - o) / a for x, o in zip(xs, old, strict=True)]

    return step


def _frank_wolfe(np: Any, start: Arrays, h: Settings) -> Step:
    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        k = t - 1
        gamma = 2 / (k + 2)
        return [(1 - gamma) * w + gamma * s for w, s in zip(ws, ask["lmo"](gs), strict=True)]

    return step


def _extragradient(np: Any, start: Arrays, h: Settings) -> Step:
    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        middle = ask["project"](moved(ws, gs, lr))
        return ask["project"](moved(ws, ask["grad_at"](middle), lr))

    return step


def _exponentiated(np: Any, start: Arrays, h: Settings) -> Step:
    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        scaled = [w * np.exp(-lr * g) for w, g in zip(ws, gs, strict=True)]
        total = float(sum(x.sum() for x in scaled))
        return [x / total for x in scaled]

    return step


def _dual_averages(np: Any, start: Arrays, h: Settings) -> Step:
    centre, sums, betas = [w.copy() for w in start], [0 * w for w in start], [1.0]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        sums[:] = [s + g for s, g in zip(sums, gs, strict=True)]
        if t > 1:
            betas.append(betas[-1] + 1 / betas[-1])
        return moved(centre, sums, lr / betas[-1])

    return step


def _svrg(np: Any, start: Arrays, h: Settings) -> Step:
    length = int(h.get("k", 10))
    kept: Arrays = []
    mean: Arrays = []

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        if t % length == 1 % length:
            kept[:] = [w.copy() for w in ws]
            mean[:] = ask["full_grad"](kept)
        rows = zip(gs, ask["grad_at"](kept), mean, strict=True)
        return moved(ws, [g - old + mu for g, old, mu in rows], lr)

    return step


def _sarah(np: Any, start: Arrays, h: Settings) -> Step:
    length = int(h.get("k", 10))
    before: Arrays = []
    vs: Arrays = []

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        if t % length == 1 % length:
            vs[:] = ask["full_grad"](ws)
        else:
            rows = zip(gs, ask["grad_at"](before), vs, strict=True)
            vs[:] = [g - old + v for g, old, v in rows]
        before[:] = [w.copy() for w in ws]
        return moved(ws, vs, lr)

    return step


def _hypergradient(np: Any, start: Arrays, h: Settings) -> Step:
    beta, last = h.get("beta", 1e-3), [0 * w for w in start]
    rate: float | None = None

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        nonlocal rate
        rate = lr if rate is None else rate
        rate = rate + beta * dot(gs, last)
        last[:] = gs
        return moved(ws, gs, rate)

    return step


def _msam(np: Any, start: Arrays, h: Settings) -> Step:
    beta, rho, eps = h.get("beta", 0.9), h.get("rho", 0.3), h.get("eps", 1e-12)
    decay, ms, inverse = h.get("weight_decay", 0.0), [0 * w for w in start], 0.0

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        nonlocal inverse
        back = [w + rho * inverse * m for w, m in zip(ws, ms, strict=True)]
        rows = zip(ms, gs, ws, strict=True)
        ms[:] = [beta * m + g + decay * w for m, g, w in rows]
        inverse = 1 / (sqrt(dot(ms, ms)) + eps)
        return moved(moved(back, ms, lr), ms, rho * inverse)

    return step


def _flooding(np: Any, start: Arrays, h: Settings) -> Step:
    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        above = float(ask["loss_at"](ws)) - h.get("level", 0.1)
        return moved(ws, gs, float(np.sign(above)))  # the slope of |above| is that sign

    return step


def _coin_betting(np: Any, start: Arrays, h: Settings) -> Step:
    centre, sums = [w.copy() for w in start], [0 * w for w in start]
    gains: list[float] = []

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        rewards = [-g for g in gs]
        gains.append(dot(rewards, moved(ws, centre)))
        sums[:] = [s + c for s, c in zip(sums, rewards, strict=True)]
        share = (h.get("wealth", 1.0) + sum(gains)) / (t + 1)
        return [c + share * s for c, s in zip(centre, sums, strict=True)]

    return step


def _igt(np: Any, start: Arrays, h: Settings) -> Step:
    delta, before, vs = h.get("delta", 1.0), [w.copy() for w in start], [0 * w for w in start]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        gamma = (t - 1) / (t - 1 + delta)
        there = moved(ws, moved(ws, before), -gamma / (1 - gamma))
        rows = zip(vs, ask["grad_at"](there), strict=True)
        vs[:] = [gamma * v + (1 - gamma) * g for v, g in rows]
        before[:] = [w.copy() for w in ws]
        return moved(ws, vs, lr)

    return step


def _evolution(np: Any, start: Arrays, h: Settings) -> Step:
    sigma, n = h.get("sigma", 0.1), int(h.get("n", 2))

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Ask) -> Arrays:
        slope = [0 * w for w in ws]
        for stream in range(n):
            for sign in (1, -1):
                ways = [sign * z for z in ask["normal"](stream)]
                loss = float(ask["loss_at"](moved(ws, ways, -sigma)))
                slope = moved(slope, ways, -loss / (2 * n * sigma))
        return moved(ws, slope, lr)

    return step


_LENGTHS = ({}, {"k": 4, "lr": 0.02})

PAPER_CLASSIC: tuple[Reference, ...] = (
    Reference(
        "projected_gd", OPTAX, "projections.projection_box(params - lr * g, -1.5, 1.5)",
        lambda ox, lr, h: _box(ox, lr), ({}, {"lr": 0.3}), asks=True,
    ),
    Reference(
        "ista_proximal_gd", PAPER, "iterative thresholding of Daubechies et al., 2004", _ista,
        ({}, {"lr": 0.3}), asks=True,
    ),
    Reference(
        "fista", PAPER, "FISTA of Beck & Teboulle, 2009", _fista, ({}, {"lr": 0.3}), asks=True,
    ),
    Reference(
        "nesterov_agd", PAPER, "Nesterov, 1983, with a step that is given", _nesterov,
        ({}, {"lr": 0.3}), asks=True,
    ),
    Reference(
        "frank_wolfe", PAPER, "algorithm 1 of Jaggi, 2013, after Frank & Wolfe, 1956",
        _frank_wolfe, asks=True,
    ),
    Reference(
        "mirror_prox_extragradient", PAPER, "the extragradient method of Korpelevich, 1976",
        _extragradient, ({}, {"lr": 0.3}), asks=True,
    ),
    Reference(
        "mirror_descent_eg", PAPER, "EG of Kivinen & Warmuth, 1997", _exponentiated,
        ({}, {"lr": 0.3}),
    ),
    Reference(
        "dual_averaging", PAPER, "simple dual averages of Nesterov, 2009", _dual_averages,
        ({}, {"lr": 0.3}),
    ),
    Reference(
        "svrg", PAPER, "SVRG of Johnson & Zhang, 2013, option I", _svrg, _LENGTHS, asks=True,
    ),
    Reference(
        "sarah", PAPER, "algorithm 1 of Nguyen et al., 2017, last iterate", _sarah, _LENGTHS,
        asks=True,
    ),
    Reference(
        "hypergradient_descent", PAPER, "SGD-HD of Baydin et al., 2017", _hypergradient,
        ({"beta": 1e-6}, {"beta": 1e-4, "lr": 0.3}),
    ),
    Reference(
        "msam", PAPER, "MarlonBecker/MSAM 780fa4f, optimizer/msam.py", _msam,
        ({}, {"beta": 0.6, "rho": 0.8, "eps": 2.0, "weight_decay": 0.2}),
    ),
    Reference(
        "flooding", PAPER, "the flooded loss of Ishida et al., 2020", _flooding,
        ({}, {"level": 2000.0}), asks=True,
    ),
    Reference(
        "coin_betting_kt", PAPER, "algorithm 1 of Orabona & Pal, 2016", _coin_betting,
        ({}, {"wealth": 0.3}), gradient_scale=0.05,
    ),
    Reference(
        "igt", PAPER, "algorithm 1 of Arnold et al., 2019", _igt,
        ({}, {"delta": 3.0, "lr": 0.02}), asks=True,
    ),
    Reference(
        "evolution_strategies", PAPER,
        "algorithm 1 of Salimans et al., 2017, with mirrored sampling", _evolution,
        ({}, {"sigma": 0.3, "n": 1}), asks=True,
    ),
)  # fmt: skip
