from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax


class AdamwState(NamedTuple):
    t: jax.Array
    m: optax.Updates
    v: optax.Updates


def adamw(learning_rate, *, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.01):
    """Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101."""

    def init(params):
        return AdamwState(
            t=jnp.zeros([], jnp.int32),
            m=jax.tree.map(jnp.zeros_like, params),
            v=jax.tree.map(jnp.zeros_like, params),
        )

    def update(grads, state, params=None):
        if params is None:
            raise ValueError("update needs the parameters: update(grads, state, params).")
        t = jnp.asarray(state.t + 1, float)
        lr = learning_rate(state.t) if callable(learning_rate) else learning_rate
        ws, tree = jax.tree.flatten(params)
        gs = tree.flatten_up_to(grads)
        old_m = tree.flatten_up_to(state.m)
        old_v = tree.flatten_up_to(state.v)
        new_m, new_v, updates = [], [], []
        for w, g, m, v in zip(ws, gs, old_m, old_v, strict=True):
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * (g * g)
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            new_m.append(m)
            new_v.append(v)
            updates.append(-lr * (m_hat / (jnp.sqrt(v_hat) + eps) + weight_decay * w))
        new_state = AdamwState(
            state.t + 1,
            tree.unflatten(new_m),
            tree.unflatten(new_v),
        )
        return tree.unflatten(updates), new_state

    return optax.GradientTransformation(init, update)
