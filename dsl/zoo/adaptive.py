"""Rates of their own for every entry, by the squares of past gradients."""


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


def ftrl(w, g, lr, *, beta=0.0, lambda1=0.0, lambda2=0.0):
    """Ad Click Prediction: a View from the Trenches. McMahan et al., 2013. FTRL-Proximal: every
    step solves anew for the point that all gradients so far ask for, under two penalties.

    reference: pytorch_optimizer:FTRL(lr, beta=beta, lambda_1=lambda1, lambda_2=lambda2)
    """
    z: Tensor = 0
    n: Tensor = 0
    before = n
    n = n + g * g
    sigma = (sqrt(n) - sqrt(before)) / lr
    z = z + g - sigma * w
    curvature = (beta + sqrt(n)) / lr + lambda2
    w = where(abs(z) > lambda1, (lambda1 * sign(z) - z) / curvature, 0)


def msvag(w, g, t, lr, *, beta=0.9):
    """Dissecting Adam: The Sign, Magnitude and Variance of Stochastic Gradients. Balles & Hennig,
    2017. arXiv:1705.07774. Momentum, shrunk where its entries are mostly noise.

    reference: pytorch_optimizer:MSVAG(lr, beta)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta)
    v = lerp(v, g * g, 1 - beta)
    m_hat = m / (1 - beta**t)
    v_hat = v / (1 - beta**t)
    rho = min((1 - beta) * (1 + beta**t) / ((1 + beta) * (1 - beta**t)), 0.9999)
    variance = (v_hat - square(m_hat)) / (1 - rho)
    shrink = divide_no_nan(square(m_hat), square(m_hat) + rho * variance)
    return lr * clip(shrink, 0, 1) * m_hat


def kate(w, g, lr, *, eta=0.0, eps=1e-8):
    """Remove that Square Root: A New Efficient Scale-Invariant Version of AdaGrad. Choudhury et
    al., 2024. arXiv:2403.02648. AdaGrad divided by the sum of squares itself, times a second sum.

    reference: pytorch_optimizer:Kate(lr, eta, eps=eps)
    """
    b_squared: Tensor = 0
    m_squared: Tensor = 0
    b_squared = b_squared + g * g + eps
    m_squared = m_squared + eta * g * g + g * g / b_squared
    return lr * sqrt(m_squared) * g / b_squared


def madgrad(w, g, t, lr, *, beta=0.9, eps=1e-6):
    """Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for
    Stochastic Optimization. Defazio & Jelassi, 2021. arXiv:2101.11075. Moves towards a point that
    lies off the start by the sum of all gradients, over the cube root of their squares.

    reference: pytorch_optimizer:MADGRAD(lr, momentum=beta, eps=eps)
    """
    start: Tensor = w
    s: Tensor = 0
    v: Tensor = 0
    weight = (lr + eps) * t**0.5
    s = s + weight * g
    v = v + weight * g * g
    z = start - s / (cbrt(v) + eps)
    w = lerp(w, z, 1 - beta)


def madgradw(w, g, lr, *, eps=1e-6, weight_decay=0.01):
    """Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for
    Stochastic Optimization. Defazio & Jelassi, 2021. arXiv:2101.11075. With decoupled decay.

    reference: pytorch_optimizer:MADGRAD(lr, beta, weight_decay, weight_decouple=True, eps=eps)
    """
    return madgrad(w, g, eps=eps) + (lr + eps) * weight_decay * w


def adasmooth(w, g, lr, *, rho1=0.5, rho2=0.99, eps=1e-6):
    """AdaSmooth: An Adaptive Learning Rate Method based on Effective Ratio. Lu, 2022.
    arXiv:2204.00825. The mean square forgets fast where a parameter keeps its direction, and slowly
    where it goes to and fro.

    reference: pytorch_optimizer:AdaSmooth(lr, (rho1, rho2), eps=eps)
    """
    before: Tensor = w
    shift: Tensor = 0
    way: Tensor = 0
    v: Tensor = 0
    shift = shift + (w - before)
    way = way + abs(w - before)
    before = w
    ratio = abs(shift) / (way + eps)
    c = (rho2 - rho1) * ratio + (1 - rho2)
    v = lerp(v, g * g, c * c)
    return lr * g / sqrt(v + eps)


def amos(w, g, t, lr, *, beta=0.999, zeta=0.25, eps=1e-18):
    """Amos: An Adam-style Optimizer with Adaptive Weight Decay towards Model-Oriented Scale. Tian &
    Parikh, 2022. arXiv:2210.11693. One mean square a parameter; its weight decay and learning rate
    decay lead to the expected size of its entries, here that of a layer before a ReLU.

    reference: pytorch_optimizer:Amos(lr, beta, c_coef=zeta, d_coef=zeta, eps=eps)
    """
    v: Layer = 0
    b: Layer = 0
    scale = sqrt(2 / fan_in(w)) if ndim(w) >= 2 else 0.5
    v = lerp(v, mean(g * g), 1 - beta)
    v_hat = (v + eps) / (1 - beta**t)
    gamma = square(lr) / sqrt(1 + zeta * sqrt(lr) * b) * mean(g * g) / v_hat
    slower = 1 + zeta * sqrt(lr * scale) * b
    b = b + gamma * (1 + b)
    return (lr * scale * g / sqrt(v_hat) + gamma / 2 * w) / slower


def apollo_quasi_newton(w, g, t, lr, *, beta=0.9, eps=1e-4, floor=0.01):
    """Apollo: An Adaptive Parameter-wise Diagonal Quasi-Newton Method for Nonconvex Stochastic
    Optimization. Ma, 2020. arXiv:2009.13586. Learns the diagonal of the Hessian from how momentum
    changes along the last direction, and divides by it where it is large enough.

    reference: pytorch_optimizer:ApolloDQN(lr, beta=beta, warmup_steps=0, eps=eps)
    """
    m: Tensor = 0
    hessian: Tensor = 0
    d: Tensor = 0
    alpha = (1 - beta) / (1 - beta**t)
    change = alpha * (g - m)
    m = m + change
    size = sqrt(norm(square(d))) + eps / floor
    along = d / size
    missing = -dot(change, along) / size - dot(hessian, square(along))
    hessian = hessian + missing * square(along)
    d = m / max(abs(hessian), floor)
    return lr * d


def dualadam(
    w, g, t, lr, *, beta1=0.9, beta2=0.999, switch_rate=0.01, eps=1e-8, weight_decay=0.0
):
    """Combining Adam and its Inverse Counterpart to Enhance Generalization of Deep Learning
    Optimizers. Shi et al., 2026. arXiv:2603.07122. Multiplies by the root of the second moment at
    first, and goes over to dividing by it.

    reference: pytorch_optimizer:DualAdam(lr, (beta1, beta2), switch_rate, weight_decay, True)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    d = sqrt(v / (1 - beta2**t)) + eps
    share = 1 - t * switch_rate
    share = where(share >= switch_rate, share, 0)
    return lr * (lerp(1 / d, d, share) * m_hat + weight_decay * w)


def bcos_m(w, g, lr, *, beta1=0.9, beta2=0.9, eps=1e-6, weight_decay=0.1):
    """Stochastic Approximation with Block Coordinate Optimal Stepsizes. Jiang & Xiao, 2025.
    arXiv:2507.08963. BCOS-m: the second moment is that of the momentum, not that of the gradient.

    reference: pytorch_optimizer:BCOS(lr, beta1, beta2, mode="m", weight_decay=weight_decay)
    """
    m: Tensor = g
    v: Tensor = g * g
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, m * m, 1 - beta2)
    return lr * (m / (sqrt(v) + eps) + weight_decay * w)


def gravity(w, g, t, lr, *, beta=0.9):
    """Gravity Optimizer: a Kinematic Approach on Optimization in Deep Learning. Bahrami & Pouriyan
    Zadeh, 2021. arXiv:2101.09192. A ball that gets little push where the slope is steep; from rest,
    where the paper draws its first velocity at random.

    reference: pytorch_optimizer:Gravity(lr, alpha=0, beta=beta)
    """
    velocity: Tensor = 0
    push = g / (1 + square(g * max(abs(g))))
    velocity = lerp(push, velocity, (beta * t + 1) / (t + 2))
    return lr * velocity


def spam(
    w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.0, threshold=5000.0,
    k=500, wait=20, warmup=50
):
    """SPAM: Spike-Aware Adam with Momentum Reset for Stable LLM Training. Huang et al., 2025.
    arXiv:2501.06842. Adam that clips spikes of the gradient, entry by entry, and starts its moments
    anew every k steps; dense, without the random masks.

    reference: pytorch_optimizer:SPAM(lr, (beta1, beta2), threshold=threshold, update_proj_gap=k)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = where(every(k), 0, m)
    v = where(every(k), 0, v)
    bound = sqrt(threshold * v)
    u = where(t % k >= wait, clip(g, -bound, bound), g)
    m = lerp(m, u, 1 - beta1)
    v = lerp(v, u * u, 1 - beta2)
    angle = 3.141592653589793 * min(t % k + 1, warmup + 1) / (warmup + 1)
    scale = where(t >= k, 1 - 0.99 * (1 + cos(angle)) / 2, 1)
    step = lr * scale * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps)
    return step + lr * weight_decay * (w - step)


def stable_spam(
    w, g, t, lr, *, beta1=0.9, beta2=0.999, gamma1=0.7, gamma2=0.9, theta=0.999, eps=1e-8,
    weight_decay=0.0, k=1000
):
    """Stable-SPAM: How to Train in 4-Bit More Stably than 16-Bit Adam. Huang et al., 2025.
    arXiv:2502.17055. Adam on gradients whose largest entry and whose norm are held to their own
    averages, with moments that start anew every k steps.

    reference: pytorch_optimizer:StableSPAM(lr, (beta1, beta2), gamma1, gamma2, theta)
    """
    m: Tensor = 0
    v: Tensor = 0
    largest: Layer = 0
    mean_norm: Layer = 0
    mean_square: Layer = 0
    steps: Scalar = 0
    top = max(abs(g))
    largest = lerp(largest, top, 1 - theta)
    bound = largest / (1 - theta**t)
    u = where(abs(g) > bound, g / top * bound, g)
    mean_norm = lerp(mean_norm, norm(u), 1 - gamma1)
    mean_square = lerp(mean_square, square(norm(u)), 1 - gamma2)
    size = mean_norm / (1 - gamma1**t) / (sqrt(mean_square / (1 - gamma2**t)) + eps)
    u = size * divide_no_nan(u, norm(u))
    m = lerp(where(every(k), 0, m), u, 1 - beta1)
    v = lerp(where(every(k), 0, v), u * u, 1 - beta2)
    steps = where(every(k), 1, steps + 1)
    m_hat = m / (1 - beta1**steps)
    v_hat = v / (1 - beta2**steps)
    return lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)


def adagc(
    w, g, t, lr, *, beta1=0.9, beta2=0.999, beta=0.98, lambda_abs=1.0, lambda_rel=1.05, eps=1e-8,
    weight_decay=0.1, warmup=100
):
    """AdaGC: Improving Training Stability for LLM Pretraining. Wang et al., 2025. arXiv:2502.11034.
    AdamW on gradients that are clipped by the norm of the whole model at first, and then parameter
    by parameter, by the average of their own clipped norms.

    reference: pytorch_optimizer:AdaGC(lr, betas, beta, lambda_abs, lambda_rel, warmup)
    """
    m: Tensor = 0
    v: Tensor = 0
    gamma: Layer = 0
    early = t == 1 or t < warmup
    whole = lambda_abs / (global_norm(g) + eps)
    own = lambda_rel * max(gamma, eps) / max(norm(g), eps)
    u = min(where(early, whole, own), 1) * g
    least = where(t == 1, norm(u), min(gamma, norm(u)))
    gamma = where(early, least, lerp(gamma, norm(u), 1 - beta))
    m = lerp(m, u, 1 - beta1)
    v = lerp(v, u * u, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)


def adashift(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-10, n=10):
    """AdaShift: Decorrelation and Convergence of Adaptive Learning Rate Methods. Zhou et al., 2018.
    arXiv:1810.00143. The second moment is that of the gradient n steps ago, which knows nothing of
    those that are averaged; one a parameter, of the largest entry.

    reference: pytorch_optimizer:AdaShift(lr, (beta1, beta2), keep_num=n, eps=eps)
    """
    recent: History[n] = 0
    m: Tensor = 0
    v: Layer = 0
    total = (1 - beta1**n) / (1 - beta1)
    old = recent[0]
    recent = push(recent, g)
    m = beta1 * (m - beta1 ** (n - 1) / total * old) + g / total
    v = where(t > n, lerp(v, max(square(old)), 1 - beta2), v)
    v_hat = v / (1 - beta2 ** max(1, t - n))
    return where(t > n, lr * m / (sqrt(v_hat) + eps), 0)


def amsbound(w, g, t, lr, *, beta1=0.9, beta2=0.999, final_lr=0.1, gamma=1e-3, eps=1e-8):
    """Adaptive Gradient Methods with Dynamic Bound of Learning Rate. Luo et al., 2019.
    arXiv:1902.09843. AMSBound: AdaBound whose rates come from the largest second moment so far.

    reference: pytorch_optimizer:AdaBound(lr, final_lr, (beta1, beta2), gamma, ams_bound=True)
    """
    m: Tensor = 0
    v: Tensor = 0
    v_max: Tensor = 0
    first: Scalar = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    v_max = max(v_max, v)
    first = where(first == 0, lr, first)
    final = divide_no_nan(final_lr * lr, first)
    low = final * (1 - 1 / (gamma * t + 1))
    high = final * (1 + 1 / (gamma * t))
    rate = lr * sqrt(1 - beta2**t) / (1 - beta1**t) / (sqrt(v_max) + eps)
    return clip(rate, low, high) * m


def bcos(w, g, lr, *, beta=0.9, eps=1e-6, weight_decay=0.1):
    """Stochastic Approximation with Block Coordinate Optimal Stepsizes. Jiang & Xiao, 2025.
    arXiv:2507.08963. BCOS-c: what the new momentum's square may be expected to be, given the old
    momentum, stands in for a second moment, which nobody has to store.

    reference: paper: BCOS-c of Jiang & Xiao, 2025, as in a copy of their bcos.py
    """
    m: Tensor = g
    v = (3 * beta**2 - 2 * beta**3) * square(m) + (1 - beta) ** 2 * square(g)
    v = v + 2 * beta * (1 - beta) ** 2 * m * g
    m = lerp(m, g, 1 - beta)
    return lr * (m / (sqrt(v) + eps) + weight_decay * w)


def bcos_simple(w, g, lr, *, beta=0.9, eps=1e-6, weight_decay=0.1):
    """Stochastic Approximation with Block Coordinate Optimal Stepsizes. Jiang & Xiao, 2025.
    arXiv:2507.08963. BCOS-c with the simpler estimate: a mean of the squares of the old momentum
    and of the gradient.

    reference: paper: BCOS-c of Jiang & Xiao, 2025, with the simple estimator
    """
    m: Tensor = g
    v = lerp(square(m), square(g), (1 - beta) ** 2)
    m = lerp(m, g, 1 - beta)
    return lr * (m / (sqrt(v) + eps) + weight_decay * w)


def adamomentum(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    """Rethinking Adam: A Twofold Exponential Moving Average Approach. Wang et al., 2021.
    arXiv:2106.11514. AdaMomentum: the second moment is that of the momentum, and grows by eps at
    every step.

    reference: paper: Wang et al., 2021, as others have written it down
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, m * m, 1 - beta2) + eps
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return lr * (m_hat / sqrt(v_hat) + weight_decay * w)


def adagrad_norm(w, g, lr, *, start=0.1):
    """AdaGrad stepsizes: Sharp convergence over nonconvex landscapes. Ward et al., 2018.
    arXiv:1806.01811. One rate for the whole model, by the lengths of all its gradients so far.

    reference: paper: AdaGrad-Norm of Ward et al., 2018
    """
    total: Scalar = start**2
    total = total + global_dot(g, g)
    return lr * g / sqrt(total)


def adam_cm(w, g, t, lr, *, beta1=0.9, beta2=0.999, decay=0.7, eps=1e-8, weight_decay=0.0, n=5):
    """Promoting Exploration in Memory-Augmented Adam using Critical Momenta. Malviya et al., 2023.
    arXiv:2307.09638. The mean of the n momenta whose gradients were largest, in the eyes of a
    memory that fades, is added to the momentum and carries the steps past narrow valleys.

    reference: paper: Adam+CM of Malviya et al., 2023, as in the authors' CMOptimizer
    """
    m: Tensor = 0
    v: Tensor = 0
    kept: History[n] = 0
    key: History[n, Scalar] = 0
    total = 0
    for i in range(n):
        total = total + kept[i]
    m = lerp(m, g, where(t == 1, 0, 1 - beta1))
    u = m + total / clip(t - 1, 1, n)
    v = lerp(v, u * u, 1 - beta2)
    new = where(t == 1, g, m)
    size_now = global_sum(norm(g))
    least = key[0]
    for i in range(1, n):
        least = min(least, key[i])
    waits = size_now > least
    for i in range(n):
        taken = waits and key[i] == least
        kept[i] = where(taken, new, kept[i])
        key[i] = decay * where(taken, size_now, key[i])
        waits = waits and not taken
    return lr * (u / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps) + weight_decay * w)


def unscaled_adamw(w, g, t, lr, *, beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """UnscaledAdamW. Nestler, 2025. Published as code, in HeavyBall. Averages gradients free of
    their scale, and gives the average the scale of today.

    reference: paper: UnscaledAdamW of heavyball 3.2.1, in double precision
    """
    m: Tensor = 0
    v: Tensor = 0
    v = lerp(v, g * g, (1 - beta2) / (1 - beta2**t))
    scale = max(sqrt(v), eps)
    m = lerp(m, g / scale, (1 - beta1) / (1 - beta1**t))
    return lr * (m * scale + weight_decay * w)


def innaprop(w, g, t, lr, *, alpha=0.1, beta=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """A second-order-like optimizer with adaptive gradient scaling for deep learning. Bolte et al.,
    2024. arXiv:2410.05871. A heavy ball that is braked as if by the Hessian, without having one, on
    gradients scaled as in RMSProp.

    reference: paper: INNAprop of Bolte et al., 2024, as in the authors' innaprop.py
    """
    psi: Tensor = (1 - alpha * beta) * w
    v: Tensor = 0
    x = (1 - lr * weight_decay) * w
    v = lerp(v, g * g, 1 - beta2)
    psi = psi + lr * ((1 / beta - alpha) * x - psi / beta)
    pull = ((1 - alpha * beta) * x - psi) / (beta - lr)
    w = x + lr * (pull - beta * g / (sqrt(v / (1 - beta2**t)) + eps))


def nadamw_mlcommons(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """On Empirical Comparisons of Optimizers for Deep Learning. Choi et al., 2019.
    arXiv:1910.05446. NAdamW with constant momentum, all of it corrected for bias at once, as in
    timm and the baselines of MLCommons.

    reference: paper: NAdamW of timm 1.0.31, after MLCommons
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = lerp(g, m, beta1) / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)


def ada_tam(w, g, lr, *, beta1=0.9, beta2=0.999, decay=0.9, eps=1e-8, weight_decay=0.0):
    """Torque-Aware Momentum. Malviya et al., 2024. arXiv:2412.18790. AdaTAMW: TAM's momentum
    over the root of a second moment, neither of them corrected for bias.

    reference: paper: AdaTAM of Malviya et al., 2024, as others have written it down
    """
    v: Tensor = 0
    m = tam(w, g, lr=1.0, beta=beta1, decay=decay, eps=eps)
    v = lerp(v, g * g, 1 - beta2)
    return lr * (m / (sqrt(v) + eps) + weight_decay * w)


def adam_cg(w, g, t, lr, *, beta1=0.9, beta2=0.999, decay=0.7, eps=1e-8, weight_decay=0.0, n=10):
    """Memory Augmented Optimizers for Deep Learning. McRae et al., 2021. arXiv:2106.10708. Adam on
    the mean of the newest gradient and of the n longest, in the eyes of a memory that fades; each
    parameter keeps its own.

    reference: paper: Adam_C of McRae et al., 2021, whose smallest key gives way
    """
    m: Tensor = 0
    v: Tensor = 0
    kept: History[n] = 0
    key: History[n, Layer] = 0
    total = g
    for i in range(n):
        total = total + kept[i]
    x = total / (min(t - 1, n) + 1) + weight_decay * w
    m = lerp(m, x, 1 - beta1)
    v = lerp(v, x * x, 1 - beta2)
    length = norm(g)
    least = key[0]
    for i in range(1, n):
        least = min(least, key[i])
    waits = length > least
    for i in range(n):
        taken = waits and key[i] == least
        kept[i] = where(taken, g, kept[i])
        key[i] = decay * where(taken, length, key[i])
        waits = waits and not taken
    return lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)
