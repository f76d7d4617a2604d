import numpy as np


def init(params):
    """Returns the state before the first step; params is a list of arrays."""
    return {
        "t": 0,
        "m": [np.zeros_like(w) for w in params],
    }


@np.errstate(all="ignore")  # infinities and NaN are values here, not errors
def update(state, params, grads, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
    """Symbolic Discovery of Optimization Algorithms. Chen et al., 2023. arXiv:2302.06675.

    Returns the new parameters and the new state; params and grads are lists.
    """
    t = state["t"] + 1
    new_m, new_params = [], []
    for w, g, m in zip(params, grads, state["m"], strict=True):
        u = np.sign(beta1 * m + (1 - beta1) * g)
        m = beta2 * m + (1 - beta2) * g
        new_m.append(m)
        new_params.append(w - lr * (u + weight_decay * w))
    return new_params, {"t": t, "m": new_m}
