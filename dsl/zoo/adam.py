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


def adamax(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam: A Method for Stochastic Optimization. Kingma & Ba, 2014. Section 7.1, by the largest
    gradient in place of the mean square.

    reference: torch:Adamax(lr, (beta1, beta2), eps)
    """
    m: Tensor = 0
    u: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    u = max(beta2 * u, abs(g) + eps)
    return lr * m / ((1 - beta1**t) * u)


def adamaxw(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=1e-4):
    """Adam: A Method for Stochastic Optimization. Kingma & Ba, 2014. AdaMax with decoupled decay.

    reference: optax:adamaxw(learning_rate, beta1, beta2, eps, weight_decay=weight_decay)
    """
    m: Tensor = 0
    u: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    u = max(beta2 * u, abs(g) + eps)
    return lr * (m / ((1 - beta1**t) * u) + weight_decay * w)


def radam(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """On the Variance of the Adaptive Learning Rate and Beyond. Liu et al., 2019. arXiv:1908.03265.
    As in torch: rectified where more than five gradients are averaged.

    reference: torch:RAdam(lr, (beta1, beta2), eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    scale = sqrt(max(ratio, 0)) * sqrt(1 - beta2**t) / (sqrt(v) + eps)
    return lr * m / (1 - beta1**t) * where(length > 5, scale, 1)


def radam_optax(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """On the Variance of the Adaptive Learning Rate and Beyond. Liu et al., 2019. arXiv:1908.03265.
    As in optax: eps beside the corrected root, rectified from five gradients on.

    reference: optax:radam(learning_rate, beta1, beta2, eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    scale = sqrt(max(ratio, 0)) / (sqrt(v / (1 - beta2**t)) + eps)
    return lr * m / (1 - beta1**t) * where(length >= 5, scale, 1)


def adabelief(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-16, eps_root=1e-16):
    """AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients. Zhuang et al.,
    2020. arXiv:2010.07468.

    reference: optax:adabelief(learning_rate, beta1, beta2, eps, eps_root)
    """
    m: Tensor = 0
    s: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    s = lerp(s, square(g - m), 1 - beta2) + eps_root
    return lr * m / (1 - beta1**t) / (sqrt(s / (1 - beta2**t)) + eps)


def yogi(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-3, start=1e-6):
    """Adaptive Methods for Nonconvex Optimization. Zaheer et al., 2018.

    reference: optax:yogi(learning_rate, beta1, beta2, eps)
    """
    m: Tensor = start
    v: Tensor = start
    m = lerp(m, g, 1 - beta1)
    v = v - (1 - beta2) * sign(v - g * g) * (g * g)
    return lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)


def adan_optax(w, g, t, lr, *, beta1=0.98, beta2=0.92, beta3=0.99, eps=1e-8, weight_decay=0.0):
    """Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models. Xie et al.,
    2022. arXiv:2208.06677. With optax's weight 1 - beta2, not beta2, on the difference.

    reference: optax:adan(learning_rate, beta1, beta2, beta3, eps, 0, weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    n: Tensor = 0
    before: Tensor = 0
    d = min(t - 1, 1) * (g - before)
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, d, 1 - beta2)
    n = lerp(n, square(g + (1 - beta2) * d), 1 - beta3)
    before = g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    n_hat = n / (1 - beta3**t)
    return lr * ((m_hat + (1 - beta2) * v_hat) / (sqrt(n_hat) + eps) + weight_decay * w)


def acprop(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-16, eps_root=1e-16):
    """Momentum Centering and Asynchronous Update for Adaptive Gradient Methods. Zhuang et al.,
    2021. arXiv:2110.05454.

    reference: optax:contrib.acprop(learning_rate, beta1, beta2, eps, eps_root)
    """
    m: Tensor = 0
    s: Tensor = 0
    root = where(t == 1, 1, sqrt(s / (1 - beta2**(t - 1))))
    s = lerp(s, square(g - m), 1 - beta2) + eps_root
    m = lerp(m, g, 1 - beta1)
    return lr * g / (root + eps)


def ademamix(
    w, g, t, lr, *, beta1=0.9, beta2=0.999, beta3=0.9999, alpha=5.0, eps=1e-8, weight_decay=0.0
):
    """The AdEMAMix Optimizer: Better, Faster, Older. Pagliardini et al., 2024. arXiv:2409.03137.
    With constant beta3 and alpha.

    reference: optax:contrib.ademamix(learning_rate, beta1, beta2, beta3, alpha, eps)
    """
    fast: Tensor = 0
    slow: Tensor = 0
    v: Tensor = 0
    fast = lerp(fast, g, 1 - beta1)
    slow = lerp(slow, g, 1 - beta3)
    v = lerp(v, g * g, 1 - beta2)
    mix = fast / (1 - beta1**t) + alpha * slow
    return lr * (mix / (sqrt(v / (1 - beta2**t)) + eps) + weight_decay * w)


def simplified_ademamix(
    w, g, t, lr, *, beta1=0.99, beta2=0.95, alpha=0.0, eps=1e-8, weight_decay=0.0
):
    """Connections between Schedule-Free Optimizers, AdEMAMix, and Accelerated SGD Variants. Morwani
    et al., 2025. arXiv:2502.02431.

    reference: optax:contrib.simplified_ademamix(learning_rate, beta1, beta2, alpha, eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = beta1 * m + g
    v = lerp(v, g * g, 1 - beta2)
    return lr * ((m + alpha * g) / (sqrt(v / (1 - beta2**t)) + eps) + weight_decay * w)


def adopt(w, g, t, lr, *, beta1=0.9, beta2=0.9999, eps=1e-6):
    """ADOPT: Modified Adam Can Converge with Any beta2 with the Optimal Rate. Taniguchi et al.,
    2024. arXiv:2411.02853. The first step only measures.

    reference: optax:contrib.adopt(learning_rate, beta1, beta2, eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    bound = (t - 1) ** 0.25
    u = clip(g / max(sqrt(v), eps), -bound, bound)
    m = where(t == 1, u, lerp(m, u, 1 - beta1))
    v = where(t == 1, g * g, lerp(v, g * g, 1 - beta2))
    return lr * m


def nadamw(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=1e-4):
    """Incorporating Nesterov Momentum into Adam. Dozat, 2016. With decoupled decay, as in optax.

    reference: optax:nadamw(learning_rate, beta1, beta2, eps, weight_decay=weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = beta1 * m / (1 - beta1**(t + 1)) + (1 - beta1) * g / (1 - beta1**t)
    return lr * (m_hat / (sqrt(v / (1 - beta2**t)) + eps) + weight_decay * w)


def optimistic_adam(w, g, t, lr, *, alpha=1.0, beta=1.0, beta1=0.9, beta2=0.999, eps=1e-8):
    """Training GANs with Optimism. Daskalakis et al., 2017. arXiv:1711.00141. Optimism on the
    direction of Adam.

    reference: optax:optimistic_adam_v2(learning_rate, alpha=alpha, beta=beta, nesterov=False)
    """
    m: Tensor = 0
    v: Tensor = 0
    before: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    u = m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)
    step = (alpha + beta) * u - beta * where(t == 1, u, before)
    before = u
    return lr * step
