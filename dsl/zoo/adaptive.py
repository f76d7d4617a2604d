def adagrad(w, g, lr, *, eps=1e-10):
    """Adaptive Subgradient Methods for Online Learning and Stochastic Optimization.
    Duchi et al., 2011.

    reference: torch:Adagrad(lr, eps=eps)
    """
    total: Tensor = 0
    total = total + g * g
    return lr * g / (sqrt(total) + eps)


def adagrad_optax(w, g, lr, *, start=0.1, eps=1e-7):
    """Adaptive Subgradient Methods for Online Learning and Stochastic Optimization.
    Duchi et al., 2011. The sum starts above zero and eps is inside the root.

    reference: optax:adagrad(learning_rate, start, eps)
    """
    total: Tensor = start
    total = total + g * g
    return lr * g / sqrt(total + eps)


def rmsprop(w, g, lr, *, beta=0.99, eps=1e-8):
    """Neural Networks for Machine Learning, lecture 6.5. Tieleman & Hinton, 2012.

    reference: torch:RMSprop(lr, alpha=beta, eps=eps)
    """
    v: Tensor = 0
    v = lerp(v, g * g, 1 - beta)
    return lr * g / (sqrt(v) + eps)


def rmsprop_optax(w, g, lr, *, beta=0.9, eps=1e-8):
    """Neural Networks for Machine Learning, lecture 6.5. Tieleman & Hinton, 2012.
    Here eps is inside the root.

    reference: optax:rmsprop(learning_rate, decay=beta, eps=eps)
    """
    v: Tensor = 0
    v = lerp(v, g * g, 1 - beta)
    return lr * g / sqrt(v + eps)


def adadelta(w, g, lr, *, rho=0.9, eps=1e-6):
    """ADADELTA: An Adaptive Learning Rate Method. Zeiler, 2012. arXiv:1212.5701.

    reference: torch:Adadelta(lr, rho, eps)
    """
    v: Tensor = 0
    u: Tensor = 0
    v = lerp(v, g * g, 1 - rho)
    d = sqrt(u + eps) / sqrt(v + eps) * g
    u = lerp(u, d * d, 1 - rho)
    return lr * d


def rmsprop_centered_momentum(w, g, lr, *, beta=0.99, momentum=0.9, eps=1e-8):
    """Generating Sequences With Recurrent Neural Networks. Graves, 2013. arXiv:1308.0850. The mean
    square around the mean, and momentum, as in torch.

    reference: torch:RMSprop(lr, beta, eps, momentum=momentum, centered=True)
    """
    v: Tensor = 0
    mean_g: Tensor = 0
    m: Tensor = 0
    v = lerp(v, g * g, 1 - beta)
    mean_g = lerp(mean_g, g, 1 - beta)
    m = momentum * m + g / (sqrt(v - mean_g * mean_g) + eps)
    return lr * m
