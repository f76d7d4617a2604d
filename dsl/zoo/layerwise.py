def lamb(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.01):
    """Large Batch Optimization for Deep Learning: Training BERT in 76 minutes. You et al., 2019.
    arXiv:1904.00962.

    reference: optax:lamb(learning_rate, beta1, beta2, eps, weight_decay=weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    u = m_hat / (sqrt(v_hat) + eps) + weight_decay * w
    trust = where(norm(w) > 0 and norm(u) > 0, divide_no_nan(norm(w), norm(u)), 1)
    return lr * trust * u


def lars(w, g, lr, *, beta=0.9, trust=0.001, eps=0.0, weight_decay=0.0):
    """Large Batch Training of Convolutional Networks. You et al., 2017. arXiv:1708.03888.

    reference: optax:lars(learning_rate, weight_decay, True, trust, eps, momentum=beta)
    """
    m: Tensor = 0
    u = g + weight_decay * w
    ratio = divide_no_nan(trust * norm(w), norm(u) + eps)
    ratio = where(norm(w) > 0 and norm(u) > 0, ratio, 1)
    m = beta * m + lr * ratio * u
    return m


def fromage(w, g, lr):
    """On the distance between two neural networks and the stability of learning. Bernstein et al.,
    2020. arXiv:2002.03432.

    reference: optax:fromage(learning_rate, min_norm=0)
    """
    ratio = where(norm(w) > 0 and norm(g) > 0, divide_no_nan(norm(w), norm(g)), 1)
    w = (w - lr * ratio * g) / sqrt(1 + lr * lr)


def novograd(w, g, t, lr, *, beta1=0.9, beta2=0.25, eps=1e-6, weight_decay=0.0):
    """Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks.
    Ginsburg et al., 2019. arXiv:1905.11286.

    reference: optax:novograd(learning_rate, beta1, beta2, eps, weight_decay=weight_decay)
    """
    m: Tensor = 0
    v: Layer = 0
    v = where(t == 1, square(norm(g)), lerp(v, square(norm(g)), 1 - beta2))
    m = beta1 * m + g / (sqrt(v) + eps) + weight_decay * w
    return lr * m
