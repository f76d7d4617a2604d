import numpy as np


def init(params):
    """Returns the state before the first step; params is a list of arrays."""
    return {
        "t": 0,
        "m": [np.zeros_like(w) for w in params],
        "v": [np.zeros_like(w) for w in params],
    }


@np.errstate(all="ignore")  # infinities and NaN are values here, not errors
def update(
    state, params, grads, lr, *, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.01
):
    """Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101.

    Returns the new parameters and the new state; params and grads are lists.
    """
    t = state["t"] + 1
    new_m, new_v, new_params = [], [], []
    for w, g, m, v in zip(params, grads, state["m"], state["v"], strict=True):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g * g)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        new_m.append(m)
        new_v.append(v)
        new_params.append(w - lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * w))
    return new_params, {"t": t, "m": new_m, "v": new_v}
