"""References of the relatives of Adam that pytorch_optimizer has.

It adds 1e-15 to the second moment of some rules: larger gradients hide that.
"""

from __future__ import annotations

from typing import Any

from .reference import COLLECTION, Reference, Settings, betas, each


def _first(h: Settings) -> float:
    """Returns the first learning rate."""
    return h.get("lr", 0.05)


def _betas3(h: Settings, *usual: float) -> tuple[float, ...]:
    names = ("beta1", "beta2", "beta3")
    return tuple(h.get(name, beta) for name, beta in zip(names, usual, strict=True))


def _qhadam(po: Any, ps: Any, h: Settings) -> Any:
    """QHAdam that counts its weights in the precision of the parameters, not in float32."""
    rule = po.QHAdam(
        ps, 1.0, (h.get("beta1", 0.995), h.get("beta2", 0.999)),
        (h.get("nu1", 0.7), h.get("nu2", 1.0)), eps=h.get("eps", 1e-8),
    )
    for p in ps:
        rule.state[p].update(
            exp_avg=p.detach() * 0, exp_avg_sq=p.detach() * 0,
            beta1_weight=p.new_zeros(1), beta2_weight=p.new_zeros(1),
        )
    return rule  # fmt: skip


class _WholeModel:
    """SWATS on one vector of all parameters; the rate that it finds outlives the schedule."""

    def __init__(self, po: Any, ps: Any, h: Settings) -> None:
        self.parameters = ps
        self.vector = self._joined(ps).requires_grad_()
        self.rule = po.SWATS([self.vector], 1.0, betas(h), eps=h.get("eps", 1e-9))
        self.param_groups = [{"lr": 1.0}]

    def _joined(self, tensors: Any) -> Any:
        import torch

        return torch.cat([tensor.detach().flatten() for tensor in tensors])

    def step(self, closure: Any = None) -> None:
        del closure
        (group,) = self.rule.param_groups
        if group["phase"] == "adam":
            group["lr"] = self.param_groups[0]["lr"]
        self.vector.grad = self._joined([p.grad for p in self.parameters])
        self.rule.step()
        pieces = self.vector.detach().split([p.numel() for p in self.parameters])
        for p, piece in zip(self.parameters, pieces, strict=True):
            p.data.copy_(piece.reshape(p.shape))


ADAM_KIN: tuple[Reference, ...] = (
    Reference(
        "adabound", COLLECTION, "AdaBound(lr, final_lr, (beta1, beta2), gamma, eps=eps)",
        each(lambda po, ps, h: po.AdaBound(
            ps, _first(h), h.get("final_lr", 0.1), betas(h), h.get("gamma", 1e-3),
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "final_lr": 1e-3, "gamma": 0.5, "eps": 10.0}),
        gradient_scale=100.0,
    ),
    Reference(
        "adamod", COLLECTION, "AdaMod(lr, (beta1, beta2, beta3), weight_decay, eps=eps)",
        each(lambda po, ps, h: po.AdaMod(
            ps, 1.0, _betas3(h, 0.9, 0.999, 0.999), h.get("weight_decay", 0.0),
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "beta3": 0.6, "eps": 0.1, "weight_decay": 0.2}),
    ),
    Reference(
        "diffgrad", COLLECTION, "DiffGrad(lr, (beta1, beta2), eps=eps)",
        each(lambda po, ps, h: po.DiffGrad(ps, 1.0, betas(h), eps=h.get("eps", 1e-8))),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1.0}),
        gradient_scale=10.0,
    ),
    Reference(
        "padam", COLLECTION, "PAdam(lr, (beta1, beta2), p, eps=eps)",
        each(lambda po, ps, h: po.PAdam(
            ps, 1.0, betas(h), h.get("p", 0.25), eps=h.get("eps", 1e-8)
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "p": 0.15, "eps": 0.1}),
    ),
    Reference(
        "adanorm", COLLECTION, "AdaNorm(lr, (beta1, beta2), r, eps=eps)",
        each(lambda po, ps, h: po.AdaNorm(
            ps, 1.0, (h.get("beta1", 0.9), h.get("beta2", 0.99)), h.get("r", 0.95),
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "r": 0.6, "eps": 1.0}),
        gradient_scale=10.0,
    ),
    Reference(
        "adai", COLLECTION, "Adai(lr, (beta0, beta2), eps=eps)",
        each(lambda po, ps, h: po.Adai(
            ps, 1.0, (h.get("beta0", 0.1), h.get("beta2", 0.99)), eps=h.get("eps", 1e-3)
        )),
        ({}, {"beta0": 0.4, "beta2": 0.9, "eps": 0.3}),
    ),
    Reference(
        "aida", COLLECTION, "Aida(lr, (beta1, beta2), 2, xi, eps=eps)",
        each(lambda po, ps, h: po.Aida(
            ps, 1.0, betas(h), 2, h.get("xi", 1e-20), eps=h.get("eps", 1e-8)
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e4, "xi": 1e7}),
        gradient_scale=1000.0,  # the distance that the second moment averages may be small
    ),
    Reference(
        "adams_stable_wd", COLLECTION, "AdamS(lr, (beta1, beta2), weight_decay, eps=eps)",
        each(lambda po, ps, h: po.AdamS(
            ps, 1.0, betas(h), h.get("weight_decay", 1e-4), eps=h.get("eps", 1e-8)
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.2}),
    ),
    Reference(
        "stable_adamw", COLLECTION,
        "StableAdamW(lr, (beta1, beta2), weight_decay=weight_decay, eps=eps)",
        each(lambda po, ps, h: po.StableAdamW(
            ps, 1.0, (h.get("beta1", 0.9), h.get("beta2", 0.99)),
            weight_decay=h.get("weight_decay", 0.01), eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.7, "eps": 0.3, "weight_decay": 0.2}),
    ),
    Reference(
        "adan", COLLECTION, "Adan(lr, (beta1, beta2, beta3), weight_decay, eps=eps)",
        each(lambda po, ps, h: po.Adan(
            ps, 1.0, _betas3(h, 0.98, 0.92, 0.99), h.get("weight_decay", 0.0),
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.7, "beta3": 0.9, "eps": 0.1, "weight_decay": 0.2}),
    ),
    Reference(
        "adamg", COLLECTION, "AdamG(lr, (beta1, beta2, beta3), p, q, eps=eps)",
        each(lambda po, ps, h: po.AdamG(
            ps, 1.0, _betas3(h, 0.95, 0.999, 0.95), h.get("p", 0.2), h.get("q", 0.24),
            eps=h.get("eps", 1e-8),
        )),
        ({}, {"lr": 1.0},
         {"beta1": 0.8, "beta2": 0.95, "beta3": 0.6, "p": 0.5, "q": 0.4, "eps": 0.1}),
    ),
    Reference(
        "avagrad", COLLECTION, "AvaGrad(lr, (beta1, beta2), eps=eps)",
        each(lambda po, ps, h: po.AvaGrad(ps, 1.0, betas(h), eps=h.get("eps", 0.1))),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 0.5}),
    ),
    Reference(
        "exadam", COLLECTION, "EXAdam(lr, (beta1, beta2), weight_decay, eps=eps)",
        each(lambda po, ps, h: po.EXAdam(
            ps, 1.0, betas(h), h.get("weight_decay", 0.0), eps=h.get("eps", 1e-8)
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.2}),
    ),
    Reference(
        "qhadam", COLLECTION,
        "QHAdam(lr, (beta1, beta2), (nu1, nu2), eps=eps), its weights in float64",
        each(_qhadam),
        ({}, {"beta1": 0.8, "beta2": 0.95, "nu1": 0.4, "nu2": 0.6, "eps": 0.1}),
    ),
    Reference(
        "laprop", COLLECTION, "LaProp(lr, (beta1, beta2), weight_decay=weight_decay, eps=eps)",
        each(lambda po, ps, h: po.LaProp(
            ps, 1.0, betas(h), weight_decay=h.get("weight_decay", 0.0), eps=h.get("eps", 1e-15),
            foreach=False,  # which would round the rates to float32
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2},
         {"beta2": 0.0, "eps": 100.0}),  # else the library corrects the bias of eps as well
        gradient_scale=100.0,
    ),
    Reference(
        "grams", COLLECTION, "Grams(lr, (beta1, beta2), weight_decay, eps=eps)",
        each(lambda po, ps, h: po.Grams(
            ps, 1.0, betas(h), h.get("weight_decay", 0.0), eps=h.get("eps", 1e-6)
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.2}),
    ),
    Reference(
        "fadam", COLLECTION,
        "FAdam(lr, (beta1, beta2), weight_decay, clip_rms, p, eps, eps_2=eps2), in float64",
        each(lambda po, ps, h: po.FAdam(
            ps, 1.0, betas(h), h.get("weight_decay", 0.1), h.get("clip_rms", 1.0),
            h.get("p", 0.5), h.get("eps", 1e-8), ps[0].dtype, ps[0].dtype,
            eps_2=h.get("eps2", 0.01),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "p": 0.3, "clip_rms": 0.9, "eps": 0.3, "eps2": 0.25,
              "weight_decay": 0.2}),
    ),
    Reference(
        "swats", COLLECTION, "SWATS(lr, (beta1, beta2), eps=eps), on one vector of all parameters",
        each(_WholeModel),
        # The second settings switch at step 12: there eps, an absolute distance for the program as
        # in the paper and a relative one for the library, is passed in either sense.
        ({}, {"lr": 3000.0, "beta1": 0.5, "beta2": 0.8, "eps": 0.2}),
        gradient_scale=1000.0,
    ),
    Reference(
        "adamc", COLLECTION, "AdamC(lr, (beta1, beta2), weight_decay, eps=eps), all normalized",
        each(lambda po, ps, h: po.AdamC(
            [{"params": ps, "normalized": True}], _first(h), betas(h), h["weight_decay"],
            eps=h.get("eps", 1e-8),
        )),
        ({"weight_decay": 0.0}, {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2},
         {"beta2": 0.0, "eps": 1e6, "weight_decay": 0.2}),
        gradient_scale=1e6,  # the library corrects the bias of eps as well
    ),
)  # fmt: skip
