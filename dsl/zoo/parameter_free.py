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
