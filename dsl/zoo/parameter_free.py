"""Rules that find their own learning rate."""


def dog(w, g, t, lr, *, first=1e-6, eps=1e-8):
    """DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size Schedule. Ivgi et al., 2023.
    arXiv:2302.12022.

    reference: optax:contrib.dog(learning_rate, ("heuristic", first), eps)
    """
    start: Tensor = w
    far: Scalar = 0
    total: Scalar = 0
    far = where(t == 1, first * (1 + global_norm(w)), max(far, global_norm(start - w)))
    total = total + square(global_norm(g))
    return lr * far / sqrt(total + eps) * g


def dowg(w, g, lr, *, eps=1e-4):
    """DoWG Unleashed: An Efficient Universal Parameter-Free Gradient Descent Method. Khaled et al.,
    2023. arXiv:2305.16284.

    reference: optax:contrib.dowg(learning_rate, eps=eps)
    """
    start: Tensor = w
    far: Scalar = eps
    total: Scalar = 0
    far = max(far, square(global_norm(start - w)))
    total = total + far * square(global_norm(g))
    return lr * far / (sqrt(total) + eps) * g


def cocob(w, g, lr, *, alpha=100.0, eps=1e-8):
    """Training Deep Networks without Learning Rates Through Coin Betting. Orabona & Tommasi, 2017.
    arXiv:1705.07795.

    reference: optax:contrib.cocob(learning_rate, alpha, eps)
    """
    start: Tensor = w
    wealth: Tensor = 0
    total: Tensor = 0
    size: Tensor = eps
    betted: Tensor = 0
    u = lr * g
    size = max(size, abs(u))
    total = total + abs(u)
    wealth = max(wealth - u * (w - start), 0)
    betted = betted - u
    w = start + betted / (size * max(total + size, alpha * size)) * (size + wealth)


def prodigy(
    w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, first=1e-6, growth=1.0, weight_decay=0.0
):
    """Prodigy: An Expeditiously Adaptive Parameter-Free Learner. Mishchenko & Defazio, 2023.
    arXiv:2306.06101. With bias correction.

    reference: optax:contrib.prodigy(learning_rate, (beta1, beta2), eps=eps)
    """
    start: Tensor = w
    m: Tensor = 0
    v: Tensor = 0
    s: Tensor = 0
    d: Scalar = first
    total: Scalar = 0
    beta3 = sqrt(beta2)
    rate = d * lr * sqrt(1 - beta2**t) / (1 - beta1**t)
    m = lerp(m, d * g, 1 - beta1)
    v = lerp(v, square(d * g), 1 - beta2)
    s = beta3 * s + rate * d / first * g
    total = beta3 * total + d / first * rate * global_dot(g, start - w)
    d = max(d, growth * total / global_sum(abs(s)))
    return rate * (m / (sqrt(v) + d * eps) + weight_decay * w)


def dadapt_adam(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, first=1e-6, weight_decay=0.0):
    """Learning-Rate-Free Learning by D-Adaptation. Defazio & Mishchenko, 2023. arXiv:2301.07733.
    D-adapted Adam with bias correction.

    reference: optax:contrib.dadapt_adamw(learning_rate, (beta1, beta2), eps, first)
    """
    m: Tensor = 0
    v: Tensor = 0
    s: Tensor = 0
    d: Scalar = first
    total: Scalar = 0
    beta3 = sqrt(beta2)
    rate = d * lr * sqrt(1 - beta2**t) / (1 - beta1**t)
    gain = global_dot(g, s / (sqrt(v) + eps))
    m = beta1 * m + (1 - beta1) * rate * g
    v = lerp(v, g * g, 1 - beta2)
    s = beta3 * s + (1 - beta3) * rate * g
    total = beta3 * total + (1 - beta3) * rate * gain
    d = max(d, total / ((1 - beta3) * global_sum(abs(s))))
    return rate * weight_decay * w + m / (sqrt(v) + eps)


def dadapt_sgd(w, g, lr, *, beta=0.9, first=1e-6):
    """Learning-Rate-Free Learning by D-Adaptation. Defazio & Mishchenko, 2023. arXiv:2301.07733.
    D-adapted gradient descent, in units of the first gradient, with an average as momentum.

    reference: pytorch_optimizer:DAdaptSGD(lr, beta, first)
    """
    start: Tensor = w
    s: Tensor = 0
    unit: Scalar = 0
    d: Scalar = first
    total: Scalar = 0
    unit = where(unit == 0, global_norm(g), unit)
    rate = divide_no_nan(d * lr, unit)
    total = total + rate * global_dot(g, s)
    s = s + rate * g
    d = max(d, divide_no_nan(2 * total, global_norm(s)))
    w = lerp(w, start - s, 1 - beta)


def dadapt_adagrad(w, g, lr, *, beta=0.0, eps=0.0, first=1e-6):
    """Learning-Rate-Free Learning by D-Adaptation. Defazio & Mishchenko, 2023. arXiv:2301.07733.
    D-adapted AdaGrad, in which every step sets out from the start anew.

    reference: pytorch_optimizer:DAdaptAdaGrad(lr, beta, first, eps=eps)
    """
    start: Tensor = w
    s: Tensor = 0
    v: Tensor = 1e-6
    d: Scalar = first
    total: Scalar = 0
    rate = d * lr
    s = s + rate * g
    v = v + g * g
    root = sqrt(v) + eps
    total = total + rate * rate * global_sum(g * g / root)
    gain = global_sum(s * s / root) - total
    d = max(d, divide_no_nan(gain, global_sum(abs(s))))
    w = lerp(w, start - s / root, 1 - beta)


def dadapt_lion(w, g, lr, *, beta1=0.9, beta2=0.99, first=1e-6, weight_decay=0.0):
    """Learning-Rate-Free Learning by D-Adaptation. Defazio & Mishchenko, 2023. arXiv:2301.07733.
    D-adapted Lion; the momentum holds the gradients times their rates.

    reference: pytorch_optimizer:DAdaptLion(lr, (beta1, beta2), first, weight_decay)
    """
    m: Tensor = 0
    s: Tensor = 0
    d: Scalar = first
    total: Scalar = 0
    beta3 = sqrt(beta2)
    rate = d * lr
    u = sign(lerp(m, g, 1 - beta1))
    m = lerp(m, rate * g, 1 - beta2)
    total = lerp(total, rate * global_sum(u * s), 1 - beta3)
    s = lerp(s, rate * u, 1 - beta3)
    d = max(d, divide_no_nan(total, (1 - beta3) * global_sum(abs(s))))
    return rate * (u + weight_decay * w)


def dadapt_adan(
    w, g, lr, *, beta1=0.98, beta2=0.92, beta3=0.99, eps=1e-8, first=1e-6, weight_decay=0.02
):
    """Learning-Rate-Free Learning by D-Adaptation. Defazio & Mishchenko, 2023. arXiv:2301.07733.
    D-adapted Adan; the moments hold the gradients times their rates.

    reference: paper: facebookresearch/dadaptation 265b410, dadaptation/dadapt_adan.py
    """
    m: Tensor = 0
    n: Tensor = 0
    v: Tensor = 0
    s: Tensor = 0
    before: Tensor = g
    d: Scalar = first
    total: Scalar = 0
    rate = d * lr
    change = g - before
    before = g
    m = lerp(m, rate * g, 1 - beta1)
    n = lerp(n, rate * change, 1 - beta2)
    v = lerp(v, square(g + beta2 * change), 1 - beta3)
    s = lerp(s, rate * g, 1 - beta3)
    root = sqrt(v) + eps
    total = lerp(total, rate * rate * global_sum(g * g / root), 1 - beta3)
    gain = global_sum(s * s / root) / (1 - beta3) - total
    d = max(d, divide_no_nan(gain, global_sum(abs(s))))
    w = (w - (m + beta2 * n) / root) / (1 + rate * weight_decay)


def ldog(w, g, t, lr, *, first=1e-6, eps=1e-8, weight_decay=0.0):
    """DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size Schedule. Ivgi et al., 2023.
    arXiv:2302.12022. L-DoG: each parameter measures its own distances and gradients.

    reference: paper: formll/dog 7d1d216, LDoG
    """
    start: Tensor = w
    far: Layer = 0
    total: Layer = 0
    x = g + weight_decay * w
    far = where(t == 1, first * (1 + norm(w)), max(far, norm(w - start)))
    total = total + dot(x, x)
    return lr * far / sqrt(total + eps) * x


def coin_betting_kt(w, g, t, *, wealth=1.0):
    """Coin Betting and Parameter-Free Online Learning. Orabona & Pal, 2016. arXiv:1602.04128.

    The distance from the start is a bet on the next gradient, and the stake a share of what earlier
    bets have won. For gradients no longer than 1.

    reference: paper: algorithm 1 of Orabona & Pal, 2016
    """
    start: Tensor = w
    total: Tensor = 0
    won: Scalar = 0
    won = won - global_dot(g, w - start)
    total = total - g
    w = start + (wealth + won) / (t + 1) * total
