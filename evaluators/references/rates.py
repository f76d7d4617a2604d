"""References of rules that adapt the step entry by entry, and of rules that use signs."""

from __future__ import annotations

from math import sqrt
from typing import Any

from .reference import COLLECTION, Reference, Settings, betas, each


def _amos(po: Any, parameters: Any, h: Settings) -> Any:
    """Amos, told the scale of its authors' examples: by all of the fan-in, kernel included."""
    zeta = h.get("zeta", 0.25)
    rule = po.Amos(
        parameters, 1.0, h.get("beta", 0.999), c_coef=zeta, d_coef=zeta, eps=h.get("eps", 1e-18)
    )
    rule.get_scale = lambda p: sqrt(2 / p[0].numel()) if p.ndim >= 2 else 0.5
    return rule


RATES: tuple[Reference, ...] = (
    Reference(
        "ftrl", COLLECTION, "FTRL(lr, beta=beta, lambda_1=lambda1, lambda_2=lambda2)",
        each(lambda po, ps, h: po.FTRL(
            ps, 1.0, beta=h.get("beta", 0.0), lambda_1=h.get("lambda1", 0.0),
            lambda_2=h.get("lambda2", 0.0),
        )),
        ({}, {"beta": 1.0, "lambda1": 5.0, "lambda2": 2.0}),
    ),
    Reference(
        "msvag", COLLECTION, "MSVAG(lr, beta)",
        each(lambda po, ps, h: po.MSVAG(ps, 1.0, h.get("beta", 0.9))),
        ({}, {"beta": 0.6}),
    ),
    Reference(
        "kate", COLLECTION, "Kate(lr, eta, eps=eps)",
        each(lambda po, ps, h: po.Kate(ps, 1.0, h.get("eta", 0.0), eps=h.get("eps", 1e-8))),
        ({}, {"eta": 0.3, "eps": 1e-2}),
    ),
    Reference(
        "madgrad", COLLECTION, "MADGRAD(lr, momentum=beta, eps=eps)",
        each(lambda po, ps, h: po.MADGRAD(ps, 1.0, h.get("beta", 0.9), eps=h.get("eps", 1e-6))),
        ({}, {"beta": 0.6, "eps": 1e-2}),
    ),
    Reference(
        "madgradw", COLLECTION, "MADGRAD(lr, beta, weight_decay, weight_decouple=True, eps=eps)",
        each(lambda po, ps, h: po.MADGRAD(
            ps, 1.0, h.get("beta", 0.9), h.get("weight_decay", 0.01), True, h.get("eps", 1e-6)
        )),
        ({}, {"beta": 0.6, "eps": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        "adasmooth", COLLECTION, "AdaSmooth(lr, (rho1, rho2), eps=eps)",
        each(lambda po, ps, h: po.AdaSmooth(
            ps, 1.0, (h.get("rho1", 0.5), h.get("rho2", 0.99)), eps=h.get("eps", 1e-6)
        )),
        ({}, {"rho1": 0.3, "rho2": 0.8, "eps": 1e-2}),
    ),
    Reference(
        "amos", COLLECTION, "Amos(lr, beta, c_coef=zeta, d_coef=zeta), scale by all of the fan-in",
        each(_amos), ({}, {"lr": 0.3, "beta": 0.9, "zeta": 1.5, "eps": 1e-2}), out=0,
    ),
    Reference(
        "apollo_quasi_newton", COLLECTION, "ApolloDQN(lr, beta=beta, warmup_steps=0, eps=eps)",
        each(lambda po, ps, h: po.ApolloDQN(
            ps, 1.0, beta=h.get("beta", 0.9), warmup_steps=0, eps=h.get("eps", 1e-4)
        )),
        ({}, {"beta": 0.6, "eps": 1e-2}),
    ),
    Reference(
        "dualadam", COLLECTION, "DualAdam(lr, (beta1, beta2), switch_rate, weight_decay, True)",
        each(lambda po, ps, h: po.DualAdam(
            ps, 1.0, betas(h), h.get("switch_rate", 0.01), h.get("weight_decay", 0.0), True,
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "switch_rate": 0.06, "eps": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        "bcos_m", COLLECTION, "BCOS(lr, beta1, beta2, mode='m', weight_decay=weight_decay)",
        each(lambda po, ps, h: po.BCOS(
            ps, 1.0, h.get("beta1", 0.9), h.get("beta2", 0.9), "m",
            weight_decay=h.get("weight_decay", 0.1), eps=h.get("eps", 1e-6),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        "gravity", COLLECTION, "Gravity(lr, alpha=0, beta=beta)",
        each(lambda po, ps, h: po.Gravity(ps, 1.0, 0.0, h.get("beta", 0.9))),
        ({}, {"beta": 0.6}),
    ),
    Reference(
        "spam", COLLECTION, "SPAM(lr, (beta1, beta2), 1, weight_decay, warmup, threshold, wait, k)",
        each(lambda po, ps, h: po.SPAM(
            ps, 1.0, betas(h), 1.0, h.get("weight_decay", 0.0), int(h.get("warmup", 50)),
            h.get("threshold", 5000.0), int(h.get("wait", 20)), int(h.get("k", 500)),
            h.get("eps", 1e-6),
        )),
        (
            {},
            {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "weight_decay": 0.2, "threshold": 3.0,
             "k": 9, "wait": 2, "warmup": 4},
            {"threshold": 0.5, "k": 7, "wait": 1, "warmup": 12},
        ),
    ),
    Reference(
        "stable_spam", COLLECTION, "StableSPAM(lr, (beta1, beta2), gamma1, gamma2, theta)",
        each(lambda po, ps, h: po.StableSPAM(
            ps, 1.0, betas(h), h.get("gamma1", 0.7), h.get("gamma2", 0.9), h.get("theta", 0.999),
            weight_decay=h.get("weight_decay", 0.0), update_proj_gap=int(h.get("k", 1000)),
            eps=h.get("eps", 1e-8),
        )),
        (
            {},
            {"beta1": 0.8, "beta2": 0.95, "gamma1": 0.5, "gamma2": 0.8, "theta": 0.6, "eps": 1e-2,
             "weight_decay": 0.2, "k": 7},
        ),
    ),
    Reference(
        "tiger", COLLECTION, "Tiger(lr, beta, weight_decay)",
        each(lambda po, ps, h: po.Tiger(
            ps, 1.0, h.get("beta", 0.965), h.get("weight_decay", 0.01)
        )),
        ({}, {"beta": 0.6, "weight_decay": 0.2}),
    ),
    Reference(
        "ano", COLLECTION, "Ano(lr, (beta1, beta2), weight_decay, eps=eps)",
        each(lambda po, ps, h: po.Ano(
            ps, 1.0, (h.get("beta1", 0.92), h.get("beta2", 0.99)), h.get("weight_decay", 0.0),
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        # At first the average is the parameters themselves. These beta2, one of them close to the
        # default, leave no rounding error there whose sign could count.
        "focus", COLLECTION, "FOCUS(lr, (beta1, beta2), gamma)",
        each(lambda po, ps, h: po.FOCUS(
            ps, 1.0, (h.get("beta1", 0.9), h["beta2"]), h.get("gamma", 0.1)
        )),
        ({"beta2": 1 - 2**-10}, {"beta1": 0.6, "beta2": 0.75, "gamma": 0.4}),
    ),
    Reference(
        "adagc", COLLECTION,
        "AdaGC(lr, betas, beta, lambda_abs, lambda_rel, warmup, weight_decay, eps=eps)",
        each(lambda po, ps, h: po.AdaGC(
            ps, 1.0, betas(h), h.get("beta", 0.98), h.get("lambda_abs", 1.0),
            h.get("lambda_rel", 1.05), int(h.get("warmup", 100)), h.get("weight_decay", 0.1),
            eps=h.get("eps", 1e-8),
        )),
        (
            {},
            {"beta1": 0.8, "beta2": 0.95, "beta": 0.7, "lambda_abs": 3.0, "lambda_rel": 1.2,
             "warmup": 6, "eps": 1e-2, "weight_decay": 0.2},
        ),
        narrow="the global norm",
    ),
)  # fmt: skip
