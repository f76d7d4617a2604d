"""The update rule lion for optax.

Written by Stepsmith from the zoo's lion:

    def lion(w, g, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
        m: Tensor = 0
        u = sign(lerp(m, g, 1 - beta1))
        m = lerp(m, g, 1 - beta2)
        return lr * (u + weight_decay * w)

Run as a script, this file compares itself with that program.
"""

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


if __name__ == "__main__":
    # 12 steps in float64 on fixed gradients end where those of the program itself do.
    jax.config.update("jax_enable_x64", True)
    rule = lion(0.01)
    powers = [pow(3, i, 257) for i in range(117)]  # exact in every library
    rows = (jnp.array(powers) / 64 - 257 / 128).reshape(13, 9)
    params, *steps = [[row[:6].reshape(2, 3), row[6:]] for row in rows]
    state, update = rule.init(params), jax.jit(rule.update)
    for batch in steps:
        updates, state = update(batch, state, params)
        params = optax.apply_updates(params, updates)
    expected = [
        -2.0897482058, -1.93859366539, -1.84497609254, -1.54404142337, -0.681325359281,
        1.76693879559, 1.32995951073, 0.039009653772, 0.0770849367218,
    ]
    final = jnp.concatenate([w.ravel() for w in params])
    apart = float(abs(final - jnp.array(expected)).max())
    agrees = apart <= 2e-09
    verdict = "agrees with" if agrees else "differs from"
    print(f"lion {verdict} its program: largest difference {apart:.1e}")
    raise SystemExit(0 if agrees else 1)
