"""Rules that measure each parameter as a whole, by norms or by rows."""


def lamb(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.01):
    """Large Batch Optimization for Deep Learning: Training BERT in 76 minutes. You et al., 2019.
    arXiv:1904.00962.

    reference: optax:lamb(learning_rate, beta1, beta2, eps, weight_decay=weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    u = m_hat / (sqrt(v_hat) + eps) + weight_decay * w
    trust = where(norm(w) > 0 and norm(u) > 0, divide_no_nan(norm(w), norm(u)), 1)
    return lr * trust * u


def adam_mini(
    w, g, t, lr, *, heads=4, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.1
):
    """Adam-mini: Use Fewer Learning Rates To Gain More. Zhang et al., 2024. arXiv:2406.16793. Adam
    with one second moment for a block of entries that curve alike: for each head of a matrix of
    queries or keys, for the others as a whole. Embeddings and the last layer keep one for each
    entry, and decay leaves norms alone.

    reference: paper: Adam-mini of Zhang et al., 2024
    """
    m: Tensor = 0
    v: Tensor = 0
    v_head: Matrix[up_to(1), cols] = 0
    v_block: Layer = 0
    m = lerp(m, g, 1 - beta1)
    if role(w) in ("embedding", "head"):
        v = lerp(v, g * g, 1 - beta2)
        square_now = v
    elif ndim(w) >= 2 and role(w) in ("query", "key"):
        y = matrix(g)
        same = 0 * (y.T @ y)
        place = sum(triu(same + 1), axis=0) - 1
        same = same + floor(place * heads / shape(y, 1))
        same = same == same.T  # outputs of one head
        now = mean((y * y) @ same, axis=0) / sum(same, axis=0)
        now = lerp(sum(v_head, axis=0), now, 1 - beta2)
        v_head = now
        square_now = unmatrix(0 * y + now, w)
    else:
        v_block = lerp(v_block, mean(g * g), 1 - beta2)
        square_now = v_block
    if role(w) == "norm":
        weight_decay = 0
    u = m / (1 - beta1**t) / (sqrt(square_now / (1 - beta2**t)) + eps)
    return lr * (u + weight_decay * w)


def lars(w, g, lr, *, beta=0.9, trust=0.001, eps=0.0, weight_decay=0.0):
    """Large Batch Training of Convolutional Networks. You et al., 2017. arXiv:1708.03888.

    reference: optax:lars(learning_rate, weight_decay, True, trust, eps, momentum=beta)
    """
    m: Tensor = 0
    u = g + weight_decay * w
    ratio = divide_no_nan(trust * norm(w), norm(u) + eps)
    ratio = where(norm(w) > 0 and norm(u) > 0, ratio, 1)
    m = beta * m + lr * ratio * u
    return m


def fromage(w, g, lr):
    """On the distance between two neural networks and the stability of learning. Bernstein et al.,
    2020. arXiv:2002.03432.

    reference: optax:fromage(learning_rate, min_norm=0)
    """
    ratio = where(norm(w) > 0 and norm(g) > 0, divide_no_nan(norm(w), norm(g)), 1)
    w = (w - lr * ratio * g) / sqrt(1 + lr * lr)


def novograd(w, g, t, lr, *, beta1=0.9, beta2=0.25, eps=1e-6, weight_decay=0.0):
    """Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks.
    Ginsburg et al., 2019. arXiv:1905.11286.

    reference: optax:novograd(learning_rate, beta1, beta2, eps, weight_decay=weight_decay)
    """
    m: Tensor = 0
    v: Layer = 0
    v = where(t == 1, square(norm(g)), lerp(v, square(norm(g)), 1 - beta2))
    m = beta1 * m + g / (sqrt(v) + eps) + weight_decay * w
    return lr * m


def larc(w, g, lr, *, beta=0.9, trust=0.001, eps=1e-8, weight_decay=0.0):
    """Large Batch Training of Convolutional Networks. You et al., 2017. arXiv:1708.03888. LARC.

    The rate that LARS gives a layer is held below the global one, so that layers are only slowed.

    reference: optax:scale_by_trust_ratio(0, trust, eps), trace(beta)
    """
    m: Tensor = 0
    ratio = divide_no_nan(trust * norm(w), norm(g) + weight_decay * norm(w) + eps)
    ratio = where(norm(w) > 0 and norm(g) > 0, ratio, 1)
    m = beta * m + min(ratio / lr, 1) * (g + weight_decay * w)
    return lr * m


def nero(w, g, t, lr, *, beta=0.999, eps=1e-8):
    """Learning by Turning: Neural Architecture Aware Optimisation. Liu et al., 2021.
    arXiv:2102.07227.

    Each neuron, an entry of the first axis, is a unit vector of mean 0 that turns by equal angles.

    reference: pytorch_optimizer:Nero(lr, beta, eps=eps)
    """
    v: Tensor = 0
    v_row: Vector[0] = 0
    scale: Layer = 0
    if ndim(w) >= 2:
        centred = w - mean(w, keep=0)
        x = where(t == 1, centred / (norm(centred, keep=0) + eps), w)
        size_x = mean(norm(x, keep=0))
        v_row = lerp(v_row, square(norm(g, keep=0)), 1 - beta)
        v_hat = v_row / (1 - beta**t)
    else:
        x = w
        size_x = mean(abs(w))
        v = lerp(v, g * g, 1 - beta)
        v_hat = v / (1 - beta**t)
    scale = where(t == 1, where(size_x > 0, size_x, 0.01), scale)
    x = x - lr * scale * g / (sqrt(v_hat) + eps)
    if ndim(w) >= 2:
        x = x - mean(x, keep=0)
        x = x / (norm(x, keep=0) + eps)
    w = x


def adam_sn(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    """Efficient Adaptive Optimization via Subset-Norm and Subspace-Momentum. Nguyen & Nguyen, 2024.
    arXiv:2411.07120. AdamW-SN.

    The entries of a row along the last axis share one second moment, of the norm of their gradient.

    reference: pytorch_optimizer:AdamWSN(lr, (beta1, beta2), weight_decay, eps=eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    v_row: Vector[:-1] = 0
    m = lerp(m, g, 1 - beta1)
    if ndim(w) >= 2:
        v_row = lerp(v_row, sum(g * g, axis=-1), 1 - beta2)
        root = sqrt(v_row)
    else:
        v = lerp(v, g * g, 1 - beta2)
        root = sqrt(v)
    w = w - lr * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (root + eps)
    w = w - lr * weight_decay * w


def rose(w, g, lr, *, weight_decay=1e-4):
    """Rose: Range-Of-Slice Equilibration. Kieren, 2026. Published as code.

    A gradient, its slices of the first axis centred, is divided by their ranges: the more these
    differ, the nearer all are taken to their mean.

    reference: pytorch_optimizer:ROSE(lr, weight_decay, weight_decouple=True)
    """
    if ndim(w) >= 2:
        x = g - mean(g, keep=0)
        ranges = abs(max(x, keep=0)) - min(x, keep=0)
        typical = mean(ranges)
        trust = divide_no_nan(typical, typical + rms(ranges - typical))
        u = divide_no_nan(x, lerp(typical, ranges, trust))
    elif ndim(w) == 1:
        width = abs(max(g)) - min(g)
        u = g / where(width == 0, 1, width)
    else:
        u = sign(g)
    return lr * (u + weight_decay * w)


def ortho_laprop(w, g, t, lr, *, beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """OrthoLaProp. Nestler, 2025. Published as code, in HeavyBall.

    LaProp on gradients that have lost the part along their parameter, but none of their length.

    reference: paper: OrthoLaProp of heavyball 3.2.1, with the authors' OrthoGrad
    """
    m: Tensor = 0
    v: Tensor = 0
    x = orthograd(w, g)
    v = lerp(v, x * x, (1 - beta2) / (1 - beta2**t))
    m = lerp(m, x / max(sqrt(v), eps), (1 - beta1) / (1 - beta1**t))
    return lr * (m + weight_decay * w)


def laprop_ortho(w, g, t, lr, *, beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """LaPropOrtho. Nestler, 2025. Published as code, in HeavyBall.

    LaProp whose direction loses the part along the parameter, but none of its length.

    reference: paper: LaPropOrtho of heavyball 3.2.1, with the authors' OrthoGrad
    """
    m: Tensor = 0
    v: Tensor = 0
    v = lerp(v, g * g, (1 - beta2) / (1 - beta2**t))
    m = lerp(m, g / max(sqrt(v), eps), (1 - beta1) / (1 - beta1**t))
    return lr * (orthograd(w, m) + weight_decay * w)


def hyperball_adamw(w, g, lr, *, beta1=0.9, beta2=0.95, eps=1e-8, weight_decay=0.1):
    """Fantastic Pretraining Optimizers and Where to Find Them II: Hyperball Optimization. Wen et
    al., 2026. arXiv:2606.16899. Around Adam; vectors are left to AdamW.

    A matrix keeps the norm it began with, and the learning rate tells by what angle it turns.

    reference: paper: algorithm 1 of Wen et al., 2026, around Adam
    """
    radius: Layer = norm(w)
    u = adam(w, g, lr=1.0, beta1=beta1, beta2=beta2, eps=eps)
    if ndim(w) >= 2:
        x = w - lr * divide_no_nan(radius, norm(u)) * u
        step = w - divide_no_nan(radius, norm(x)) * x
    else:
        step = lr * (u + weight_decay * w)
    return step
