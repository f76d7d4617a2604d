"""References of rules that look at whole parameters: layers, factors, matrices."""

from __future__ import annotations

from typing import Any

from .reference import DECAYED, OPTAX, TORCH, Reference, Settings, betas, whole

MUON = (
    {"weight_decay": 0.0, "adamw_weight_decay": 0.0},
    {"beta": 0.8, "weight_decay": 0.2, "adamw_weight_decay": 0.1, "beta1": 0.8, "beta2": 0.95,
     "eps": 1e-3, "adam_scale": 0.3},
)


def _torch_muon(torch: Any, parameters: Any, h: Settings) -> Any:
    """Muon on matrices, a convolution seen as one; AdamW on vectors and single numbers."""
    decay, scale = h.get("weight_decay", 0.01), h.get("adam_scale", 0.1)
    matrices = [p for p in parameters if p.ndim >= 2]
    rest = [p for p in parameters if p.ndim < 2]
    muon = torch.optim.Muon(
        matrices, 1.0, weight_decay=decay, momentum=h.get("beta", 0.95), eps=1e-300
    )
    adamw = torch.optim.AdamW(
        rest, 1.0, betas(h), h.get("eps", 1e-8), weight_decay=h.get("adamw_weight_decay", 0.01)
    )
    return [(muon, 1.0), (adamw, scale)]


def _muon_axes(optax: Any, params: Any) -> Any:
    """Says which parameters are matrices to optax: fan-in by the last axis."""
    def axes(p: Any) -> Any:
        ndim = getattr(p, "ndim", 0)  # a parameter of the other group is a node without arrays
        return optax.contrib.MuonDimensionNumbers(tuple(range(ndim - 1)), ndim - 1)

    return [axes(p) if getattr(p, "ndim", 0) >= 2 else None for p in params]


def _optax_muon(optax: Any, lr: Any, h: Settings) -> Any:
    return optax.contrib.muon(
        lr,
        beta=h.get("beta", 0.95),
        weight_decay=h.get("weight_decay", 0.0),
        adam_b1=h.get("beta1", 0.9),
        adam_b2=h.get("beta2", 0.999),
        muon_weight_dimension_numbers=lambda params: _muon_axes(optax, params),
    )


def _optax_plain_muon(optax: Any, lr: Any, h: Settings) -> Any:
    """Muon without bias correction, out of optax's parts."""
    beta, contrib = h.get("beta", 0.95), optax.contrib
    scale = h.get("adam_scale", 0.1)
    muon = contrib.muon(
        lr, beta=0.0, nesterov=False, weight_decay=h.get("weight_decay", 0.01),
        muon_weight_dimension_numbers=lambda params: _muon_axes(optax, params),
    )
    momentum = optax.chain(optax.scale(1 - beta), optax.trace(beta, nesterov=True))
    adamw = optax.adamw(
        lambda count: scale * lr(count), *betas(h), h.get("eps", 1e-8),
        weight_decay=h.get("adamw_weight_decay", 0.01),
    )

    def groups(params: Any) -> Any:
        return ["muon" if p.ndim >= 2 else "adamw" for p in params]

    rules = {"muon": optax.chain(momentum, muon), "adamw": adamw}
    return optax.partition(rules, groups)  # fmt: skip


SHAPED: tuple[Reference, ...] = (
    Reference(
        "lamb", OPTAX, "lamb(lr, beta1, beta2, eps, weight_decay=weight_decay)",
        lambda ox, lr, h: ox.lamb(
            lr, *betas(h), h.get("eps", 1e-6), weight_decay=h["weight_decay"]
        ),
        DECAYED,
    ),
    Reference(
        "lars", OPTAX, "lars(lr, weight_decay, trust, eps, momentum=beta)",
        lambda ox, lr, h: ox.lars(
            lr, h.get("weight_decay", 0.0), True, h.get("trust", 0.001), h.get("eps", 0.0),
            momentum=h.get("beta", 0.9),
        ),
        ({}, {"weight_decay": 0.2, "trust": 0.05, "eps": 1e-2, "beta": 0.6}),
    ),
    Reference(
        "adafactor", TORCH, "Adafactor(lr, -decay, (None, min_scale), clip_rms)",
        whole(
            lambda to, ps, h: to.Adafactor(
                ps, 1.0, -h.get("decay", 0.8), (None, h.get("min_scale", 1e-3)),
                h.get("clip_rms", 1.0), weight_decay=0.0,
            )
        ),
        ({}, {"lr": 1.0, "decay": 0.6, "min_scale": 0.9, "clip_rms": 1.2}),
    ),
    Reference(
        "muon", OPTAX, "scale(1 - beta), trace(beta, nesterov=True), contrib.muon(lr, beta=0)",
        _optax_plain_muon, MUON,
    ),
    Reference(
        "muon", TORCH, "Muon(lr, weight_decay, beta), iterating in float64; AdamW on vectors",
        _torch_muon, MUON, out=0,
        gradient_scale=1000.0,  # torch floors the norm at eps, the program adds eps to it
    ),
    Reference(
        "muon_optax", OPTAX, "contrib.muon(lr, beta=beta, weight_decay=weight_decay)",
        _optax_muon,
        ({}, {"beta": 0.8, "weight_decay": 0.2, "beta1": 0.8, "beta2": 0.95}),
    ),
    Reference(
        "fromage", OPTAX, "fromage(lr, min_norm=0)",
        lambda ox, lr, h: ox.fromage(lr, 0.0), ({}, {"lr": 0.5}),
    ),
    Reference(
        "novograd", OPTAX, "novograd(lr, beta1, beta2, eps, weight_decay=weight_decay)",
        lambda ox, lr, h: ox.novograd(
            lr, h.get("beta1", 0.9), h.get("beta2", 0.25), h.get("eps", 1e-6),
            weight_decay=h.get("weight_decay", 0.0),
        ),
        ({}, {"beta1": 0.8, "beta2": 0.5, "eps": 1e-2, "weight_decay": 0.2}),
    ),
)  # fmt: skip
