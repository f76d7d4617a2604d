def adam(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam: A Method for Stochastic Optimization. Kingma & Ba, 2014. arXiv:1412.6980.

    reference: optax:adam(learning_rate, beta1, beta2, eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return lr * m_hat / (sqrt(v_hat) + eps)


def adamw(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101.

    reference: optax:adamw(learning_rate, beta1, beta2, eps, weight_decay=weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)


def nadam(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=0.004):
    """Incorporating Nesterov Momentum into Adam. Dozat, 2016. With its momentum schedule.

    reference: torch:NAdam(lr, (beta1, beta2), eps, momentum_decay=momentum_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    product: Scalar = 1
    mu = beta1 * (1 - 0.5 * 0.96**(t * momentum_decay))
    mu_next = beta1 * (1 - 0.5 * 0.96**((t + 1) * momentum_decay))
    product = product * mu
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
    return lr * m_hat / (sqrt(v / (1 - beta2**t)) + eps)


def nadam_optax(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """Incorporating Nesterov Momentum into Adam. Dozat, 2016. With constant momentum.

    reference: optax:nadam(learning_rate, beta1, beta2, eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = beta1 * m / (1 - beta1**(t + 1)) + (1 - beta1) * g / (1 - beta1**t)
    return lr * m_hat / (sqrt(v / (1 - beta2**t)) + eps)


def amsgrad(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """On the Convergence of Adam and Beyond. Reddi et al., 2018. arXiv:1904.09237.
    The largest second moment is taken before the bias correction.

    reference: torch:Adam(lr, (beta1, beta2), eps, amsgrad=True)
    """
    m: Tensor = 0
    v: Tensor = 0
    v_max: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    v_max = max(v_max, v)
    m_hat = m / (1 - beta1**t)
    v_hat = v_max / (1 - beta2**t)
    return lr * m_hat / (sqrt(v_hat) + eps)


def amsgrad_optax(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """On the Convergence of Adam and Beyond. Reddi et al., 2018. arXiv:1904.09237.
    The largest second moment is taken after the bias correction.

    reference: optax:amsgrad(learning_rate, beta1, beta2, eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    v_max: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_max = max(v_max, v / (1 - beta2**t))
    return lr * m_hat / (sqrt(v_max) + eps)
