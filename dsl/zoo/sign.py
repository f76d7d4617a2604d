"""Steps of one length, or nearly: the sign of what the gradients have in common."""


def lion(w, g, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
    """Symbolic Discovery of Optimization Algorithms. Chen et al., 2023. arXiv:2302.06675.

    reference: optax:lion(learning_rate, beta1, beta2, weight_decay=weight_decay)
    """
    m: Tensor = 0
    u = sign(lerp(m, g, 1 - beta1))
    m = lerp(m, g, 1 - beta2)
    return lr * (u + weight_decay * w)


def signum(w, g, lr, *, beta=0.9):
    """signSGD: Compressed Optimisation for Non-Convex Problems. Bernstein et al., 2018.
    arXiv:1802.04434.

    reference: optax:signum(learning_rate, beta)
    """
    m: Tensor = 0
    m = lerp(m, g, 1 - beta)
    return lr * sign(m)


def sign_sgd(w, g, lr):
    """signSGD: Compressed Optimisation for Non-Convex Problems. Bernstein et al., 2018.
    arXiv:1802.04434. Without momentum.

    reference: optax:sign_sgd(learning_rate)
    """
    return lr * sign(g)


def rprop(w, g, t, lr, *, down=0.5, up=1.2, least=1e-6, most=50.0):
    """A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm. Riedmiller
    & Braun, 1993. The learning rate is the first step of every entry.

    reference: torch:Rprop(lr, (down, up), (least, most))
    """
    step: Tensor = 0
    before: Tensor = 0
    agreement = sign(g * before)
    factor = where(agreement > 0, up, where(agreement < 0, down, 1))
    step = clip(where(t == 1, lr, step) * factor, least, most)
    before = where(agreement < 0, 0, g)
    return step * sign(before)


def tiger(w, g, lr, *, beta=0.965, weight_decay=0.01):
    """Tiger: A Tight-fisted Optimizer. Su, 2023. The sign of the momentum and decoupled decay, with
    no more state than the momentum.

    reference: pytorch_optimizer:Tiger(lr, beta, weight_decay)
    """
    m: Tensor = 0
    m = lerp(m, g, 1 - beta)
    return lr * (sign(m) + weight_decay * w)


def ano(w, g, t, lr, *, beta1=0.92, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """Ano: Faster is Better in Noisy Landscapes. Kegreisz, 2025. arXiv:2508.18258. The momentum
    gives the direction alone, the newest gradient the length.

    reference: pytorch_optimizer:Ano(lr, (beta1, beta2), weight_decay, eps=eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = beta2 * v + (1 - beta2) * sign(g * g - v) * g * g
    v_hat = v / (1 - beta2**t)
    return lr * (abs(g) * sign(m) / (sqrt(v_hat) + eps) + weight_decay * w)


def focus(w, g, t, lr, *, beta1=0.9, beta2=0.999, gamma=0.1):
    """FOCUS: First Order Concentrated Updating Scheme. Liu et al., 2025. arXiv:2501.12243. Signum,
    drawn towards the average of the parameters.

    reference: pytorch_optimizer:FOCUS(lr, (beta1, beta2), gamma)
    """
    m: Tensor = 0
    average: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    average = lerp(average, w, 1 - beta2)
    middle = where(t == 1, w, average / (1 - beta2**t))
    return lr * (sign(m) + gamma * sign(w - middle))


def sign_laprop(w, g, t, lr, *, beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """SignLaProp. Nestler, 2024. Published as code, in HeavyBall. The signs of LaProp's direction,
    which keeps its length.

    reference: paper: SignLaProp of heavyball 3.2.1, in double precision
    """
    m: Tensor = 0
    v: Tensor = 0
    v = lerp(v, g * g, (1 - beta2) / (1 - beta2**t))
    m = lerp(m, g / max(sqrt(v), eps), (1 - beta1) / (1 - beta1**t))
    u = norm(m) / max(norm(sign(m)), 1e-6) * sign(m)
    return lr * (u + weight_decay * w)


def anolog(w, g, t, lr, *, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """Ano: Faster is Better in Noisy Landscapes. Kegreisz, 2025. arXiv:2508.18258. Anolog: the
    momentum looks back ever further, as the logarithm of the number of steps.

    reference: pytorch_optimizer:Ano(lr, (0.9, beta2), weight_decay, logarithmic_schedule=True)
    """
    beta1 = 1 - 1 / log(max(2, t))
    return ano(w, g, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)
