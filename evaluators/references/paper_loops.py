"""References of rules that search within a step, and of some that came late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import exp, sqrt
from typing import Any

from .paper_polyak import dot, moved
from .reference import PAPER, TORCH, Arrays, Reference, Settings, Step, betas


class _Prepared:
    """A torch optimizer with something done around each of its steps."""

    def __init__(self, inner: Any, around: Callable[[Any], None]) -> None:
        self.inner, self.around = inner, around

    @property
    def param_groups(self) -> Any:
        return self.inner.param_groups

    def step(self, closure: Any = None) -> None:
        self.around(self.inner)


def _sparse(g: Any, least: float) -> Any:
    """A gradient with only the rows that have an entry larger than `least`."""
    import torch

    size = g.abs() if g.ndim == 0 else g.abs().reshape(len(g), -1).amax(dim=1)
    touched = size > least
    places = touched.nonzero().T
    values = g[touched] if g.ndim else g.reshape(1)[touched.reshape(1)]
    return torch.sparse_coo_tensor(places, values, g.shape, check_invariants=False)


def _sparse_adam(torch: Any, ps: Sequence[Any], h: Settings) -> Any:
    def around(inner: Any) -> None:
        for p in ps:
            p.grad = _sparse(p.grad, h.get("least", 0.0))
        inner.step()

    inner = torch.optim.SparseAdam(ps, 1.0, betas(h), h.get("eps", 1e-8))
    return [(_Prepared(inner, around), 1.0)]


def _stochastic_proximal_point(np: Any, start: Arrays, h: Settings) -> Step:
    """Looks for the lowest point of f(x) + |x - w|^2 / (2 lr), whose slope is d / lr."""
    inner, tolerance = h.get("inner", 0.5), h.get("tolerance", 1e-2)

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        xs = moved(ws, gs, inner * lr)
        for _ in range(int(h.get("steps", 4))):
            slopes = ask["grad_at"](xs)
            ds = [lr * s + x - w for s, x, w in zip(slopes, xs, ws, strict=True)]
            if sqrt(dot(ds, ds)) <= tolerance * lr * sqrt(dot(gs, gs)):
                break
            xs = moved(xs, ds, inner)
        return xs

    return step


def _coordinate_clip(np: Any, start: Arrays, h: Settings) -> Step:
    share, scale = h.get("share", 0.1), h.get("scale", 1.0)

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        falling = np.sort(np.abs(np.concatenate([g.reshape(-1) for g in gs])))[::-1]
        bound = scale * falling[int(len(falling) * share)]
        return [w - np.clip(g, -bound, bound) for w, g in zip(ws, gs, strict=True)]

    return step


def _sa_sgld(np: Any, start: Arrays, h: Settings) -> Step:
    alpha, least, most = h.get("alpha", 1.0), h.get("least", 1e-6), h.get("most", 1.0)
    r, s, temperature = h.get("r", 1.0), h.get("s", 1.0), h.get("temperature", 1.0)
    zs = [h.get("z0", 1.0) for _ in start]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        rho, new = exp(-alpha * lr), []
        for k, (w, g, noise) in enumerate(zip(ws, gs, ask["normal"](0), strict=True)):
            monitor = sqrt((g**2).sum()) ** s
            zs[k] = rho * zs[k] + (1 - rho) * monitor / alpha
            psi = least * (zs[k] ** r + most) / (zs[k] ** r + least)
            dt = psi * lr
            new.append(w - dt * g - sqrt(2 * dt * temperature) * noise)
        return new

    return step


def _gfm_plus(np: Any, start: Arrays, h: Settings) -> Step:
    """Random slopes on a sphere; their change since the point before keeps the estimate up."""
    delta, k = h.get("delta", 1e-3), int(h.get("k", 10))
    many, few = int(h.get("many", 10)), int(h.get("few", 1))
    count = sum(w.size for w in start)
    before, vs = [w.copy() for w in start], [0 * w for w in start]

    def slope(ask: Mapping[str, Any], xs: Arrays, way: Arrays) -> float:
        there, back = moved(xs, way, -delta), moved(xs, way, delta)
        return count * float(ask["loss_at"](there) - ask["loss_at"](back)) / (2 * delta)

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        anew = (t - 1) % k == 0
        streams = range(many) if anew else range(many, many + few)
        change = [0 * w for w in ws]
        for stream in streams:
            draws = ask["normal"](stream)
            way = [z / sqrt(dot(draws, draws)) for z in draws]
            size = slope(ask, ws, way) - (0.0 if anew else slope(ask, before, way))
            change = moved(change, way, -size / len(streams))
        vs[:] = change if anew else moved(vs, change, -1.0)
        before[:] = ws
        return moved(ws, vs, lr)

    return step


def _mirrored(np: Any, f: Any, x: Any) -> Any:
    """x reflected so that the direction f and the first entry change places."""
    normal = np.array(-f / max(sqrt((f**2).sum()), 1e-12))
    normal.flat[0] += 1
    normal = normal / max(sqrt((normal**2).sum()), 1e-12)
    return x - 2 * (normal * x).sum() * normal


def _suds_adamw(np: Any, start: Arrays, h: Settings) -> Step:
    beta1, beta2 = h.get("beta1", 0.9), h.get("beta2", 0.99)
    rate, eps, decay = h.get("oja", 0.01), h.get("eps", 1e-8), h.get("weight_decay", 0.0)
    fs, ms, vs = ([0 * w for w in start] for _ in range(3))

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        if t == 1:
            fs[:] = [g / max(sqrt((g**2).sum()), 1e-8) for g in gs]
            return ws
        new = []
        for k, (w, g) in enumerate(zip(ws, gs, strict=True)):
            x = _mirrored(np, fs[k], g)
            ms[k] = beta1 * ms[k] + (1 - beta1) * x
            vs[k] = beta2 * vs[k] + (1 - beta2) * x**2
            root = np.sqrt(vs[k] / (1 - beta2 ** (t - 1)))
            u = ms[k] / (1 - beta1 ** (t - 1)) / np.maximum(root, eps)
            new.append(w - lr * (_mirrored(np, fs[k], u) + decay * w))
            along = (g * fs[k]).sum()
            f = fs[k] + rate * (along * g - along**2 * fs[k])
            fs[k] = f / max(sqrt((f**2).sum()), 1e-12)
        return new

    return step


PAPER_LOOPS: tuple[Reference, ...] = (
    Reference(
        "stochastic_proximal_point", PAPER,
        "stochastic proximal point of Davis & Drusvyatskiy, 2018, by inner steps",
        _stochastic_proximal_point,
        (
            {}, *({"lr": 0.5, "inner": 0.2, "tolerance": x} for x in (0.7, 0.5, 0.35, 0.24)),
        ),
        asks=True,
    ),
    Reference(
        "sparse_adam", TORCH,
        "SparseAdam(lr, (beta1, beta2), eps) on the rows with an entry above `least`",
        _sparse_adam,
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 0.1, "least": 1.2}),
    ),
    Reference(
        "coordinate_clip", PAPER, "panyan7/adam-vs-sgd 7270ba4, clip_top_coordinates",
        _coordinate_clip,
        ({"rounds": 10}, {"share": 0.05, "scale": 0.7, "rounds": 10}),  # as many as are needed
    ),
    Reference(
        "sa_sgld", PAPER, "rajit906/SAM-ADAMS-IN-BDL 2199310, bnn_priors/mcmc/sasgld.py",
        _sa_sgld,
        (
            {},
            {
                "alpha": 3.0, "least": 0.2, "most": 2.0, "r": 0.6, "s": 1.5, "temperature": 0.3,
                "z0": 0.5,
            },
        ),
    ),
    Reference(
        "gfm_plus", PAPER,
        "GFM+ of Chen, Xu & Luo, 2023, with the estimator of the authors' train.py",
        _gfm_plus,
        (
            {"delta": 0.1, "k": 4, "many": 2, "few": 2},
            {"delta": 0.5, "k": 5, "many": 2, "few": 2},
        ),
        asks=True,
    ),
    Reference(
        "suds_adamw", PAPER, "heavyball 3.2.1, SUDSAdamW in double precision", _suds_adamw,
        (
            {},
            {"beta1": 0.8, "beta2": 0.95, "oja": 1e17, "eps": 5e-10, "weight_decay": 0.2},
        ),
        gradient_scale=1e-9,  # so that the least length of the first gradient has a say
    ),
)  # fmt: skip
