"""References of the Adam family."""

from __future__ import annotations

from .reference import ADAM, DECAYED, OPTAX, TORCH, Reference, betas, whole

ADAM_FAMILY: tuple[Reference, ...] = (
    Reference(
        "adam", OPTAX, "adam(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.adam(lr, *betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "adam", TORCH, "Adam(lr, (beta1, beta2), eps)",
        whole(lambda to, ps, h: to.Adam(ps, 1.0, betas(h), h.get("eps", 1e-8))), ADAM,
    ),
    Reference(
        "adamw", OPTAX, "adamw(lr, beta1, beta2, eps, weight_decay=weight_decay)",
        lambda ox, lr, h: ox.adamw(
            lr, *betas(h), h.get("eps", 1e-8), weight_decay=h["weight_decay"]
        ),
        DECAYED,
    ),
    Reference(
        "adamw", TORCH, "AdamW(lr, (beta1, beta2), eps, weight_decay)",
        whole(
            lambda to, ps, h: to.AdamW(ps, 1.0, betas(h), h.get("eps", 1e-8), h["weight_decay"])
        ),
        DECAYED,
    ),
    Reference(
        "nadam", TORCH, "NAdam(lr, (beta1, beta2), eps, momentum_decay=momentum_decay)",
        whole(
            lambda to, ps, h: to.NAdam(
                ps, 1.0, betas(h), h.get("eps", 1e-8),
                momentum_decay=h.get("momentum_decay", 0.004),
            )
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "momentum_decay": 0.1}),
    ),
    Reference(
        "nadam_optax", OPTAX, "nadam(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.nadam(lr, *betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "amsgrad", TORCH, "Adam(lr, (beta1, beta2), eps, amsgrad=True)",
        whole(
            lambda to, ps, h: to.Adam(ps, 1.0, betas(h), h.get("eps", 1e-8), amsgrad=True)
        ),
        ADAM,
    ),
    Reference(
        "amsgrad_optax", OPTAX, "amsgrad(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.amsgrad(lr, *betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "adamax", TORCH, "Adamax(lr, (beta1, beta2), eps)",
        whole(lambda to, ps, h: to.Adamax(ps, 1.0, betas(h), h.get("eps", 1e-8))), ADAM,
    ),
    Reference(
        "adamax", OPTAX, "adamax(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.adamax(lr, *betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "adamaxw", OPTAX, "adamaxw(lr, beta1, beta2, eps, weight_decay)",
        lambda ox, lr, h: ox.adamaxw(lr, *betas(h), h.get("eps", 1e-8), h["weight_decay"]),
        DECAYED,
    ),
    Reference(
        "radam", TORCH, "RAdam(lr, (beta1, beta2), eps)",
        whole(lambda to, ps, h: to.RAdam(ps, 1.0, betas(h), h.get("eps", 1e-8))), ADAM,
    ),
    Reference(
        "radam_optax", OPTAX, "radam(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.radam(lr, *betas(h), h.get("eps", 1e-8)), ADAM,
    ),
    Reference(
        "adabelief", OPTAX, "adabelief(lr, beta1, beta2, eps, eps_root)",
        lambda ox, lr, h: ox.adabelief(
            lr, *betas(h), h.get("eps", 1e-16), h.get("eps_root", 1e-16)
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "eps_root": 1e-3}),
    ),
    Reference(
        "yogi", OPTAX, "yogi(lr, beta1, beta2, eps)",
        lambda ox, lr, h: ox.yogi(lr, *betas(h), h.get("eps", 1e-3)),
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
            lr, *betas(h), h.get("eps", 1e-16), h.get("eps_root", 1e-16)
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "eps_root": 1e-3}),
    ),
    Reference(
        "ademamix", OPTAX, "contrib.ademamix(lr, beta1, beta2, beta3, alpha, eps)",
        lambda ox, lr, h: ox.contrib.ademamix(
            lr, *betas(h), h.get("beta3", 0.9999), h.get("alpha", 5.0), h.get("eps", 1e-8),
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
    Reference(
        "nadamw", OPTAX, "nadamw(lr, beta1, beta2, eps, weight_decay=weight_decay)",
        lambda ox, lr, h: ox.nadamw(
            lr, *betas(h), h.get("eps", 1e-8), weight_decay=h["weight_decay"]
        ),
        DECAYED,
    ),
    Reference(
        "optimistic_adam", OPTAX, "optimistic_adam_v2(lr, alpha=alpha, beta=beta, nesterov=False)",
        lambda ox, lr, h: ox.optimistic_adam_v2(
            lr, alpha=h.get("alpha", 1.0), beta=h.get("beta", 1.0), b1=h.get("beta1", 0.9),
            b2=h.get("beta2", 0.999), eps=h.get("eps", 1e-8), nesterov=False,
        ),
        ({}, {"alpha": 0.7, "beta": 0.4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3}),
    ),
)  # fmt: skip
