"""Rules that go on from an average of their iterates."""


def schedule_free_sgd(w, g, lr, *, beta=0.9, weight_decay=0.0):
    """The Road Less Scheduled. Defazio et al., 2024. arXiv:2405.15682.
    Trains at a point between the iterate z of gradient descent and the average x of the z so far.

    reference: optax:contrib.schedule_free_sgd(learning_rate, b1=beta, weight_decay=weight_decay)
    """
    z: Tensor = w
    lr_max: Scalar = 0
    weight_sum: Scalar = 0
    lr_max = max(lr_max, lr)
    weight_sum = weight_sum + lr_max**2
    x = (w - (1 - beta) * z) / beta
    z = z - lr * (g + weight_decay * w)
    x = lerp(x, z, divide_no_nan(lr_max**2, weight_sum))
    w = lerp(z, x, beta)
    w_eval = (w - (1 - beta) * z) / beta


def schedule_free_adamw(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    """The Road Less Scheduled. Defazio et al., 2024. arXiv:2405.15682.
    The average takes the place of Adam's momentum.

    reference: optax:contrib.schedule_free_adamw(learning_rate, b1=beta1, b2=beta2, eps=eps)
    """
    z: Tensor = w
    v: Tensor = 0
    lr_max: Scalar = 0
    weight_sum: Scalar = 0
    v = lerp(v, g * g, 1 - beta2)
    u = g / (sqrt(v / (1 - beta2**t)) + eps)
    lr_max = max(lr_max, lr)
    weight_sum = weight_sum + lr_max**2
    x = (w - (1 - beta1) * z) / beta1
    z = z - lr * (u + weight_decay * w)
    x = lerp(x, z, divide_no_nan(lr_max**2, weight_sum))
    w = lerp(z, x, beta1)
    w_eval = (w - (1 - beta1) * z) / beta1


def schedule_free_radam(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    """The Road Less Scheduled. Defazio et al., 2024. arXiv:2405.15682.
    RAdam's rectified rate in place of a warm-up; nothing moves until it is above zero.

    reference: pytorch_optimizer:ScheduleFreeRAdam(lr, (beta1, beta2), weight_decay, eps=eps)
    """
    z: Tensor = w
    v: Tensor = 0
    lr_max: Scalar = 0
    weight_sum: Scalar = 0
    v = lerp(v, g * g, 1 - beta2)
    u = g / (sqrt(v / (1 - beta2**t)) + eps)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    rate = lr * where(length > 4, sqrt(max(ratio, 0)), 0)
    lr_max = max(lr_max, rate)
    weight_sum = weight_sum + lr_max**2
    x = (w - (1 - beta1) * z) / beta1
    z = z - rate * (u + weight_decay * w)
    x = lerp(x, z, divide_no_nan(lr_max**2, weight_sum))
    w = where(weight_sum > 0, lerp(z, x, beta1), w)
    w_eval = (w - (1 - beta1) * z) / beta1


def ranger(w, g, *, beta1=0.95, beta2=0.999, eps=1e-5, k=6, alpha=0.5):
    """Ranger - a synergistic optimizer. Wright, 2019. With gradient centralization, as since 2020.
    RAdam on centred gradients, which every k steps goes part of the way back.

    reference: pytorch_optimizer:Ranger(lr, (beta1, beta2), alpha, k, degenerated_to_sgd=True)
    """
    u = gradient_centralization(w, g)
    return lookahead(radam(beta1=beta1, beta2=beta2, eps=eps), w, u, k=k, alpha=alpha)


def asgd_polyak_averaging(w, g, t, T, lr, *, decay=1e-4, alpha=0.75, t0=1e6, weight_decay=0.0):
    """Acceleration of Stochastic Approximation by Averaging. Polyak & Juditsky, 1992. Gradient
    descent whose iterates from step t0 on are averaged; the average is what the run ends with.

    reference: torch:ASGD(lr, lambd=decay, alpha=alpha, t0=t0, weight_decay=weight_decay)
    """
    average: Tensor = 0
    eta: Scalar = lr
    mu: Scalar = 1
    w = (1 - decay * eta) * w - eta * (g + weight_decay * w)
    average = lerp(average, w, mu)
    eta = lr / (1 + decay * lr * t) ** alpha
    mu = 1 / max(1, t - t0)
    if t == T:
        w = average


def ranger21(
    w, g, t, lr, *, beta0=0.9, beta1=0.9, beta2=0.999, eps=1e-8, clipping=1e-2, agc_eps=1e-3,
    beta_softplus=50.0, norm_loss=1e-4, weight_decay=1e-4, k=5, alpha=0.5
):
    """Ranger21: a synergistic deep learning optimizer. Wright & Demeure, 2021. arXiv:2106.13731.

    Positive-negative momentum and AMSGrad on clipped, centred and normalized gradients, with a
    stable decay, a pull of each unit to length 1 and a lookahead; its schedule is left to a pipe.

    reference: pytorch_optimizer:Ranger21(num_iterations, lr, disable_lr_scheduler=True)
    """
    slow: Tensor = w
    last: Tensor = 0
    last_but_one: Tensor = 0
    v: Tensor = 0
    v_max: Tensor = 0
    if ndim(w) >= 2:
        length = norm(g, keep=0)
        bound = clipping * max(norm(w, keep=0), agc_eps)
    else:
        length = norm(g)
        bound = clipping * max(norm(w), agc_eps)
    x = g * min(1, bound / max(length, 1e-6))
    x = normalize_gradient_std(w, gradient_centralization(w, x), eps=1e-8)
    v = lerp(v, x * x, 1 - beta2)
    v_max = max(v_max, v)
    spread = sqrt((1 + global_sum(v / (1 - beta2**t))) / global_sum(w == w))
    w = (1 - lr * weight_decay / spread) * w
    if ndim(w) >= 2:
        unit = norm(w, keep=0)
    else:
        unit = norm(w)
    w = (1 - 2 * lr * norm_loss * (1 - 1 / (unit + eps))) * w
    x = normalize_gradient_std(w, gradient_centralization(w, x), eps=1e-8)
    m = lerp(last_but_one, x, 1 - beta1**2)
    u = ((1 + beta0) * m - beta0 * last) / sqrt((1 + beta0) ** 2 + beta0**2)
    last_but_one = last
    last = m
    root = softplus(beta_softplus * (sqrt(v_max / (1 - beta2**t)) + eps)) / beta_softplus
    w = w - lr / (1 - beta1**t) * u / root
    if every(k):
        slow = lerp(slow, w, alpha)
        w = slow


def o2nc(w, g, lr, *, radius=1.0):
    """Optimal Stochastic Non-smooth Non-convex Optimization through Online-to-Non-convex
    Conversion. Cutkosky et al., 2023. arXiv:2302.03775.

    The gradient is taken at a random average of the two ends of a move, and the move is what
    projected gradient descent learns.

    reference: paper: algorithm 1 of Cutkosky et al., 2023, with online gradient descent
    """
    end: Tensor = w
    move: Tensor = 0
    move = move - lr * g
    length = global_norm(move)
    move = move * min(1, radius / length)
    w = end + uniform(length) * move
    end = end + move


def schedule_free_refined(
    w, g, t, lr, *, c=50.0, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0
):
    """Through the River: Understanding the Benefit of Schedule-Free Methods for Language Model
    Training. Song et al., 2025. arXiv:2507.09846. How far the average looks back is set by a number
    of its own, apart from the momentum.

    reference: pytorch_optimizer:ScheduleFreeAdamW(lr, (beta1, beta2), weight_decay, decoupling_c=c)
    """
    z: Tensor = w
    v: Tensor = 0
    lr_max: Scalar = 0
    weight_sum: Scalar = 0
    v = lerp(v, g * g, 1 - beta2)
    u = g / (sqrt(v / (1 - beta2**t)) + eps)
    lr_max = max(lr_max, lr)
    weight_sum = weight_sum + lr_max**2
    share = min(1, divide_no_nan(lr_max**2, weight_sum) * (1 - beta1) * c)
    x = (w - (1 - beta1) * z) / beta1
    z = z - lr * (u + weight_decay * w)
    x = lerp(x, z, share)
    w = lerp(z, x, beta1)
    w_eval = (w - (1 - beta1) * z) / beta1
