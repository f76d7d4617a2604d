"""The implementations in other libraries that the programs of the zoo are compared with.

Where libraries disagree (nadam, amsgrad, adagrad, rmsprop, muon) each form is a program of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

OPTAX, TORCH = "optax", "torch"
Settings = Mapping[str, float]


@dataclass(frozen=True)
class Reference:
    """One implementation of a program.

    make: for optax `make(optax, schedule, settings)`, a transformation; for torch
    `make(torch, parameters, settings)`, pairs of an optimizer and its share of the learning rate.
    settings: hyperparameters by the program's names; "lr", if there, is the first learning rate.
    out: the output axis, first in torch and last in optax. gradient_scale: how many times as large
    as usual the gradients are.
    """

    program: str
    library: str
    call: str
    make: Callable[[Any, Any, Settings], Any]
    settings: tuple[Settings, ...] = ({},)
    out: int = -1
    gradient_scale: float = 1.0


ADAM = ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3})
DECAYED = (
    {"weight_decay": 0.0},
    {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.2},
)
MUON = (
    {"weight_decay": 0.0, "adamw_weight_decay": 0.0},
    {"beta": 0.8, "weight_decay": 0.2, "adamw_weight_decay": 0.1, "beta1": 0.8, "beta2": 0.95,
     "eps": 1e-3, "adam_scale": 0.3},
)
MOMENTUM = ({}, {"beta": 0.6})


def _betas(h: Settings) -> tuple[float, float]:
    return h.get("beta1", 0.9), h.get("beta2", 0.999)


def _whole(make: Callable[[Any, Any, Settings], Any]) -> Callable[[Any, Any, Settings], Any]:
    """Makes the pairs for a torch optimizer that takes all parameters."""
    return lambda torch, ps, h: [(make(torch.optim, ps, h), 1.0)]


def _torch_muon(torch: Any, parameters: Any, h: Settings) -> Any:
    """Muon on matrices, a convolution seen as one; AdamW on vectors and single numbers."""
    decay, scale = h.get("weight_decay", 0.01), h.get("adam_scale", 0.1)
    matrices = [p for p in parameters if p.ndim >= 2]
    rest = [p for p in parameters if p.ndim < 2]
    muon = torch.optim.Muon(
        matrices, 1.0, weight_decay=decay, momentum=h.get("beta", 0.95), eps=1e-300
    )
    adamw = torch.optim.AdamW(
        rest, 1.0, _betas(h), h.get("eps", 1e-8), weight_decay=h.get("adamw_weight_decay", 0.01)
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
        lambda count: scale * lr(count), *_betas(h), h.get("eps", 1e-8),
        weight_decay=h.get("adamw_weight_decay", 0.01),
    )

    def groups(params: Any) -> Any:
        return ["muon" if p.ndim >= 2 else "adamw" for p in params]

    rules = {"muon": optax.chain(momentum, muon), "adamw": adamw}
    return optax.partition(rules, groups)  # fmt: skip


def _stage(optax: Any, transform: Any) -> Any:
    """A transformation of gradients as a rule: what it gives is taken off the parameters."""
    return optax.chain(transform, optax.scale(-1.0))


REFERENCES: tuple[Reference, ...] = (
    Reference("sgd", OPTAX, "sgd(lr)", lambda ox, lr, h: ox.sgd(lr)),
    Reference("sgd", TORCH, "SGD(lr)", _whole(lambda to, ps, h: to.SGD(ps, 1.0))),
    Reference(
        "momentum_sgd", OPTAX, "sgd(lr, beta)",
        lambda ox, lr, h: ox.sgd(lr, h.get("beta", 0.9)), MOMENTUM,
    ),
    Reference(
        "momentum_sgd", TORCH, "SGD(lr, beta)",
        _whole(lambda to, ps, h: to.SGD(ps, 1.0, h.get("beta", 0.9))), MOMENTUM,
    ),
    Reference(
        "nesterov_sgd", OPTAX, "sgd(lr, beta, nesterov=True)",
        lambda ox, lr, h: ox.sgd(lr, h.get("beta", 0.9), nesterov=True), MOMENTUM,
    ),
    Reference(
        "nesterov_sgd", TORCH, "SGD(lr, beta, nesterov=True)",
        _whole(lambda to, ps, h: to.SGD(ps, 1.0, h.get("beta", 0.9), nesterov=True)), MOMENTUM,
    ),
    Reference(
        "adagrad", TORCH, "Adagrad(lr, eps=eps)",
        _whole(lambda to, ps, h: to.Adagrad(ps, 1.0, eps=h.get("eps", 1e-10))),
        ({}, {"eps": 1e-2}),
    ),
    Reference(
        "adagrad_optax", OPTAX, "adagrad(lr, start, eps)",
        lambda ox, lr, h: ox.adagrad(lr, h.get("start", 0.1), h.get("eps", 1e-7)),
        ({}, {"start": 0.5, "eps": 1e-2}),
    ),
    Reference(
        "rmsprop", TORCH, "RMSprop(lr, alpha=beta, eps=eps)",
        _whole(lambda to, ps, h: to.RMSprop(ps, 1.0, h.get("beta", 0.99), h.get("eps", 1e-8))),
        ({}, {"beta": 0.8, "eps": 1e-2}),
    ),
    Reference(
        "rmsprop", OPTAX, "rmsprop(lr, beta, eps, eps_in_sqrt=False)",
        lambda ox, lr, h: ox.rmsprop(
            lr, h.get("beta", 0.99), h.get("eps", 1e-8), eps_in_sqrt=False
        ),
        ({}, {"beta": 0.8, "eps": 1e-2}),
    ),
    Reference(
        "rmsprop_optax", OPTAX, "rmsprop(lr, beta, eps)",
        lambda ox, lr, h: ox.rmsprop(lr, h.get("beta", 0.9), h.get("eps", 1e-8)),
        ({}, {"beta": 0.8, "eps": 1e-2}),
    ),
    Reference(
        "adam", OPTAX, "adam(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.adam(lr, *_betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "adam", TORCH, "Adam(lr, (beta1, beta2), eps)",
        _whole(lambda to, ps, h: to.Adam(ps, 1.0, _betas(h), h.get("eps", 1e-8))), ADAM,
    ),
    Reference(
        "adamw", OPTAX, "adamw(lr, beta1, beta2, eps, weight_decay=weight_decay)",
        lambda ox, lr, h: ox.adamw(
            lr, *_betas(h), h.get("eps", 1e-8), weight_decay=h["weight_decay"]
        ),
        DECAYED,
    ),
    Reference(
        "adamw", TORCH, "AdamW(lr, (beta1, beta2), eps, weight_decay)",
        _whole(
            lambda to, ps, h: to.AdamW(ps, 1.0, _betas(h), h.get("eps", 1e-8), h["weight_decay"])
        ),
        DECAYED,
    ),
    Reference(
        "nadam", TORCH, "NAdam(lr, (beta1, beta2), eps, momentum_decay=momentum_decay)",
        _whole(
            lambda to, ps, h: to.NAdam(
                ps, 1.0, _betas(h), h.get("eps", 1e-8),
                momentum_decay=h.get("momentum_decay", 0.004),
            )
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "momentum_decay": 0.1}),
    ),
    Reference(
        "nadam_optax", OPTAX, "nadam(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.nadam(lr, *_betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "amsgrad", TORCH, "Adam(lr, (beta1, beta2), eps, amsgrad=True)",
        _whole(
            lambda to, ps, h: to.Adam(ps, 1.0, _betas(h), h.get("eps", 1e-8), amsgrad=True)
        ),
        ADAM,
    ),
    Reference(
        "amsgrad_optax", OPTAX, "amsgrad(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.amsgrad(lr, *_betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "lion", OPTAX, "lion(lr, beta1, beta2, weight_decay=weight_decay)",
        lambda ox, lr, h: ox.lion(
            lr, h.get("beta1", 0.9), h.get("beta2", 0.99), weight_decay=h["weight_decay"]
        ),
        ({"weight_decay": 0.0}, {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2}),
    ),
    Reference(
        "signum", OPTAX, "signum(lr, beta)",
        lambda ox, lr, h: ox.signum(lr, h.get("beta", 0.9)), MOMENTUM,
    ),
    Reference(
        "lamb", OPTAX, "lamb(lr, beta1, beta2, eps, weight_decay=weight_decay)",
        lambda ox, lr, h: ox.lamb(
            lr, *_betas(h), h.get("eps", 1e-6), weight_decay=h["weight_decay"]
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
        _whole(
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
        "optimistic_gd", OPTAX, "optimistic_gradient_descent(lr, alpha, beta)",
        lambda ox, lr, h: ox.optimistic_gradient_descent(
            lr, h.get("alpha", 1.0), h.get("beta", 1.0)
        ),
        ({}, {"alpha": 0.7, "beta": 0.4}),
    ),
    Reference(
        "adadelta", TORCH, "Adadelta(lr, rho, eps)",
        _whole(lambda to, ps, h: to.Adadelta(ps, 1.0, h.get("rho", 0.9), h.get("eps", 1e-6))),
        ({"lr": 1.0}, {"lr": 1.0, "rho": 0.7, "eps": 1e-2}),
    ),
    Reference(
        "adadelta", OPTAX, "adadelta(lr, rho, eps)",
        lambda ox, lr, h: ox.adadelta(lr, h.get("rho", 0.9), h.get("eps", 1e-6)),
        ({"lr": 1.0}, {"lr": 1.0, "rho": 0.7, "eps": 1e-2}),
    ),
    Reference(
        "adamax", TORCH, "Adamax(lr, (beta1, beta2), eps)",
        _whole(lambda to, ps, h: to.Adamax(ps, 1.0, _betas(h), h.get("eps", 1e-8))), ADAM,
    ),
    Reference(
        "adamax", OPTAX, "adamax(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.adamax(lr, *_betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "adamaxw", OPTAX, "adamaxw(lr, beta1, beta2, eps, weight_decay)",
        lambda ox, lr, h: ox.adamaxw(lr, *_betas(h), h.get("eps", 1e-8), h["weight_decay"]),
        DECAYED,
    ),
    Reference(
        "radam", TORCH, "RAdam(lr, (beta1, beta2), eps)",
        _whole(lambda to, ps, h: to.RAdam(ps, 1.0, _betas(h), h.get("eps", 1e-8))), ADAM,
    ),
    Reference(
        "radam_optax", OPTAX, "radam(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.radam(lr, *_betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "adabelief", OPTAX, "adabelief(lr, beta1, beta2, eps, eps_root)",
        lambda ox, lr, h: ox.adabelief(
            lr, *_betas(h), h.get("eps", 1e-16), h.get("eps_root", 1e-16)
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "eps_root": 1e-3}),
    ),
    Reference(
        "yogi", OPTAX, "yogi(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.yogi(lr, *_betas(h), h.get("eps", 1e-3)),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2}),
    ),
    Reference(
        "adan_optax", OPTAX, "adan(lr, beta1, beta2, beta3, eps, 0, weight_decay)",
        lambda ox, lr, h: ox.adan(
            lr, h.get("beta1", 0.98), h.get("beta2", 0.92), h.get("beta3", 0.99),
            h.get("eps", 1e-8), 0.0, h.get("weight_decay", 0.0),
        ),
        ({}, {"beta1": 0.8, "beta2": 0.7, "beta3": 0.9, "eps": 1e-3, "weight_decay": 0.2}),
    ),
    Reference(
        "acprop", OPTAX, "contrib.acprop(lr, beta1, beta2, eps, eps_root)",
        lambda ox, lr, h: ox.contrib.acprop(
            lr, *_betas(h), h.get("eps", 1e-16), h.get("eps_root", 1e-16)
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "eps_root": 1e-3}),
    ),
    Reference(
        "ademamix", OPTAX, "contrib.ademamix(lr, beta1, beta2, beta3, alpha, eps)",
        lambda ox, lr, h: ox.contrib.ademamix(
            lr, *_betas(h), h.get("beta3", 0.9999), h.get("alpha", 5.0), h.get("eps", 1e-8),
            weight_decay=h.get("weight_decay", 0.0),
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "beta3": 0.99, "alpha": 3.0, "eps": 1e-3,
              "weight_decay": 0.2}),
    ),
    Reference(
        "simplified_ademamix", OPTAX, "contrib.simplified_ademamix(lr, beta1, beta2, alpha, eps)",
        lambda ox, lr, h: ox.contrib.simplified_ademamix(
            lr, h.get("beta1", 0.99), h.get("beta2", 0.95), h.get("alpha", 0.0),
            h.get("eps", 1e-8), weight_decay=h.get("weight_decay", 0.0),
        ),
        ({}, {"beta1": 0.8, "beta2": 0.9, "alpha": 3.0, "eps": 1e-3, "weight_decay": 0.2}),
    ),
    Reference(
        "adopt", OPTAX, "contrib.adopt(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.contrib.adopt(
            lr, h.get("beta1", 0.9), h.get("beta2", 0.9999), h.get("eps", 1e-6)
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 0.5}),
    ),
    Reference("sign_sgd", OPTAX, "sign_sgd(lr)", lambda ox, lr, h: ox.sign_sgd(lr)),
    Reference(
        "rprop", TORCH, "Rprop(lr, (down, up), (least, most))",
        _whole(
            lambda to, ps, h: to.Rprop(
                ps, 1.0, (h.get("down", 0.5), h.get("up", 1.2)),
                (h.get("least", 1e-6), h.get("most", 50.0)),
            )
        ),
        ({}, {"down": 0.3, "up": 1.5, "least": 0.02, "most": 0.08}),
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
    Reference(
        "dog", OPTAX, "contrib.dog(lr, ('heuristic', first), eps)",
        lambda ox, lr, h: ox.contrib.dog(
            lr, ("heuristic", h.get("first", 1e-6)), h.get("eps", 1e-8)
        ),
        ({"lr": 1.0}, {"lr": 1.0, "first": 1e-2, "eps": 1.0}),
    ),
    Reference(
        "dowg", OPTAX, "contrib.dowg(lr, eps=eps)",
        lambda ox, lr, h: ox.contrib.dowg(lr, eps=h.get("eps", 1e-4)),
        ({"lr": 1.0}, {"lr": 1.0, "eps": 1e-2}),
    ),
    Reference(
        "cocob", OPTAX, "contrib.cocob(lr, alpha, eps)",
        lambda ox, lr, h: ox.contrib.cocob(lr, h.get("alpha", 100.0), h.get("eps", 1e-8)),
        ({"lr": 1.0}, {"lr": 1.0, "alpha": 10.0, "eps": 1e-2}),
    ),
    Reference(
        "prodigy", OPTAX, "contrib.prodigy(lr, (beta1, beta2), eps=eps)",
        lambda ox, lr, h: ox.contrib.prodigy(
            lr, _betas(h), None, h.get("eps", 1e-8), h.get("first", 1e-6), h.get("growth", 1.0),
            h.get("weight_decay", 0.0),
        ),
        ({"lr": 1.0}, {"lr": 1.0, "beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "first": 1e-3,
                       "growth": 2.0, "weight_decay": 0.2}),
    ),
    Reference(
        "dadapt_adam", OPTAX, "contrib.dadapt_adamw(lr, (beta1, beta2), eps, first)",
        lambda ox, lr, h: ox.contrib.dadapt_adamw(
            lr, _betas(h), h.get("eps", 1e-8), h.get("first", 1e-6), h.get("weight_decay", 0.0)
        ),
        ({"lr": 1.0}, {"lr": 1.0, "beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "first": 1e-3,
                       "weight_decay": 0.2}),
    ),
    Reference(
        "clip_by_value", OPTAX, "clip(bound)",
        lambda ox, lr, h: _stage(ox, ox.clip(h.get("bound", 1.0))), ({}, {"bound": 0.3}),
    ),
    Reference(
        "clip_by_global_norm", OPTAX, "clip_by_global_norm(bound)",
        lambda ox, lr, h: _stage(ox, ox.clip_by_global_norm(h.get("bound", 1.0))),
        ({}, {"bound": 30.0}),
    ),
    Reference(
        "clip_by_block_rms", OPTAX, "clip_by_block_rms(bound)",
        lambda ox, lr, h: _stage(ox, ox.clip_by_block_rms(h.get("bound", 1.0))),
        ({}, {"bound": 1.1}),
    ),
    Reference(
        "normalize_by_update_norm", OPTAX, "normalize_by_update_norm(scale, eps)",
        lambda ox, lr, h: _stage(
            ox, ox.normalize_by_update_norm(h.get("scale", 1.0), h.get("eps", 1e-6))
        ),
        ({}, {"scale": 3.0, "eps": 2.0}),
    ),
    Reference(
        "gradient_centralization", OPTAX, "centralize()",
        lambda ox, lr, h: _stage(ox, ox.centralize()),
    ),
    Reference(
        "trust_ratio", OPTAX, "scale_by_trust_ratio()",
        lambda ox, lr, h: _stage(ox, ox.scale_by_trust_ratio()),
    ),
)  # fmt: skip
