"""Rules that draw noise: estimates of curvature or slope along random directions, and samplers."""


def noisy_sgd(w, g, t, lr, *, eta=0.01, gamma=0.55):
    """Adding Gradient Noise Improves Learning for Very Deep Networks. Neelakantan et al., 2015.
    arXiv:1511.06807. The noise on the gradient fades as training goes on.

    reference: paper: equation 1 of Neelakantan et al., 2015, t from 1 as in optax:noisy_sgd
    """
    return lr * (g + sqrt(eta / (1 + t)**gamma) * normal(w))


def sgld(w, g, lr, *, temperature=1.0):
    """Bayesian Learning via Stochastic Gradient Langevin Dynamics. Welling & Teh, 2011.
    Noise of the size of the step makes the iterates samples of the posterior.

    reference: paper: equation 4 of Welling & Teh, 2011, with lr for half of their step
    """
    return lr * g + sqrt(2 * lr * temperature) * normal(w)


def adahessian(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-4, power=1.0, weight_decay=0.0):
    """ADAHESSIAN: An Adaptive Second Order Optimizer for Machine Learning. Yao et al., 2020.
    arXiv:2006.00719. Adam whose second moment is that of the Hessian's diagonal, seen through one
    product with random signs and averaged over the kernel of a convolution.

    reference: paper: amirgholami/adahessian 23eeab0, image_classification/optim_adahessian.py
    """
    m: Tensor = 0
    v: Tensor = 0
    d = abs(hvp(rademacher(w)))
    if ndim(w) == 4:
        d = mean(d, axis=(2, 3))
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, d * d, 1 - beta2)
    root = (v / (1 - beta2**t)) ** (power / 2)
    return lr * (m / (1 - beta1**t) / (root + eps) + weight_decay * w)


def sophia_h(
    w, g, t, lr, *, beta1=0.965, beta2=0.99, gamma=0.01, eps=1e-8, weight_decay=1e-4, k=10
):
    """Sophia: A Scalable Stochastic Second-order Optimizer for Language Model Pre-training. Liu et
    al., 2023. arXiv:2305.14342. Momentum over a diagonal of the Hessian that is estimated now and
    then, clipped entry by entry; as in optax, the estimate serves from the next step on.

    reference: optax:contrib.sophia(learning_rate, beta1, beta2, eps, weight_decay, gamma=gamma)
    """
    m: Tensor = 0
    h: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    u = clip(m / (1 - beta1**t) / max(gamma * h, eps), -1, 1)
    if every(k, 1):
        z = rademacher(w)
        h = lerp(h, z * hvp(z), 1 - beta2)
    return lr * (u + weight_decay * w)


def oasis(w, g, t, *, beta2=0.99, alpha=1e-3, first=0.1):
    """Doubly Adaptive Scaled Algorithm for Machine Learning Using Second-Order Information. Jahani
    et al., 2021. arXiv:2109.05198. Gradient descent scaled by a diagonal of the Hessian, at a rate
    that follows from how the gradient changed along the last step.

    reference: paper: algorithm 1 of Jahani et al., 2021, from a diagonal of ones
    """
    d: Tensor = 1
    before: Tensor = w
    rate: Scalar = first
    theta: Scalar = 1e10
    z = rademacher(w)
    d = where(t == 1, d, lerp(d, z * hvp(z), 1 - beta2))
    scale = max(abs(d), alpha)
    change = g - grad_at(before)
    along = sqrt(global_sum(scale * square(w - before)))
    turned = sqrt(global_sum(square(change) / scale))
    local = where(turned > 0, along / (2 * turned), 1e30)
    last = rate
    rate = where(t == 1, last, min(sqrt(1 + theta) * last, local))
    theta = where(t == 1, theta, rate / last)
    before = w
    return rate * g / scale


def bsam(
    w, g, lr, *, beta1=0.9, beta2=0.999, rho=0.01, weight_decay=1e-4, damping=0.1, count=1000.0,
    start=1.0,
):
    """SAM as an Optimal Relaxation of Bayes. Moellenhoff & Khan, 2022. arXiv:2210.01620. SAM whose
    step aside is scaled by a precision, which is learned from gradients at a noisy point.

    reference: paper: team-approx-bayes/bayesian-sam 99d9942, optim.py, build_bsam_optimizer
    """
    m: Tensor = 0
    s: Tensor = start
    noisy = grad_at(w + normal(w) / sqrt(count * s))
    aside = grad_at(w + rho * noisy / s)
    m = lerp(m, aside + weight_decay * w, 1 - beta1)
    u = m / s
    s = lerp(s, sqrt(s * square(noisy)) + damping + weight_decay, 1 - beta2)
    return lr * u


def spsa(w, g, t, lr, *, c=0.1, gamma=0.101):
    """Multivariate Stochastic Approximation Using a Simultaneous Perturbation Gradient
    Approximation. Spall, 1992. Two values of the loss, either way along random signs, stand for
    the gradient.

    reference: paper: equations 2.1 and 2.2 of Spall, 1992
    """
    d = rademacher(w)
    size = c / t**gamma
    slope = (loss_at(w + size * d) - loss_at(w - size * d)) / (2 * size)
    return lr * slope * d


def mezo(w, g, lr, *, eps=1e-3, weight_decay=0.0):
    """Fine-Tuning Language Models with Just Forward Passes. Malladi et al., 2023. arXiv:2305.17333.
    The same two values along a normal direction, which a seed can draw again instead of storing it.

    reference: paper: algorithm 1 of Malladi et al., 2023
    """
    z = normal(w)
    slope = (loss_at(w + eps * z) - loss_at(w - eps * z)) / (2 * eps)
    return lr * (slope * z + weight_decay * w)


def forward_gradient(w, g, lr):
    """Gradients without Backpropagation. Baydin et al., 2022. arXiv:2202.08587. The slope along a
    normal direction, times that direction, is the gradient on average.

    reference: paper: algorithm 1 of Baydin et al., 2022
    """
    v = normal(w)
    return lr * global_dot(g, v) * v


def sa_sgld(w, g, lr, *, alpha=1.0, least=1e-6, most=1.0, r=1.0, s=1.0, temperature=1.0, z0=1.0):
    """Adaptive Stepsizing for Stochastic Gradient Langevin Dynamics in Bayesian Neural Networks.
    Rajpal et al., 2025. arXiv:2511.11666. Langevin steps that are short where the gradient of a
    parameter has been large, with noise to match.

    reference: paper: rajit906/SAM-ADAMS-IN-BDL, bnn_priors/mcmc/sasgld.py
    """
    z: Layer = z0
    z = lerp(norm(g)**s / alpha, z, exp(-alpha * lr))
    step = lr * least * (z**r + most) / (z**r + least)
    return step * g + sqrt(2 * step * temperature) * normal(w)


def sghmc(w, g, lr, *, alpha=0.1, estimate=0.0):
    """Stochastic Gradient Hamiltonian Monte Carlo. Chen et al., 2014. arXiv:1402.4102. Momentum as
    a sampler: friction takes out what noise of a matching size puts in. `estimate` is the part of
    the noise that the gradient is thought to bring along.

    reference: paper: equation 15 of Chen et al., 2014
    """
    v: Tensor = 0
    v = (1 - alpha) * v - lr * g + sqrt(2 * (alpha - estimate) * lr) * normal(w)
    return -v


def psgld(w, g, lr, *, beta=0.99, eps=1e-5, temperature=1.0):
    """Preconditioned Stochastic Gradient Langevin Dynamics for Deep Neural Networks. Li et al.,
    2015. arXiv:1512.07666. RMSProp as a sampler: the scale of each entry holds for its step and its
    noise.

    reference: paper: algorithm 1 of Li et al., 2015, without Gamma, with lr for half of their step
    """
    v: Tensor = 0
    v = lerp(v, g * g, 1 - beta)
    scale = 1 / (eps + sqrt(v))
    return lr * scale * g + sqrt(2 * lr * temperature * scale) * normal(w)


def evolution_strategies(w, g, lr, *, sigma=0.1, n=2):
    """Evolution Strategies as a Scalable Alternative to Reinforcement Learning. Salimans et al.,
    2017. arXiv:1703.03864. Values of the loss either way along n random directions stand for the
    gradient.

    reference: paper: algorithm 1 of Salimans et al., 2017, with mirrored sampling
    """
    total = 0
    for i in range(n):
        z = normal(w)
        total = total + (loss_at(w + sigma * z) - loss_at(w - sigma * z)) * z
    return lr * total / (2 * n * sigma)
