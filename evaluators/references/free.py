"""References of orthogonal rules, of rules that find their rate, and of averages of iterates."""

from __future__ import annotations

import math
from functools import partial
from typing import Any
from unittest.mock import patch

from .reference import COLLECTION, OPTAX, Reference, Settings, betas, each

_ROUTED = (
    {},
    {"beta1": 0.8, "beta2": 0.9, "eps": 1e-2, "weight_decay": 0.2, "adam_scale": 0.3,
     "adamw_beta1": 0.7, "adamw_beta2": 0.95, "adamw_eps": 100.0},
)  # fmt: skip
_SCHEDULE_FREE = (
    {},
    {"beta1": 0.7, "beta2": 0.95, "eps": 1e-2, "weight_decay": 0.2},
)


def using(optimizer: Any, where: Any, **functions: Any) -> Any:
    """Has an optimizer's steps use other functions than those of the module that holds it."""
    step = optimizer.step

    def replaced(closure: Any = None) -> None:
        with patch.multiple(where, **functions):
            step(closure)

    optimizer.step = replaced
    return optimizer


def _in_double(optimizer: Any, where: Any) -> Any:
    """Has an optimizer iterate in double precision where the library narrows to bfloat16."""
    iterate = where.zero_power_via_newton_schulz_5
    double = partial(iterate, dtype=where.torch.float64)
    return using(optimizer, where, zero_power_via_newton_schulz_5=double)


def _routed(
    rule: Any, where: Any, parameters: Any, h: Settings, **muon: Any
) -> list[tuple[Any, float]]:
    """The rule on matrices and convolutions, its AdamW on vectors and single numbers."""
    decay = {"weight_decay": h.get("weight_decay", 0.0)}
    adamw = {
        "betas": (h.get("adamw_beta1", 0.9), h.get("adamw_beta2", 0.999)),
        "eps": h.get("adamw_eps", 1e-8),
    }
    matrices = {"params": [p for p in parameters if p.ndim >= 2], "use_muon": True}
    vectors = {"params": [p for p in parameters if p.ndim < 2], "use_muon": False}
    first = rule([matrices | muon | decay], foreach=False)
    second = rule([vectors | adamw | decay], foreach=False)
    return [(_in_double(first, where), 1.0), (second, h.get("adam_scale", 0.1))]


def _adamuon(po: Any, parameters: Any, h: Settings) -> Any:
    moments = h.get("beta1", 0.9), h.get("beta2", 0.95)
    where = po.optimizer.muon.adamuon
    return _routed(po.AdaMuon, where, parameters, h, betas=moments, eps=h.get("eps", 1e-10))


def _normuon(po: Any, parameters: Any, h: Settings) -> Any:
    return _routed(
        po.NorMuon, po.optimizer.muon.normuon, parameters, h,
        momentum=h.get("beta1", 0.95), beta2=h.get("beta2", 0.95), eps=h.get("eps", 1e-10),
    )  # fmt: skip


def _scion(po: Any, parameters: Any, h: Settings) -> Any:
    """Scion; the radius of a convolution makes up for the square root of its kernel's size."""
    def radius(p: Any) -> float:
        return h.get("radius", 1.0) * math.sqrt(math.prod(p.shape[2:]))

    groups = [{"params": [p], "scale": radius(p)} for p in parameters]
    decay = h.get("weight_decay", 0.0)
    scion = po.SCION(groups, 1.0, h.get("alpha", 0.1), weight_decay=decay)
    return [(_in_double(scion, po.optimizer.scion), 1.0)]


def _constrained_scion(po: Any, parameters: Any, h: Settings) -> Any:
    (pair,) = _scion(po, parameters, {**h, "weight_decay": 0.0})
    for group in pair[0].param_groups:
        group["constraint"] = True
    return [pair]


def _dadapt_sgd(po: Any, parameters: Any, h: Settings) -> Any:
    """D-adapted SGD; the library takes the norm of the first gradient in single precision."""
    def square_norm(groups: Any) -> Any:
        return sum(p.grad.square().sum() for group in groups for p in group["params"])

    sgd = po.DAdaptSGD(parameters, 1.0, h.get("beta", 0.9), h.get("first", 1e-6))
    return [(using(sgd, po.optimizer.dadapt, get_global_gradient_norm=square_norm), 1.0)]


FREE: tuple[Reference, ...] = (
    Reference(
        "adamuon", COLLECTION, "AdaMuon(lr, (beta1, beta2), weight_decay), iterating in float64",
        _adamuon, _ROUTED, out=0, gradient_scale=1000.0,
    ),
    Reference(
        "normuon", COLLECTION, "NorMuon(lr, beta1, beta2, weight_decay), iterating in float64",
        _normuon, _ROUTED, out=0, gradient_scale=1000.0,
    ),
    Reference(
        "scion", COLLECTION, "SCION(lr, alpha, scale=radius, weight_decay), iterating in float64",
        _scion, ({}, {"alpha": 0.3, "radius": 2.0, "weight_decay": 0.2}), out=0,
        gradient_scale=1000.0,
    ),
    Reference(
        "scion", COLLECTION, "SCION(lr, alpha, True, scale=radius), iterating in float64",
        _constrained_scion, ({"alpha": 0.3, "radius": 2.0, "weight_decay": 1.0},), out=0,
        gradient_scale=1000.0,
    ),
    Reference(
        "dadapt_sgd", COLLECTION, "DAdaptSGD(lr, beta, first), the first norm in float64",
        _dadapt_sgd, ({"lr": 1.0}, {"lr": 1.0, "beta": 0.6, "first": 1e-2}),
    ),
    Reference(
        "dadapt_adagrad", COLLECTION, "DAdaptAdaGrad(lr, beta, first, eps=eps)",
        each(lambda po, ps, h: po.DAdaptAdaGrad(
            ps, 1.0, h.get("beta", 0.0), h.get("first", 1e-6), eps=h.get("eps", 0.0)
        )),
        ({"lr": 40.0}, {"lr": 40.0, "beta": 0.6, "first": 1e-2, "eps": 0.3}),  # lets d grow
    ),
    Reference(
        "dadapt_lion", COLLECTION, "DAdaptLion(lr, (beta1, beta2), first, weight_decay)",
        each(lambda po, ps, h: po.DAdaptLion(
            ps, 1.0, (h.get("beta1", 0.9), h.get("beta2", 0.99)), h.get("first", 1e-6),
            h.get("weight_decay", 0.0), weight_decouple=True,
        )),
        (
            {"lr": 1.0},
            {"lr": 1.0, "beta1": 0.8, "beta2": 0.9, "first": 1e-2, "weight_decay": 0.2},
            {"lr": 40.0, "beta2": 0.9},  # lets d grow
        ),
    ),
    Reference(
        "schedule_free_sgd", OPTAX, "contrib.schedule_free_sgd(lr, b1=beta, weight_decay)",
        lambda ox, lr, h: ox.contrib.schedule_free_sgd(
            lr, b1=h.get("beta", 0.9), weight_decay=h.get("weight_decay", 0.0)
        ),
        ({}, {"beta": 0.7, "weight_decay": 0.2}),
    ),
    Reference(
        "schedule_free_sgd", COLLECTION, "ScheduleFreeSGD(lr, beta, weight_decay)",
        each(lambda po, ps, h: po.ScheduleFreeSGD(
            ps, 1.0, h.get("beta", 0.9), h.get("weight_decay", 0.0)
        )),
        ({}, {"beta": 0.7, "weight_decay": 0.2}),
    ),
    Reference(
        "schedule_free_adamw", OPTAX,
        "contrib.schedule_free_adamw(lr, None, beta1, beta2, eps, weight_decay)",
        lambda ox, lr, h: ox.contrib.schedule_free_adamw(
            lr, None, *betas(h), h.get("eps", 1e-8), h.get("weight_decay", 0.0)
        ),
        _SCHEDULE_FREE,
    ),
    Reference(
        "schedule_free_adamw", COLLECTION, "ScheduleFreeAdamW(lr, (beta1, beta2), weight_decay)",
        each(lambda po, ps, h: po.ScheduleFreeAdamW(
            ps, 1.0, betas(h), h.get("weight_decay", 0.0), eps=h.get("eps", 1e-8)
        )),
        _SCHEDULE_FREE,
    ),
    Reference(
        "schedule_free_radam", COLLECTION, "ScheduleFreeRAdam(lr, (beta1, beta2), weight_decay)",
        each(lambda po, ps, h: po.ScheduleFreeRAdam(
            ps, 1.0, betas(h), h.get("weight_decay", 0.0), eps=h.get("eps", 1e-8)
        )),
        _SCHEDULE_FREE,
    ),
    Reference(
        "ranger", COLLECTION, "Ranger(lr, (beta1, beta2), alpha, degenerated_to_sgd=True)",
        each(lambda po, ps, h: po.Ranger(
            ps, 1.0, (h.get("beta1", 0.95), h.get("beta2", 0.999)), h.get("alpha", 0.5),
            degenerated_to_sgd=True, eps=h.get("eps", 1e-5),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "alpha": 0.3}),
    ),
)  # fmt: skip
