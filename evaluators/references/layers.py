"""References of rules by layer, row and column, and of more transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp

from .others import _stage
from .reference import COLLECTION, OPTAX, Reference, Settings, betas, each


def _larc(optax: Any, lr: Any, h: Settings) -> Any:
    """LARC out of optax's parts: the layer's own rate where that is below the global one."""
    decay, eps, trust = h.get("weight_decay", 0.0), h.get("eps", 1e-8), h.get("trust", 0.001)
    momentum = optax.chain(optax.trace(h.get("beta", 0.9)), optax.scale_by_learning_rate(lr))

    def clipped(g: Any, w: Any, rate: Any) -> Any:
        local = optax.scale_by_trust_ratio(0.0, trust, eps + decay * optax.tree.norm(w))
        scaled, _ = local.update(g, optax.EmptyState(), w)
        share = optax.tree.norm(scaled) / optax.tree.norm(g) / rate
        return jnp.minimum(share, 1.0) * (g + decay * w)

    def update(gradients: Any, state: Any, params: Any) -> Any:
        count, state = state
        rate = lr(count)
        slowed = [clipped(g, w, rate) for g, w in zip(gradients, params, strict=True)]
        updates, state = momentum.update(slowed, state, params)
        return updates, (count + 1, state)

    return optax.GradientTransformation(lambda params: (0, momentum.init(params)), update)


def _big_vision(optax: Any, lr: Any, h: Settings) -> Any:
    """Adafactor as Big Vision puts it together, with the last two axes as rows and columns."""
    most = h.get("beta2_max", 0.999)
    scale = optax.scale_by_factored_rms(
        decay_rate=h.get("decay", 0.8), min_dim_size_to_factor=1, epsilon=h.get("eps", 1e-30),
        decay_rate_fn=lambda count, decay: jnp.minimum(most, 1 - (count + 1.0) ** -decay),
    )

    def matrices(leaf: Any) -> Any:  # optax would take the two longest axes
        return list(leaf.reshape(-1, *leaf.shape[-2:])) if leaf.ndim > 2 else leaf

    def update(gradients: Any, state: Any, params: Any) -> Any:
        split = jax.tree.map(matrices, (gradients, params))
        updates, state = scale.update(split[0], state, split[1])
        return [
            jnp.stack(u).reshape(w.shape) if isinstance(u, list) else u
            for u, w in zip(updates, params, strict=True)
        ], state

    factored = optax.GradientTransformation(
        lambda params: scale.init(jax.tree.map(matrices, params)), update
    )
    return optax.chain(
        factored, optax.ema(h.get("beta", 0.9), debias=False),
        optax.add_decayed_weights(h.get("weight_decay", 0.0)), optax.scale_by_learning_rate(lr),
    )  # fmt: skip


def _rows(collection: Any, parameters: Any, h: Settings) -> Any:
    """AdamW with a second moment for each row of the last axis; entry by entry without rows."""
    groups = [
        {"params": [p], "sn": p.ndim >= 2, "subset_size": p.shape[-1] if p.ndim >= 2 else 1}
        for p in parameters
    ]
    return collection.AdamWSN(
        groups, 1.0, betas(h), h.get("weight_decay", 0.0), eps=h.get("eps", 1e-8)
    )


class _Filter:
    """A function that changes gradients in place as an optimizer, which takes them off."""

    def __init__(self, parameters: Sequence[Any], change: Callable[[], None]) -> None:
        self.param_groups = [{"params": parameters}]
        self._change = change

    def step(self, closure: None = None) -> None:
        self._change()
        for p in self.param_groups[0]["params"]:
            p.data -= p.grad


def _deviation(collection: Any, parameters: Any, h: Settings) -> Any:
    def change() -> None:
        for p in parameters:
            collection.optimizer.utils.gradient.normalize_gradient(
                p.grad, epsilon=h.get("eps", 1e-8)
            )

    return _Filter(parameters, change)


def _orthogonal(collection: Any, parameters: Any, h: Settings) -> Any:
    project = collection.base.optimizer.BaseOptimizer.apply_orthogonal_gradients
    return _Filter(parameters, lambda: project(parameters, h.get("eps", 1e-30)))


def _grokfast(collection: Any, parameters: Any, h: Settings) -> Any:
    named = [(str(k), p) for k, p in enumerate(parameters)]
    model, held = SimpleNamespace(named_parameters=lambda: named), {}

    def change() -> None:
        held.update(
            collection.optimizer.grokfast.gradfilter_ema(
                model, held or None, h.get("beta", 0.98), h.get("lamb", 2.0)
            )
        )

    return _Filter(parameters, change)


LAYERS: tuple[Reference, ...] = (
    Reference(
        "larc", OPTAX, "scale_by_trust_ratio(0, trust, eps), trace(beta)", _larc,
        ({}, {"beta": 0.6, "trust": 0.05, "eps": 0.5, "weight_decay": 0.2}),
    ),
    Reference(
        "nero", COLLECTION, "Nero(lr, beta, eps=eps)",
        each(lambda po, ps, h: po.Nero(ps, 1.0, h.get("beta", 0.999), eps=h.get("eps", 1e-8))),
        ({}, {"beta": 0.8, "eps": 0.1}),
    ),
    Reference(
        "adam_sn", COLLECTION, "AdamWSN(lr, (beta1, beta2), weight_decay, eps=eps)", each(_rows),
        ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        "rose", COLLECTION, "ROSE(lr, weight_decay, weight_decouple=True)",
        each(lambda po, ps, h: po.ROSE(
            ps, 1.0, h.get("weight_decay", 1e-4), weight_decouple=True
        )),
        ({}, {"weight_decay": 0.2}),
    ),
    Reference(
        "adafactor_bigvision", OPTAX, "scale_by_factored_rms(decay), ema(beta, debias=False)",
        _big_vision,
        ({}, {"beta": 0.6, "decay": 0.6, "beta2_max": 0.7, "eps": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        "came", COLLECTION, "CAME(lr, (beta1, beta2, beta3), weight_decay)",
        each(lambda po, ps, h: po.CAME(
            ps, 1.0, (*betas(h), h.get("beta3", 0.9999)), h.get("weight_decay", 0.0),
            clip_threshold=h.get("clip_rms", 1.0), eps1=h.get("eps1", 1e-30),
            eps2=h.get("eps2", 1e-16),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "beta3": 0.9, "clip_rms": 1.2, "eps1": 1e-2,
              "eps2": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        "adalomo", COLLECTION, "AdaFactor(lr, (None, 0.999), -decay, weight_decay)",
        each(lambda po, ps, h: po.AdaFactor(
            ps, 1.0, (None, 0.999), -h.get("decay", 0.8), h.get("weight_decay", 0.0),
            clip_threshold=h.get("clip_rms", 1.0), relative_step=False,
            eps1=h.get("eps", 1e-30), eps2=h.get("min_scale", 1e-3),
        )),
        ({}, {"decay": 0.6, "clip_rms": 1.2, "eps": 1e-2, "min_scale": 0.9, "weight_decay": 0.2}),
    ),
    Reference(
        "racs_means", COLLECTION, "RACS(lr, beta, alpha, gamma, weight_decay, eps=eps)",
        each(lambda po, ps, h: po.RACS(
            ps, 1.0, h.get("beta", 0.9), h.get("alpha", 0.05), h.get("gamma", 1.01),
            h.get("weight_decay", 0.0), eps=h.get("eps", 1e-8),
        )),
        ({}, {"beta": 0.6, "alpha": 0.3, "gamma": 1.3, "eps": 1e-2, "weight_decay": 0.2}),
    ),
    Reference(
        "adalite", COLLECTION, "Adalite(lr, (beta1, beta2), weight_decay)",
        each(lambda po, ps, h: po.Adalite(
            ps, 1.0, betas(h), h.get("weight_decay", 0.01),
            g_norm_min=h.get("min_norm", 1e-10), ratio_min=h.get("min_ratio", 1e-4),
            tau=h.get("tau", 1.0), eps1=h.get("eps1", 1e-6), eps2=h.get("eps2", 1e-10),
        )),
        ({}, {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2, "min_norm": 2.5, "min_ratio": 0.6,
              "tau": 0.3, "eps1": 1e-2, "eps2": 1.0}),
    ),
    Reference(
        "agc", OPTAX, "adaptive_grad_clip(clipping, eps)",
        lambda ox, lr, h: _stage(
            ox, ox.adaptive_grad_clip(h.get("clipping", 0.01), h.get("eps", 1e-3))
        ),
        ({}, {"clipping": 0.8, "eps": 1.5}),
    ),
    Reference(
        "normalize_gradient_std", COLLECTION,
        "optimizer.utils.gradient.normalize_gradient(g, epsilon=eps)", each(_deviation),
        ({}, {"eps": 0.5}),
    ),
    Reference(
        "scale_by_param_block_norm", OPTAX, "scale_by_param_block_norm(min_scale)",
        lambda ox, lr, h: _stage(ox, ox.scale_by_param_block_norm(h.get("min_scale", 1e-3))),
        ({}, {"min_scale": 2.0}),
    ),
    Reference(
        "scale_by_param_block_rms", OPTAX, "scale_by_param_block_rms(min_scale)",
        lambda ox, lr, h: _stage(ox, ox.scale_by_param_block_rms(h.get("min_scale", 1e-3))),
        ({}, {"min_scale": 0.9}),
    ),
    Reference(
        "orthograd", COLLECTION, "OrthoGrad(SGD(lr)).apply_orthogonal_gradients(parameters)",
        each(_orthogonal), ({}, {"eps": 0.5}),
    ),
    Reference(
        "decoupled_weight_decay", OPTAX, "add_decayed_weights(weight_decay)",
        lambda ox, lr, h: _stage(ox, ox.add_decayed_weights(h.get("weight_decay", 1e-4))),
        ({}, {"weight_decay": 0.2}),
    ),
    Reference(
        "ema_debias", OPTAX, "ema(beta)",
        lambda ox, lr, h: _stage(ox, ox.ema(h.get("beta", 0.9))), ({}, {"beta": 0.6}),
    ),
    Reference(
        "grokfast_ema", COLLECTION, "gradfilter_ema(model, grads, beta, lamb)", each(_grokfast),
        ({}, {"beta": 0.6, "lamb": 0.7}),
    ),
    Reference(
        "normalize_by_update_norm", OPTAX, "contrib.normalize()",
        lambda ox, lr, h: _stage(ox, ox.contrib.normalize()), ({"eps": 0.0},),
    ),
    Reference(
        "keep_nonnegative", OPTAX, "keep_params_nonnegative()",
        lambda ox, lr, h: ox.chain(ox.scale(-1.0), ox.keep_params_nonnegative()),
    ),
)  # fmt: skip
