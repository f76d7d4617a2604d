"""References of rules with one state for each axis of a parameter, or for each of many steps."""

from __future__ import annotations

from .reference import COLLECTION, OPTAX, Reference, betas, each

_WITH_AXES = ((6, 4), (4,), (4, 4), (4, 2, 3, 3))
_SQUARE = ((4, 4), (3, 3))  # elsewhere a basis is not settled by the gradients

MATRICES: tuple[Reference, ...] = (
    Reference(
        "sm3", OPTAX, "chain(scale_by_sm3(beta, 1.0, eps), scale_by_learning_rate(lr))",
        lambda ox, lr, h: ox.chain(
            ox.scale_by_sm3(h.get("beta", 0.9), 1.0, h.get("eps", 1e-8)),
            ox.scale_by_learning_rate(lr),
        ),
        ({}, {"beta": 0.6, "eps": 0.1}), shapes=_WITH_AXES,
    ),
    Reference(
        "shampoo", COLLECTION, "Shampoo(lr, preconditioning_compute_steps=k, matrix_eps=eps)",
        each(lambda po, ps, h: po.Shampoo(
            ps, 1.0, preconditioning_compute_steps=int(h.get("k", 1)),
            matrix_eps=h.get("eps", 1e-6),
        )),
        ({}, {"eps": 0.1, "k": 3}), shapes=_WITH_AXES,
    ),
    Reference(
        "soap", COLLECTION, "SOAP(lr, (beta1, beta2), beta3, weight_decay, k, eps=eps)",
        each(lambda po, ps, h: po.SOAP(
            ps, 1.0, (h.get("beta1", 0.95), h.get("beta2", 0.95)), h.get("beta3", 0.95),
            h.get("weight_decay", 0.01), int(h.get("k", 10)), eps=h.get("eps", 1e-8),
        )),
        (
            {},
            {"beta1": 0.8, "beta2": 0.9, "beta3": 0.7, "weight_decay": 0.2, "k": 4, "eps": 0.1},
        ),
        shapes=_SQUARE, narrow="the QR factors",
    ),
    Reference(
        "lbfgs", OPTAX, "lbfgs(lr, memory_size=memory, linesearch=None)",
        lambda ox, lr, h: ox.chain(
            ox.scale_by_lbfgs(int(h.get("memory", 10))), ox.scale_by_learning_rate(lr)
        ),
        ({"lr": 0.5}, {"lr": 1.0, "memory": 3}), asks=True,
    ),
    Reference(
        "adashift", COLLECTION, "AdaShift(lr, (beta1, beta2), keep_num=n, eps=eps)",
        each(lambda po, ps, h: po.AdaShift(
            ps, 1.0, betas(h), int(h.get("n", 10)), eps=h.get("eps", 1e-10)
        )),
        ({}, {"beta1": 0.6, "beta2": 0.9, "n": 3, "eps": 0.1}),
    ),
)  # fmt: skip
