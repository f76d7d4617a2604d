"""The update rule adamw for NumPy.

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


if __name__ == "__main__":
    # 12 steps in float64 on fixed gradients end where those of the program itself do.
    powers = [pow(3, i, 257) for i in range(117)]  # exact in every library
    rows = (np.array(powers) / 64 - 257 / 128).reshape(13, 9)
    params, *steps = [[row[:6].reshape(2, 3), row[6:]] for row in rows]
    state = init(params)
    for batch in steps:
        params, state = update(state, params, batch, 0.01)
    expected = [
        -2.05513765278, -1.94556860526, -1.82821113637, -1.59806876031, -0.707711330697,
        1.75817057021, 1.32473141513, 0.031832134798, 0.0511651034478,
    ]
    apart = abs(np.concatenate([w.ravel() for w in params]) - expected).max()
    agrees = apart <= 2e-09
    verdict = "agrees with" if agrees else "differs from"
    print(f"adamw {verdict} its program: largest difference {apart:.1e}")
    raise SystemExit(0 if agrees else 1)
