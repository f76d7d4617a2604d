from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax


class LionState(NamedTuple):
    t: jax.Array
    m: optax.Updates


def lion(learning_rate, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
    """Symbolic Discovery of Optimization Algorithms. Chen et al., 2023. arXiv:2302.06675."""

    def init(params):
        return LionState(t=jnp.zeros([], jnp.int32), m=jax.tree.map(jnp.zeros_like, params))

    def update(grads, state, params=None):
        if params is None:
            raise ValueError("update needs the parameters: update(grads, state, params).")
        lr = learning_rate(state.t) if callable(learning_rate) else learning_rate
        ws, tree = jax.tree.flatten(params)
        gs = tree.flatten_up_to(grads)
        old_m = tree.flatten_up_to(state.m)
        new_m, updates = [], []
        for w, g, m in zip(ws, gs, old_m, strict=True):
            u = jnp.sign(beta1 * m + (1 - beta1) * g)
            m = beta2 * m + (1 - beta2) * g
            new_m.append(m)
            updates.append(-lr * (u + weight_decay * w))
        return tree.unflatten(updates), LionState(state.t + 1, tree.unflatten(new_m))

    return optax.GradientTransformation(init, update)
