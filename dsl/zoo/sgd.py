"""Descent along the gradient, with and without momentum."""


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


def sgdw(w, g, lr, *, beta=0.9, weight_decay=0.01):
    """Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101.

    Momentum that never sees the decay: the parameters shrink by themselves.

    reference: pytorch_optimizer:SGDW(lr, momentum=beta, weight_decay=weight_decay)
    """
    m: Tensor = 0
    m = beta * m + g
    return lr * (m + weight_decay * w)


def qhm(w, g, lr, *, beta=0.999, nu=0.7):
    """Quasi-hyperbolic momentum and Adam for deep learning. Ma & Yarats, 2018. arXiv:1810.06801.

    A step is part gradient, part moving average, which may then look back far.

    reference: pytorch_optimizer:QHM(lr, momentum=beta, nu=nu)
    """
    m: Tensor = 0
    m = lerp(m, g, 1 - beta)
    return lr * lerp(g, m, nu)


def aggmo(w, g, lr, *, beta1=0.0, beta2=0.9, beta3=0.99):
    """Aggregated Momentum: Stability Through Passive Damping. Lucas et al., 2018. arXiv:1804.00325.

    The mean of three momenta: the short ones damp the oscillation of the long one.

    reference: pytorch_optimizer:AggMo(lr, betas=(beta1, beta2, beta3))
    """
    m1: Tensor = 0
    m2: Tensor = 0
    m3: Tensor = 0
    m1 = beta1 * m1 + g
    m2 = beta2 * m2 + g
    m3 = beta3 * m3 + g
    return lr * (m1 + m2 + m3) / 3


def pid(w, g, t, lr, *, beta=0.9, integral=5.0, derivative=10.0):
    """A PID Controller Approach for Stochastic Optimization of Deep Networks. An et al., 2018.

    The gradient is the error that a controller answers to; momentum is its integral, and the
    smoothed change of the gradient brakes.

    reference: pytorch_optimizer:PID(lr, momentum=beta, integral=integral, derivative=derivative)
    """
    i: Tensor = 0
    d: Tensor = 0
    before: Tensor = 0
    i = beta * i + g
    d = beta * d + (1 - beta) * where(t == 1, 0, g - before)
    before = g
    return lr * (g + integral * i + derivative * d)


def accsgd(w, g, lr, *, kappa=1000.0, xi=10.0, constant=0.7):
    """Accelerating Stochastic Gradient Descent For Least Squares Regression. Jain et al., 2017.
    arXiv:1704.08227.

    Two sequences, one of short steps and an average of long ones, meet at every step.

    reference: pytorch_optimizer:AccSGD(lr, kappa, xi, constant)
    """
    far: Tensor = w
    beta = xi * constant**2 / kappa
    far = lerp(far, w - lr * kappa / constant * g, beta)
    w = lerp(w - lr * g, far, beta / (constant + beta))


def sgd_sai(w, g, t, lr, *, beta=0.9, eps=1e-8, weight_decay=0.01):
    """No More Adam: Learning Rate Scaling at Initialization is All You Need. Xu et al., 2024.
    arXiv:2412.11768.

    The first gradient of a parameter, its norm by its standard deviation, sets its rate for good.

    reference: pytorch_optimizer:SGDSaI(lr, momentum=beta, weight_decay=weight_decay, eps=eps)
    """
    m: Tensor = 0
    snr: Layer = 0
    if t == 1:
        snr = norm(g)
        if ndim(w) >= 2:
            deviation = sqrt(sum(square(g - mean(g))) / (size(w) - 1))
            snr = where(deviation > 0, snr / (deviation + eps), snr)
    m = lerp(m, g, 1 - beta)
    return lr * (snr * m + weight_decay * w)


def sgdp(w, g, lr, *, beta=0.9, delta=0.1, wd_ratio=0.1, weight_decay=0.0):
    """AdamP: Slowing Down the Slowdown for Momentum Optimizers on Scale-invariant Weights.
    Heo et al., 2020. arXiv:2006.08217. Without Adam; channels are the first axis, as in torch.

    Weights about orthogonal to their gradient are taken for scale-invariant: they lose the part
    of the update along them, which only makes them grow, and most of the decay.

    reference: pytorch_optimizer:SGDP(lr, beta, weight_decay=weight_decay, delta=delta, eps=0)
    """
    m: Tensor = 0
    m = beta * m + g
    u = m
    decay = weight_decay / (1 - beta)
    if ndim(w) >= 2:
        channels = min(abs(dot(w, g, keep=0)) <= delta * rms(w, keep=0) * norm(g, keep=0))
        layer = abs(dot(w, g)) <= delta * rms(w) * norm(g)
        of_channels = divide_no_nan(dot(w, u, keep=0), dot(w, w, keep=0))
        of_layer = divide_no_nan(dot(w, u), dot(w, w))
        u = u - where(channels, of_channels, where(layer, of_layer, 0)) * w
        decay = decay * where(channels or layer, wd_ratio, 1)
    return lr * (u + decay * w)


def adamp(
    w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, delta=0.1, wd_ratio=0.1, weight_decay=0.0
):
    """AdamP: Slowing Down the Slowdown for Momentum Optimizers on Scale-invariant Weights.
    Heo et al., 2020. arXiv:2006.08217. Channels are the first axis, as in torch.

    Weights about orthogonal to their gradient are taken for scale-invariant: they lose the part
    of the update along them, which only makes them grow, and most of the decay.

    reference: pytorch_optimizer:AdamP(lr, (beta1, beta2), weight_decay, delta=delta, eps=eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    u = m_hat / (sqrt(v_hat) + eps)
    decay = weight_decay
    if ndim(w) >= 2:
        channels = min(abs(dot(w, g, keep=0)) <= delta * rms(w, keep=0) * norm(g, keep=0))
        layer = abs(dot(w, g)) <= delta * rms(w) * norm(g)
        of_channels = divide_no_nan(dot(w, u, keep=0), dot(w, w, keep=0))
        of_layer = divide_no_nan(dot(w, u), dot(w, w))
        u = u - where(channels, of_channels, where(layer, of_layer, 0)) * w
        decay = decay * where(channels or layer, wd_ratio, 1)
    return lr * (u + decay * w)
