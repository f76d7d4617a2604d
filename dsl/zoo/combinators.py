"""Programs that take a program: they change what it is given, or what is done with its update."""


def lookahead(inner, w, g, t, *, k=6, alpha=0.5):
    """Lookahead Optimizer: k steps forward, 1 step back. Zhang et al., 2019. arXiv:1907.08610.

    Every k steps the parameters go back part of the way to where the k steps began.

    reference: optax:lookahead(adam())
    """
    slow: Tensor = w
    w = w - inner(w, g)
    if every(k):
        slow = lerp(slow, w, alpha)
        w = slow


def cautious(inner, w, g):
    """Cautious Optimizers: Improving Training with One Line of Code. Liang et al., 2024.
    arXiv:2411.16085. Entries move only where update and gradient have the same sign.

    reference: pytorch_optimizer:Lion(weight_decay=0, cautious=True)
    """
    u = inner(w, g)
    mask = u * g > 0
    return u * mask * size(w) / (sum(mask) + 1)


def accumulate(inner, w, g, t, *, k=4):
    """A step for every k gradients, on their mean. Known since the 1990s; optax's MultiSteps, 2020.

    reference: optax:MultiSteps(adam(), 4)
    """
    total: Tensor = 0
    total = total + g
    u = 0
    if every(k):
        u = inner(w, total / k)
        total = 0
    return u


def sam(inner, w, g, *, rho=0.05, eps=1e-12):
    """Sharpness-Aware Minimization for Efficiently Improving Generalization. Foret et al., 2021.
    arXiv:2010.01412. The gradient is taken where the loss is about highest, rho away.

    reference: pytorch_optimizer:SAM(SGD)
    """
    e = rho * g / (global_norm(g) + eps)
    return inner(w, grad_at(w + e))


def asam(inner, w, g, *, rho=0.05, eps=1e-12):
    """ASAM: Adaptive Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural
    Networks. Kwon et al., 2021. arXiv:2102.11600. Each entry moves in proportion to its square.

    reference: pytorch_optimizer:SAM(SGD, adaptive=True)
    """
    e = rho * square(w) * g / (global_norm(abs(w) * g) + eps)
    return inner(w, grad_at(w + e))


def friendly_sam(inner, w, g, t, *, rho=0.05, beta=0.9, share=1.0, eps=1e-12):
    """Friendly Sharpness-Aware Minimization. Li et al., 2024. arXiv:2403.12350.

    The way up follows the noise of the batch, the gradient less a share of its moving average.

    reference: pytorch_optimizer:FriendlySAM(SGD)
    """
    m: Tensor = g
    d = g - where(t == 1, 0.0, share) * m
    m = lerp(m, g, 1 - beta)
    return inner(w, grad_at(w + rho * d / (global_norm(d) + eps)))


def looksam(inner, w, g, t, *, rho=0.1, k=10, alpha=0.7, eps=1e-12):
    """Towards Efficient and Scalable Sharpness-Aware Minimization. Liu et al., 2022.
    arXiv:2203.02714. The part of SAM's gradient across the plain one is kept for k steps.

    reference: pytorch_optimizer:LookSAM(SGD)
    """
    across: Tensor = 0
    if every(k, 1):
        x = grad_at(w + rho * g / (global_norm(g) + eps))
        along = g / max(norm(g), eps)
        across = x - dot(along, x) * along
    else:
        x = g + alpha * norm(g) / (norm(across) + 1e-8) * across
    return inner(w, x)


def mechanic(
    inner, w, g, *, betas=(0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999), s0=1e-6, decay=0.01,
    eps=1e-8
):
    """Mechanic: A Learning Rate Tuner. Cutkosky et al., 2023. arXiv:2306.00144.

    The sum of the inner updates is scaled by bets on how well it points down the gradient.

    reference: optax:contrib.mechanize(sgd(lr))
    """
    x0: Tensor = w
    s: History[6, Scalar] = s0
    r: History[6, Scalar] = 0
    v: History[6, Scalar] = 0
    top: History[6, Scalar] = 0
    u = inner(w, g)
    total = 0
    for i in range(len(betas)):
        total = total + s[i]
    delta = (x0 - w) / (total + eps)
    h = global_dot(g + decay * total * global_norm(g) / (global_norm(w) + eps) * w, delta)
    total = 0
    for i in range(len(betas)):
        r[i] = betas[i] * r[i] + clip(h, -top[i], top[i]) * s[i]
        top[i] = max(betas[i] * top[i], abs(h) + eps)
        v[i] = betas[i] ** 2 * v[i] + h * h
        s[i] = (s0 / len(betas) * top[i] + max(0, r[i])) / (sqrt(v[i]) + eps)
        total = total + s[i]
    w = x0 - total * (delta + u)
