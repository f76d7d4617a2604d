def lion(w, g, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
    """Symbolic Discovery of Optimization Algorithms. Chen et al., 2023. arXiv:2302.06675.

    reference: optax:lion(learning_rate, beta1, beta2, weight_decay=weight_decay)
    """
    m: Tensor = 0
    u = sign(lerp(m, g, 1 - beta1))
    m = lerp(m, g, 1 - beta2)
    return lr * (u + weight_decay * w)


def signum(w, g, lr, *, beta=0.9):
    """signSGD: Compressed Optimisation for Non-Convex Problems. Bernstein et al., 2018.
    arXiv:1802.04434.

    reference: optax:signum(learning_rate, beta)
    """
    m: Tensor = 0
    m = lerp(m, g, 1 - beta)
    return lr * sign(m)
