"""The update rule adamw for optax.

Written by Stepsmith from the zoo's adamw:

    def adamw(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        m: Tensor = 0
        v: Tensor = 0
        m = lerp(m, g, 1 - beta1)
        v = lerp(v, g * g, 1 - beta2)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        return lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)

Run as a script, this file compares itself with that program.
"""

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


if __name__ == "__main__":
    # 12 steps in float64 on fixed gradients end where those of the program itself do.
    jax.config.update("jax_enable_x64", True)
    rule = adamw(0.01)
    powers = [pow(3, i, 257) for i in range(117)]  # exact in every library
    rows = (jnp.array(powers) / 64 - 257 / 128).reshape(13, 9)
    params, *steps = [[row[:6].reshape(2, 3), row[6:]] for row in rows]
    state, update = rule.init(params), jax.jit(rule.update)
    for batch in steps:
        updates, state = update(batch, state, params)
        params = optax.apply_updates(params, updates)
    expected = [
        -2.05513765278, -1.94556860526, -1.82821113637, -1.59806876031, -0.707711330697,
        1.75817057021, 1.32473141513, 0.031832134798, 0.0511651034478,
    ]
    final = jnp.concatenate([w.ravel() for w in params])
    apart = float(abs(final - jnp.array(expected)).max())
    agrees = apart <= 2e-09
    verdict = "agrees with" if agrees else "differs from"
    print(f"adamw {verdict} its program: largest difference {apart:.1e}")
    raise SystemExit(0 if agrees else 1)
