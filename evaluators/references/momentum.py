"""References of rules with momentum, and of those that reduce the noise of the gradient."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

from .reference import COLLECTION, Reference, Settings, betas, each


def _eps_last(optimizer: Any, eps: float, beta2: float) -> Any:
    """Adds eps after the bias correction, as the authors do; the collection adds it before.

    Nor is 1e-15 added to the second moment, as the collection does.
    """
    optimizer.apply_ams_bound = partial(optimizer.apply_ams_bound, exp_avg_sq_eps=0.0)
    steps = itertools.count(1)

    def before_step(optimizer: Any, args: Any, kwargs: Any) -> None:
        del args, kwargs
        corrected = eps * (1 - beta2 ** next(steps)) ** 0.5
        for group in optimizer.param_groups:
            group["eps"] = corrected

    optimizer.register_step_pre_hook(before_step)
    return optimizer


def _adapnm(po: Any, ps: Any, h: Settings) -> Any:
    beta1, beta2 = betas(h)
    made = po.AdaPNM(
        ps, 1.0, (beta1, beta2, h.get("beta0", 1.0)), h.get("weight_decay", 0.0), foreach=False
    )
    return _eps_last(made, h.get("eps", 1e-8), beta2)


def _adamp(po: Any, ps: Any, h: Settings) -> Any:
    beta1, beta2 = betas(h)
    made = po.AdamP(
        ps, 1.0, (beta1, beta2), h.get("weight_decay", 0.0), delta=h.get("delta", 0.1),
        wd_ratio=h.get("wd_ratio", 0.1),
    )
    return _eps_last(made, h["eps"], beta2)


def _mars(po: Any, ps: Any, h: Settings) -> Any:
    """MARS on matrices and its AdamW on the rest, which corrects by another beta2."""
    first = h.get("beta1", 0.95), h.get("beta2", 0.99)
    other = h.get("beta1_1d", 0.9), h.get("beta2_1d", 0.95)

    def made(parameters: Any, beta2: float) -> Any:
        mars = po.MARS(
            parameters, 1.0, first, h.get("gamma", 0.025), lr_1d=1.0, betas_1d=other,
            weight_decay=h.get("weight_decay", 0.0),
            weight_decay_1d=h.get("weight_decay_1d", 0.1), foreach=False,
        )
        return _eps_last(mars, h.get("eps", 1e-8), beta2), 1.0

    matrices, rest = [p for p in ps if p.ndim >= 2], [p for p in ps if p.ndim < 2]
    return [made(matrices, first[1]), made(rest, other[1])]


MOMENTA: tuple[Reference, ...] = (
    Reference(
        "sgdw", COLLECTION, "SGDW(lr, beta, weight_decay)",
        each(lambda po, ps, h: po.SGDW(ps, 1.0, h.get("beta", 0.9), h.get("weight_decay", 0.01))),
        ({}, {"beta": 0.6, "weight_decay": 0.2}),
    ),
    Reference(
        "qhm", COLLECTION, "QHM(lr, beta, nu)",
        each(lambda po, ps, h: po.QHM(ps, 1.0, h.get("beta", 0.999), h.get("nu", 0.7))),
        ({}, {"beta": 0.8, "nu": 0.4}),
    ),
    Reference(
        "aggmo", COLLECTION, "AggMo(lr, (beta1, beta2, beta3))",
        each(lambda po, ps, h: po.AggMo(
            ps, 1.0, (h.get("beta1", 0.0), h.get("beta2", 0.9), h.get("beta3", 0.99))
        )),
        ({}, {"beta1": 0.3, "beta2": 0.7, "beta3": 0.95}),
    ),
    Reference(
        "pid", COLLECTION, "PID(lr, beta, derivative=derivative, integral=integral)",
        each(lambda po, ps, h: po.PID(
            ps, 1.0, h.get("beta", 0.9), derivative=h.get("derivative", 10.0),
            integral=h.get("integral", 5.0),
        )),
        ({}, {"beta": 0.6, "derivative": 3.0, "integral": 0.7}),
    ),
    Reference(
        "accsgd", COLLECTION, "AccSGD(lr, kappa, xi, constant)",
        each(lambda po, ps, h: po.AccSGD(
            ps, 1.0, h.get("kappa", 1000.0), h.get("xi", 10.0), h.get("constant", 0.7)
        )),
        ({}, {"kappa": 30.0, "xi": 4.0, "constant": 0.5}),
    ),
    Reference(
        "sgd_sai", COLLECTION, "SGDSaI(lr, beta, weight_decay, eps=eps)",
        each(lambda po, ps, h: po.SGDSaI(
            ps, 1.0, h.get("beta", 0.9), h.get("weight_decay", 0.01), eps=h.get("eps", 1e-8)
        )),
        ({}, {"beta": 0.6, "weight_decay": 0.2, "eps": 0.5}),
    ),
    Reference(
        "sgdp", COLLECTION, "SGDP(lr, beta, 0, weight_decay, delta=delta, wd_ratio=wd_ratio)",
        each(lambda po, ps, h: po.SGDP(
            ps, 1.0, h.get("beta", 0.9), weight_decay=h.get("weight_decay", 0.0),
            delta=h.get("delta", 0.1), wd_ratio=h.get("wd_ratio", 0.1), eps=0.0,
        )),
        ({}, {"beta": 0.6, "delta": 1.5, "wd_ratio": 0.3, "weight_decay": 0.2}),
    ),
    Reference(
        "adamp", COLLECTION, "AdamP(lr, (beta1, beta2), weight_decay, delta, wd_ratio), eps last",
        each(_adamp),
        # The collection has its eps in the projection too, so that one of the two is left out.
        ({"eps": 0.0}, {"eps": 0.0, "beta1": 0.8, "beta2": 0.95, "delta": 1.5, "wd_ratio": 0.3,
                        "weight_decay": 0.2},
         {"eps": 1e-3, "beta1": 0.8, "beta2": 0.95, "delta": 0.0, "weight_decay": 0.2}),
    ),
    Reference(
        "pnm", COLLECTION, "PNM(lr, (beta, beta0))",
        each(lambda po, ps, h: po.PNM(ps, 1.0, (h.get("beta", 0.9), h.get("beta0", 1.0)))),
        ({}, {"beta": 0.6, "beta0": 0.4}),
    ),
    Reference(
        "adapnm", COLLECTION, "AdaPNM(lr, (beta1, beta2, beta0), weight_decay), eps last",
        each(_adapnm),
        ({}, {"beta1": 0.8, "beta2": 0.95, "beta0": 0.4, "eps": 1e-3, "weight_decay": 0.2}),
    ),
    Reference(
        "mars_adamw", COLLECTION, "MARS(lr, (beta1, beta2), gamma, weight_decay), eps last",
        _mars,
        ({}, {"beta1": 0.8, "beta2": 0.9, "gamma": 0.3, "eps": 1e-2, "weight_decay": 0.2,
              "beta1_1d": 0.7, "beta2_1d": 0.8, "weight_decay_1d": 0.3}),
    ),
    Reference(
        "vsgd", COLLECTION, "VSGD(lr, ratio, prior, tau1, tau2, eps=eps)",
        each(lambda po, ps, h: po.VSGD(
            ps, 1.0, h.get("ratio", 30.0), h.get("prior", 1e-8), h.get("tau1", 0.81),
            h.get("tau2", 0.9), eps=h.get("eps", 1e-8),
        )),
        ({}, {"ratio": 3.0, "prior": 0.2, "tau1": 0.6, "tau2": 0.7, "eps": 1e-2}),
    ),
)  # fmt: skip
