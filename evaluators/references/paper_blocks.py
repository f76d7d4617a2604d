"""References of rules for blocks of a parameter, or for the subspace that its gradients span."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from types import SimpleNamespace
from typing import Any

from .free import using
from .reference import COLLECTION, PAPER, Arrays, Reference, Settings, Step, betas

_NAMES = ("embed", "norm", "q_proj", "conv", "gain")
_ROLES = ("embedding", "norm", "query", "", "")


class _Wider:
    """The torch module, where single precision is double."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch

    def __getattr__(self, name: str) -> Any:
        return getattr(self.torch, "float64" if name == "float32" else name)


def _adam_mini(po: Any, ps: Any, h: Settings) -> Any:
    """Its queries are as many as the heads; the width is that of the square matrix."""
    import torch

    named = [(f"{name}.weight", p) for name, p in zip(_NAMES, ps, strict=True)]
    model = SimpleNamespace(named_parameters=lambda: named)
    made = po.AdamMini(
        model, 1.0, betas(h), h.get("weight_decay", 0.1), num_embeds=4,
        num_heads=int(h.get("heads", 4)), eps=h.get("eps", 1e-8),
    )  # fmt: skip
    return [(using(made, po.optimizer.adam_mini, torch=_Wider(torch)), 1.0)]


def _wide(x: Any) -> Any:
    """The matrix of a parameter, last axis apart, with its shorter side first."""
    y = x.reshape(-1, x.shape[-1])
    return y.T if len(y) >= y.shape[1] else y


def _unwide(y: Any, x: Any) -> Any:
    rows = x.reshape(-1, x.shape[-1])
    return (y.T if len(rows) >= rows.shape[1] else y).reshape(x.shape)


class _Alice:
    """Alice on one parameter, its gradient wide."""

    def __init__(self, np: Any, shape: tuple[int, int], h: Settings) -> None:
        (m, n), self.np, self.h = shape, np, h
        self.rank = min(int(h.get("rank", 256)), m)
        self.leading = min(int(h.get("leading", 40)), self.rank)
        self.u = np.zeros((m, self.rank))
        self.q = np.zeros((self.rank, self.rank))
        self.m, self.v = np.zeros((self.rank, n)), np.zeros((self.rank, n))
        self.p, self.phi = np.zeros(n), 0.0

    def refresh(self, g: Any, lots: Any) -> None:
        """The leading directions, and others of the rest by lot: the largest come first."""
        np, beta3, r = self.np, self.h.get("beta3", 0.999), self.rank
        a = beta3 * self.u @ self.q @ self.u.T + (1 - beta3) * g @ g.T
        y = np.linalg.qr(a @ self.u)[0]
        w = y @ np.linalg.eigh(y.T @ a @ y)[1][:, ::-1]
        square = np.concatenate([w, np.eye(len(a))[:, r:]], axis=1)
        every = np.concatenate([w, np.linalg.qr(square)[0][:, r:]], axis=1)
        wanted = r - self.leading
        first = r if len(a) - r >= wanted else self.leading
        drawn = sorted(range(first, len(a)), key=lambda j: -lots[j])[:wanted]
        self.u = every[:, [*range(self.leading), *drawn]]

    def update(self, g: Any) -> Any:
        np, h = self.np, self.h
        beta1, beta2, beta3 = h.get("beta1", 0.9), h.get("beta2", 0.9), h.get("beta3", 0.999)
        sigma = self.u.T @ g
        self.q = beta3 * self.q + (1 - beta3) * sigma @ sigma.T
        self.m = beta1 * self.m + (1 - beta1) * sigma
        self.v = beta2 * self.v + (1 - beta2) * sigma**2
        low = self.u @ (self.m / (np.sqrt(self.v) + h.get("eps", 1e-8)))
        return low + h.get("alpha_c", 0.4) * self.compensation(g, sigma, beta1)

    def compensation(self, g: Any, sigma: Any, beta1: float) -> Any:
        """What the subspace misses, each column by how much that is; it may only grow slowly."""
        np, gamma = self.np, self.h.get("gamma", 1.01)
        missed = (g**2).sum(axis=0) - (sigma**2).sum(axis=0)
        self.p = np.maximum(beta1 * self.p + (1 - beta1) * missed, 1e-8)
        c = sqrt(len(g) - self.rank) * (g - self.u @ sigma) / np.sqrt(self.p)
        length = np.sqrt((c**2).sum())
        if self.phi > 0:
            c = c * gamma / max(length / self.phi, gamma)
        self.phi = np.sqrt((c**2).sum())
        return c


def _alice(np: Any, start: Arrays, h: Settings) -> Step:
    k, alpha, decay = int(h.get("k", 200)), h.get("alpha", 0.3), h.get("weight_decay", 0.0)
    beta1, beta2, eps = h.get("beta1", 0.9), h.get("beta2", 0.9), h.get("eps", 1e-8)
    rules = [_Alice(np, _wide(x).shape, h) if x.ndim > 1 else None for x in start]
    ms, vs = [0 * x for x in start], [0 * x for x in start]

    def vector(i: int, t: int, g: Any) -> Any:
        ms[i] = beta1 * ms[i] + (1 - beta1) * g
        vs[i] = beta2 * vs[i] + (1 - beta2) * g**2
        return ms[i] / (1 - beta1**t) / (np.sqrt(vs[i] / (1 - beta2**t)) + eps)

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        new, lots = [], ask["uniform"](0)
        for i, (w, g, rule) in enumerate(zip(ws, gs, rules, strict=True)):
            if rule is None:
                u = vector(i, t, g)
            else:
                if t == 1 or t % k == 0:
                    rule.refresh(_wide(g), lots[i].reshape(-1))
                u = alpha * _unwide(rule.update(_wide(g)), w)
            new.append(w - lr * (u + decay * w))
        return new

    return step


def _subspace(np: Any, start: Arrays, h: Settings) -> Step:
    memory, scale = int(h.get("memory", 4)), h.get("scale", 0.1)
    threshold = h.get("threshold", 0.98)
    banks: list[list[Any]] = [[] for _ in start]
    spaces: list[Any] = [None for _ in start]

    def space(bank: list[Any]) -> Any:
        u, s, _ = np.linalg.svd(np.stack(bank, axis=1), full_matrices=False)
        shares = np.cumsum(s**2 / (s**2).sum())
        return u[:, : int((shares < threshold).sum()) + 1]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, ask: Mapping[str, Any]) -> Arrays:
        new = []
        for i, (w, g) in enumerate(zip(ws, gs, strict=True)):
            flat = g.reshape(-1)
            banks[i] = [*banks[i], flat][-memory:]
            if t > 1 and (t - 1) % memory == 0 and g.ndim > 1:
                spaces[i] = space(banks[i])
            u = flat
            if spaces[i] is not None:
                u = flat + scale * spaces[i] @ (spaces[i].T @ flat)
            new.append(w - u.reshape(g.shape))
        return new

    return step


PAPER_BLOCKS: tuple[Reference, ...] = (
    Reference(
        "adam_mini", COLLECTION, "AdamMini(model, lr, betas, weight_decay, num_heads=heads), in"
        " double precision", _adam_mini,
        ({"heads": 2, "beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "weight_decay": 0.3},),
        out=0, roles=_ROLES, shapes=((6, 4), (4,), (4, 4), (2, 3, 2), ()),
    ),
    Reference(
        "alice", PAPER, "Alice of pytorch_optimizer 4.1.0, the switched directions drawn by lot",
        _alice,
        (
            {"rank": 3, "leading": 1, "k": 4},
            {
                "rank": 3, "leading": 1, "k": 4, "beta1": 0.8, "beta2": 0.7, "beta3": 0.6,
                "alpha": 0.5, "alpha_c": 0.9, "gamma": 1.3, "eps": 1e-2, "weight_decay": 0.2,
            },
        ),
        shapes=((6, 7), (4,), (5, 4), (2, 5)),  # the rest is larger than what is drawn, and smaller
    ),
    Reference(
        "subspace_grad_projection", PAPER,
        "camwew/TADA-MI e6b7b9d, GradientBank_flat, by an exact decomposition",
        _subspace,
        (
            {"memory": 2, "sweeps": 1},
            {"memory": 3, "sweeps": 4, "threshold": 0.7, "scale": 0.6},
        ),
        shapes=((6, 4), (4,), (3, 2, 2)),
    ),
)  # fmt: skip
