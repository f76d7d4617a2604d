"""References of rules that keep their state in a few directions of a matrix.

Matrices are seen with their shorter side first; a matrix with equal sides by its columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from primitives import TABLE

from .reference import COLLECTION, OPTAX, PAPER, Arrays, Reference, Settings, Step, betas, each

Parts = dict[str, Any]  # the state of one parameter


def _wide(g: Any) -> Any:
    x = g.reshape(-1, g.shape[-1])
    return x.T if x.shape[0] >= x.shape[1] else x


def _back(y: Any, w: Any) -> Any:
    """Gives a wide matrix the shape of w."""
    turned = w.size >= w.shape[-1] ** 2
    return (y.T if turned else y).reshape(w.shape)


def _leading(np: Any, x: Any, h: Settings, rank: int = 128) -> Any:
    """The left singular vectors of x of the largest singular values."""
    return np.linalg.svd(x, full_matrices=False)[0][:, : int(h.get("rank", rank))]


def _drawn(np: Any, shape: tuple[int, int], t: int, place: int) -> Any:
    return TABLE["normal"].meaning(np, np.zeros(shape), stream=0, key=(0, t, place))


def _fresh(t: int, h: Settings) -> bool:
    """Whether the directions are chosen anew: at the steps 1, k + 1, 2 k + 1, ..."""
    return (t - 1) % int(h.get("k", 200)) == 0


def _normalized(np: Any, s: Parts, r: Any, h: Settings) -> Any:
    """Adam's direction before its bias is corrected, in which moments outlive their basis."""
    beta1, beta2 = betas(h)
    s["m"] = beta1 * s.get("m", 0.0) + (1 - beta1) * r
    s["v"] = beta2 * s.get("v", 0.0) + (1 - beta2) * r**2
    return s["m"] / (np.sqrt(s["v"]) + h.get("eps", 1e-6))


def _projected(rule: Callable[..., Any]) -> Callable[[Any, Arrays, Settings], Step]:
    """Adam around a direction for matrices; its weight decay comes after the step."""

    def make(np: Any, start: Arrays, h: Settings) -> Step:
        states: list[Parts] = [{} for _ in start]
        beta1, beta2 = betas(h)

        def step(t: int, lr: float, ws: Arrays, gs: Arrays, oracles: Any) -> Arrays:
            new, rate = [], lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
            for place, (s, w, g) in enumerate(zip(states, ws, gs, strict=True)):
                if w.ndim < 2:
                    u = _normalized(np, s, g, h)
                else:
                    u = _back(rule(np, s, t, place, _wide(g), h), w)
                w = w - rate * u
                new.append(w - lr * h.get("weight_decay", 0.0) * w)
            return new

        return step

    return make


def _galore(np: Any, s: Parts, t: int, place: int, x: Any, h: Settings) -> Any:
    if _fresh(t, h):
        s["p"] = _leading(np, x, h)
    return h.get("scale", 0.25) * s["p"] @ _normalized(np, s, s["p"].T @ x, h)


def _limited(np: Any, s: Parts, x: Any, h: Settings) -> Any:
    """Keeps the norm of x from growing more than gamma-fold in a step."""
    size, gamma = np.linalg.norm(x), h.get("gamma", 1.01)
    if "last" not in s:
        s["last"] = size
        return x
    limiter = max(size / (s["last"] + 1e-8), gamma) / gamma
    s["last"] = size / limiter
    return x / limiter


def _growth(np: Any, n: Any, r: Any, axis: int | None = 0) -> Any:
    """How much larger than the projected gradient Adam's direction is, column by column."""
    kept = {"axis": axis, "keepdims": True}
    return np.linalg.norm(n, **kept) / (np.linalg.norm(r, **kept) + 1e-8)


def _fira(np: Any, s: Parts, t: int, place: int, x: Any, h: Settings) -> Any:
    """The part outside of the directions is scaled as Adam scales the part in them."""
    alpha = h.get("alpha", 1.0)
    if _fresh(t, h):
        s["p"] = _leading(np, x, h)
    r = s["p"].T @ x
    n = _normalized(np, s, r, h)
    rest = (x - alpha * s["p"] @ r) * _growth(np, n, r)
    return alpha * s["p"] @ n + _limited(np, s, rest, h)


def _apollo(rank: int, scale: float, axis: int | None) -> Callable[..., Any]:
    """The whole gradient is scaled as Adam scales a random projection of it."""

    def rule(np: Any, s: Parts, t: int, place: int, x: Any, h: Settings) -> Any:
        if _fresh(t, h):
            columns = min(int(h.get("rank", rank)), x.shape[0])
            s["p"] = _drawn(np, (x.shape[0], columns), t, place) / np.sqrt(columns)
        r = s["p"].T @ x
        scaled = x * _growth(np, _normalized(np, s, r, h), r, axis)
        return np.sqrt(h.get("scale", scale)) * _limited(np, s, scaled, h)

    return rule


def _subspace_momentum(np: Any, start: Arrays, h: Settings) -> Step:
    """Momentum in the directions, SGD outside; momentum of old directions counts once more."""
    states: list[Parts] = [{"m": 0.0} for _ in start]
    beta, k, decay = h.get("beta", 0.9), int(h.get("k", 200)), h.get("weight_decay", 0.0)

    def direction(s: Parts, t: int, x: Any) -> Any:
        if t == 1 or t % k == 0:
            s["p"] = _leading(np, x, h)
        r = s["p"].T @ x
        m = beta * s["m"] + (1 - beta) * r
        s["m"] = 0.0 * m if t > 1 and t % k == 0 else m
        return s["p"] @ m + x - s["p"] @ r

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, oracles: Any) -> Arrays:
        new = []
        for s, w, g in zip(states, ws, gs, strict=True):
            if w.ndim < 2:
                u = s["m"] = beta * s["m"] + (1 - beta) * g
            else:
                u = _back(direction(s, t, _wide(g)), w)
            w = w - lr * u
            new.append(w - lr * decay * w)
        return new

    return step


def _adamw(np: Any, s: Parts, t: int, lr: float, w: Any, g: Any, h: Settings, b2: float) -> Any:
    """For what is no matrix: decay of the old parameters, eps outside of the corrected root."""
    beta1, beta2 = h.get("beta1", 0.9), h.get("beta2", b2)
    s["m"] = beta1 * s.get("m", 0.0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0.0) + (1 - beta2) * g**2
    root = np.sqrt(s["v"]) / np.sqrt(1 - beta2**t) + h.get("eps", 1e-8)
    return w - lr / (1 - beta1**t) * s["m"] / root


def _matrices(
    rule: Callable[..., Any], b2: float, decay: float
) -> Callable[[Any, Arrays, Settings], Step]:
    """A rule for matrices, fan-out by fan-in, AdamW for the rest; the decay comes first."""

    def make(np: Any, start: Arrays, h: Settings) -> Step:
        states: list[Parts] = [{} for _ in start]

        def step(t: int, lr: float, ws: Arrays, gs: Arrays, oracles: Any) -> Arrays:
            new = []
            for place, (s, w, g) in enumerate(zip(states, ws, gs, strict=True)):
                kept = w * (1 - lr * h.get("weight_decay", decay))
                if w.ndim < 2:
                    new.append(_adamw(np, s, t, lr, kept, g, h, b2))
                    continue
                u = rule(np, s, t, place, g.reshape(-1, g.shape[-1]).T, h)
                new.append(kept - lr * u.T.reshape(w.shape))
            return new

        return step

    return make


def _dion(np: Any, s: Parts, t: int, place: int, g: Any, h: Settings) -> Any:
    """One step of power iteration; what it leaves of the momentum stays there in full."""
    fan_out, fan_in = g.shape
    if t == 1:
        rank = min(int(h.get("rank", 768)), fan_out, fan_in)
        s["q"], s["momentum"] = _drawn(np, (fan_in, rank), t, place), np.zeros_like(g)
    b = s["momentum"] + g
    p = np.linalg.qr(b @ s["q"])[0]
    r = b.T @ p
    s["momentum"] = b - (1 - h.get("beta", 0.95)) * p @ r.T
    s["q"] = r / (np.linalg.norm(r, axis=0, keepdims=True) + h.get("eps", 1e-8))
    return np.sqrt(fan_out / fan_in) * p @ s["q"].T


def _quintic(np: Any, x: Any) -> Any:
    """Five steps of Muon's iteration."""
    y = x / (np.linalg.norm(x) + 1e-7)
    y = y.T if x.shape[0] > x.shape[1] else y
    for _ in range(5):
        a = y @ y.T
        b = a @ y
        y = 3.4445 * y - 4.7750 * b + 2.0315 * a @ b
    return y.T if x.shape[0] > x.shape[1] else y


def _cosmos(np: Any, s: Parts, t: int, place: int, g: Any, h: Settings) -> Any:
    """SOAP on the leading directions of g^T g, Muon on the rest of the momentum."""
    beta1, beta2 = betas(h)
    eps, scale = h.get("eps", 1e-8), np.sqrt(g.size)
    s["m"] = beta1 * s.get("m", 0.0) + g
    if t == 1:
        s["p"] = np.linalg.svd(g.T @ g)[0][:, : min(int(h.get("rank", 64)), *g.shape)]
        s["gg"] = (1 - beta2) * s["p"].T @ g.T @ g @ s["p"]
    else:
        old = s["p"]
        power = beta2 * old @ s["gg"] + (1 - beta2) * g.T @ (g @ old)
        s["p"] = np.linalg.qr(power)[0]
        turn = old.T @ s["p"]
        low = g @ s["p"]
        s["gg"] = beta2 * turn.T @ s["gg"] @ turn + (1 - beta2) * low.T @ low
    s["v"] = beta2 * s.get("v", 0.0) + (1 - beta2) * (g @ s["p"]) ** 2
    ahead = (g + beta1 * s["m"]) / (1 + beta1 * (1 - beta1**t) / (1 - beta1))
    low = ahead @ s["p"]
    soap = low / (np.sqrt(s["v"]) / np.sqrt(1 - beta2**t) + eps) @ s["p"].T
    muon = _quintic(np, ahead - low @ s["p"].T)
    u = soap + scale * h.get("gamma", 0.2) * muon / (np.linalg.norm(muon) + eps)
    return scale * h.get("lr_ratio", 0.1) * u / (np.linalg.norm(u) + eps)


_CODE = "authors' code of "
_ADAM = {"beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.2}
_TURNING = {**_ADAM, "rank": 2, "k": 5}
_OTHER = {"rank": 1, "k": 7}

PAPER_LOW_RANK: tuple[Reference, ...] = (
    Reference(
        "galore", PAPER, _CODE + "Zhao et al., 2024", _projected(_galore),
        ({}, _OTHER, {**_TURNING, "scale": 0.7}),
    ),
    Reference(
        "galore_optax", OPTAX,
        "contrib.galore(lr, rank, k, scale, scale_by_adam(beta1, beta2, eps), weight_decay)",
        lambda ox, lr, h: ox.contrib.galore(
            lr, int(h.get("rank", 128)), int(h.get("k", 200)), h.get("scale", 1.0),
            ox.scale_by_adam(*betas(h), h.get("eps", 1e-8)), h.get("weight_decay", 0.0),
        ),
        ({}, {**_TURNING, "scale": 0.7}), narrow="the singular vectors",
    ),
    Reference(
        "fira", PAPER, _CODE + "Chen et al., 2024", _projected(_fira),
        ({"rank": 2}, _OTHER, {**_TURNING, "alpha": 0.6, "gamma": 1.2}),
    ),
    Reference(
        "apollo", PAPER, _CODE + "Zhu et al., 2024", _projected(_apollo(256, 1.0, 0)),
        ({}, {"rank": 3, "k": 7, "scale": 1.7}, {**_TURNING, "scale": 0.6, "gamma": 1.2}),
    ),
    Reference(
        "apollo_mini", PAPER, _CODE + "Zhu et al., 2024, tensor-wise",
        _projected(_apollo(1, 128.0, None)),
        ({}, {"k": 7}, {**_TURNING, "scale": 0.6, "gamma": 1.2}),
    ),
    Reference(
        "sara", COLLECTION,
        "SaRA(lr, (beta1, beta2), threshold, k, 0, weight_decay, eps=eps)",
        each(lambda po, ps, h: po.SaRA(
            ps, 1.0, betas(h), h.get("threshold", 1e-3), int(h.get("k", -1)), 0.0,
            h.get("weight_decay", 0.01), eps=h.get("eps", 1e-8),
        )),
        ({"threshold": 0.7}, {**_ADAM, "threshold": 1.1, "k": 7}),
    ),
    Reference(
        "sgd_subspace_momentum", PAPER, _CODE + "Nguyen & Nguyen, 2024", _subspace_momentum,
        ({"rank": 2}, {"rank": 2, "k": 5, "beta": 0.6, "weight_decay": 0.2}),
    ),
    Reference(
        "dion", PAPER, _CODE + "Ahn et al., 2025", _matrices(_dion, 0.95, 0.01),
        ({}, {"rank": 2}, {**_ADAM, "rank": 2, "beta": 0.7, "beta2": 0.9}),
    ),
    Reference(
        "cosmos", PAPER, _CODE + "Liu et al., 2025", _matrices(_cosmos, 0.999, 0.0),
        ({"rank": 2}, {**_ADAM, "rank": 1, "gamma": 0.5, "lr_ratio": 0.4}),
    ),
)  # fmt: skip
