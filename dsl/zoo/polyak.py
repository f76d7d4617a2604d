"""Rules whose step is as long as the loss is high: Polyak's step and its kin."""


def polyak_sgd(w, g, loss, lr, *, most=1.0, lowest=0.0, eps=0.0):
    """Stochastic Polyak Step-size for SGD: An Adaptive Learning Rate for Fast Convergence.
    Loizou et al., 2021. arXiv:2002.10542. The step on which a linear loss would reach its lowest
    value, and no longer one than `most`.

    reference: optax:chain(scale_by_polyak(), scale_by_learning_rate(lr))
    """
    rate = min(most, divide_no_nan(loss - lowest, global_dot(g, g) + eps))
    return lr * rate * g


def momo(w, g, loss, lr, *, beta=0.9, lowest=0.0, weight_decay=0.0):
    """MoMo: Momentum Models for Adaptive Learning Rates. Schaipp et al., 2023. arXiv:2305.07583.

    Polyak's step for an average of the linear models of past batches, cut at its lower bound.

    reference: optax:contrib.momo(lr, beta, lowest, weight_decay)
    """
    m: Tensor = g
    height: Scalar = loss
    offset: Scalar = global_dot(g, w)
    m = lerp(m, g, 1 - beta)
    height = lerp(height, loss, 1 - beta)
    offset = lerp(offset, global_dot(g, w), 1 - beta)
    shrink = 1 + lr * weight_decay
    gap = max(0, shrink * (height - lowest - offset) + global_dot(m, w))
    rate = min(lr, divide_no_nan(gap, global_dot(m, m)))
    return rate * m + lr * weight_decay / shrink * w


def momo_adam(
    w, g, t, loss, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, lowest=0.0, weight_decay=0.0
):
    """MoMo: Momentum Models for Adaptive Learning Rates. Schaipp et al., 2023. arXiv:2305.07583.

    The same in Adam's norm.

    reference: optax:contrib.momo_adam(lr, beta1, beta2, eps, lowest, weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    height: Scalar = 0
    offset: Scalar = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    height = lerp(height, loss, 1 - beta1)
    offset = lerp(offset, global_dot(g, w), 1 - beta1)
    begun = 1 - beta1**t
    u = m / (eps + sqrt(v / (1 - beta2**t)))
    shrink = 1 + lr * weight_decay
    gap = max(0, shrink * (height - begun * lowest - offset) + global_dot(m, w))
    rate = min(lr / begun, divide_no_nan(gap, global_dot(m, u)))
    return rate * u + lr * weight_decay / shrink * w
