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


def ranger(w, g, *, beta1=0.95, beta2=0.999, eps=1e-5, k=6, alpha=0.5):
    """Ranger - a synergistic optimizer. Wright, 2019. With gradient centralization, as since 2020.
    RAdam on centred gradients, which every k steps goes part of the way back.

    reference: pytorch_optimizer:Ranger(lr, (beta1, beta2), alpha, k, degenerated_to_sgd=True)
    """
    u = gradient_centralization(w, g)
    return lookahead(radam(beta1=beta1, beta2=beta2, eps=eps), w, u, k=k, alpha=alpha)
