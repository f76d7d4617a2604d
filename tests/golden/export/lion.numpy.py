"""The update rule lion for NumPy.

Written by Stepsmith from the zoo's lion:

    def lion(w, g, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
        m: Tensor = 0
        u = sign(lerp(m, g, 1 - beta1))
        m = lerp(m, g, 1 - beta2)
        return lr * (u + weight_decay * w)

Run as a script, this file compares itself with that program.
"""

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


if __name__ == "__main__":
    # 12 steps in float64 on fixed gradients end where those of the program itself do.
    powers = [pow(3, i, 257) for i in range(117)]  # exact in every library
    rows = (np.array(powers) / 64 - 257 / 128).reshape(13, 9)
    params, *steps = [[row[:6].reshape(2, 3), row[6:]] for row in rows]
    state = init(params)
    for batch in steps:
        params, state = update(state, params, batch, 0.01)
    expected = [
        -2.0897482058, -1.93859366539, -1.84497609254, -1.54404142337, -0.681325359281,
        1.76693879559, 1.32995951073, 0.039009653772, 0.0770849367218,
    ]
    apart = abs(np.concatenate([w.ravel() for w in params]) - expected).max()
    agrees = apart <= 2e-09
    verdict = "agrees with" if agrees else "differs from"
    print(f"lion {verdict} its program: largest difference {apart:.1e}")
    raise SystemExit(0 if agrees else 1)
