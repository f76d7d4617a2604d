def sgd(w, g, lr):
    """A Stochastic Approximation Method. Robbins & Monro, 1951.

    reference: optax:sgd(learning_rate)
    """
    return lr * g


def momentum_sgd(w, g, lr, *, beta=0.9):
    """Some methods of speeding up the convergence of iteration methods. Polyak, 1964.

    reference: optax:sgd(learning_rate, momentum=beta)
    """
    m: Tensor = 0
    m = beta * m + g
    return lr * m


def nesterov_sgd(w, g, lr, *, beta=0.9):
    """On the importance of initialization and momentum in deep learning. Sutskever et al., 2013.

    Nesterov's accelerated gradient (1983), written without looking ahead.

    reference: optax:sgd(learning_rate, momentum=beta, nesterov=True)
    """
    m: Tensor = 0
    m = beta * m + g
    return lr * (g + beta * m)


def optimistic_gd(w, g, t, lr, *, alpha=1.0, beta=1.0):
    """Training GANs with Optimism. Daskalakis et al., 2017. arXiv:1711.00141.

    reference: optax:optimistic_gradient_descent(learning_rate, alpha, beta)
    """
    before: Tensor = 0
    u = (alpha + beta) * g - beta * where(t == 1, g, before)
    before = g
    return lr * u
