"""Rules that make the update of a matrix orthogonal: Muon and its kin."""


def muon(w, g, lr, *, beta=0.95, weight_decay=0.01, adam_scale=0.1):
    """Muon: An optimizer for hidden layers in neural networks. Jordan et al., 2024.
    Vectors, embeddings and heads are left to AdamW.

    reference: torch:Muon(lr, weight_decay=weight_decay, momentum=beta)
    """
    m: Tensor = 0
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        return adamw(w, g, lr=adam_scale * lr)
    m = lerp(m, g, 1 - beta)
    u = newton_schulz(lerp(g, m, beta))
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)


def muon_optax(w, g, t, lr, *, beta=0.95, weight_decay=0.0):
    """Muon: An optimizer for hidden layers in neural networks. Jordan et al., 2024.
    Moment and gradient are corrected for bias; vectors are left to NAdam.

    reference: optax:contrib.muon(learning_rate, beta=beta, weight_decay=weight_decay)
    """
    m: Tensor = 0
    if ndim(w) < 2:
        return nadam_optax(w, g)
    m = lerp(m, g, 1 - beta)
    u = newton_schulz(beta * m / (1 - beta**(t + 1)) + (1 - beta) * g / (1 - beta**t))
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)


def adamuon(w, g, t, lr, *, beta1=0.9, beta2=0.95, eps=1e-10, weight_decay=0.0, adam_scale=0.1):
    """AdaMuon: Adaptive Muon Optimizer. Si et al., 2025. arXiv:2507.11005. As first published.
    Muon's orthogonal update is divided by the root of its second moment and given Adam's size.

    reference: pytorch_optimizer:AdaMuon(lr, (beta1, beta2), weight_decay, eps=eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        return adamw(w, g, lr=adam_scale * lr, weight_decay=weight_decay)
    m = lerp(m, g, 1 - beta1)
    o = newton_schulz(m)
    v = lerp(v, o * o, 1 - beta2)
    u = o / (sqrt(v / (1 - beta2**t)) + eps)
    return lr * (0.2 * sqrt(size(w)) / (norm(u) + eps) * u + weight_decay * w)


def normuon(w, g, lr, *, beta1=0.95, beta2=0.95, eps=1e-10, weight_decay=0.0, adam_scale=0.1):
    """NorMuon: Making Muon more efficient and scalable. Li et al., 2025. arXiv:2510.05491.
    Every neuron's part of the orthogonal update gets the same size, in the mean over time.

    reference: pytorch_optimizer:NorMuon(lr, beta1, beta2, weight_decay, eps=eps)
    """
    m: Tensor = 0
    v: Tensor = 0
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        return adamw(w, g, lr=adam_scale * lr, weight_decay=weight_decay)
    m = lerp(m, g, 1 - beta1)
    o = newton_schulz(lerp(g, m, beta1))
    v = lerp(v, o * o, 1 - beta2)
    neuron = sqrt(mean(matrix(v), axis=0))
    u = unmatrix(matrix(o) / (neuron + eps), w)
    scale = sqrt(max(1, fan_out(w) / fan_in(w))) * norm(o) / (norm(u) + eps)
    return lr * (scale * u + weight_decay * w)


def scion(w, g, lr, *, alpha=0.1, radius=1.0, weight_decay=0.0):
    """Training Deep Learning Models with Norm-Constrained LMOs. Pethick et al., 2025.
    arXiv:2502.07529. The steepest step in a norm; with weight_decay 1.0 the parameters' norms stay
    below `radius`. A convolution counts as one matrix.

    reference: pytorch_optimizer:SCION(lr, alpha, scale=radius, weight_decay=weight_decay)
    """
    d: Tensor = 0
    d = lerp(d, g, alpha)
    u = orthogonalize(d)
    if ndim(w) >= 2:
        u = sqrt(fan_out(w) / fan_in(w)) * u
    return lr * (radius * u + weight_decay * w)


def scion_light(w, g, lr, *, alpha=0.1, radius=1.0, weight_decay=0.0):
    """Training Deep Learning Models with Norm-Constrained LMOs. Pethick et al., 2025.
    arXiv:2502.07529. Scion whose momentum stays in the buffer that gradients are added to.

    reference: pytorch_optimizer:SCIONLight(lr, alpha, scale=radius, weight_decay=weight_decay)
    """
    d: Tensor = 0
    d = (1 - alpha) * d + g
    u = orthogonalize(d)
    if ndim(w) >= 2:
        u = sqrt(fan_out(w) / fan_in(w)) * u
    return lr * (radius * u + weight_decay * w)


def muon_optax_adaptive(w, g, t, lr, *, beta=0.95, weight_decay=0.0):
    """Old Optimizer, New Norm: An Anthology. Bernstein & Newhouse, 2024. arXiv:2409.20325.
    Muon with steps as long as what is made orthogonal: the sum of its singular values.

    reference: optax:contrib.muon(lr, beta=beta, weight_decay=weight_decay, adaptive=True)
    """
    m: Tensor = 0
    if ndim(w) < 2:
        return nadam_optax(w, g)
    m = lerp(m, g, 1 - beta)
    x = beta * m / (1 - beta**(t + 1)) + (1 - beta) * g / (1 - beta**t)
    o = newton_schulz(x)
    u = sum(x * o) * o
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)


def adago(w, g, lr, *, beta=0.95, gamma=10.0, eps=5e-4, start=1e-6, adam_scale=0.1):
    """AdaGrad Meets Muon: Adaptive Stepsizes for Orthogonal Updates. Zhang et al., 2025.
    arXiv:2509.02981. Muon at the rate of AdaGrad-Norm, with gradients no longer than gamma.

    reference: paper: algorithm 1 of Zhang et al., 2025
    """
    m: Tensor = 0
    total: Layer = start
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        return adamw(w, g, lr=adam_scale * lr)
    m = lerp(m, g, 1 - beta)
    length = min(norm(g), gamma)
    total = total + length**2
    return max(eps, lr * length / sqrt(total)) * newton_schulz(m)


def muon_adamw(w, g, t, lr, *, beta=0.9, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """Muon: An optimizer for hidden layers in neural networks. Jordan et al., 2024.
    HeavyBall's form: each of the five steps has constants of its own; vectors are left to Adam.

    reference: paper: heavyball 3.2.1 in double precision, MuonAdamW
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta)
    if ndim(w) >= 2:
        y = matrix(g + m)
        y = y / max(norm(y), 1e-7)
        for c in (
            (4.0848, -6.8946, 2.9270), (3.9505, -6.3029, 2.6377), (3.7418, -5.5913, 2.3037),
            (2.8769, -3.1427, 1.2046), (2.8366, -3.0525, 1.2012),
        ):
            if shape(y, 0) > shape(y, 1):
                s = y.T @ y
                y = c[0] * y + y @ (c[1] * s + c[2] * s @ s)
            else:
                s = y @ y.T
                y = c[0] * y + (c[1] * s + c[2] * s @ s) @ y
        u = sqrt(max(1, fan_out(w) / fan_in(w))) * unmatrix(y, w)
    else:
        v = lerp(v, g * g, 1 - beta2)
        u = m / (1 - beta**t) / max(sqrt(v / (1 - beta2**t)), eps)
    return lr * (u + weight_decay * w)


def muon_laprop(w, g, t, lr, *, beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0.0):
    """MuonLaProp. Nestler et al., 2025. Published as code, in HeavyBall.
    What Muon makes orthogonal is LaProp's average of gradients that were divided by their size.

    reference: paper: heavyball 3.2.1 in double precision, MuonLaProp
    """
    m: Tensor = 0
    v: Tensor = 0
    v = lerp(v, g * g, 1 - beta2)
    m = lerp(m, g / max(sqrt(v / (1 - beta2**t)), eps), 1 - beta1)
    u = m / (1 - beta1**t)
    if ndim(w) >= 2:
        y = matrix(u)
        y = y / max(norm(y), 1e-7)
        for c in (
            (4.0848, -6.8946, 2.9270), (3.9505, -6.3029, 2.6377), (3.7418, -5.5913, 2.3037),
            (2.8769, -3.1427, 1.2046), (2.8366, -3.0525, 1.2012),
        ):
            if shape(y, 0) > shape(y, 1):
                s = y.T @ y
                y = c[0] * y + y @ (c[1] * s + c[2] * s @ s)
            else:
                s = y @ y.T
                y = c[0] * y + (c[1] * s + c[2] * s @ s) @ y
        u = sqrt(max(1, fan_out(w) / fan_in(w))) * unmatrix(y, w)
    return lr * (u + weight_decay * w)


def muonclip(
    w, g, lr, *, beta=0.95, weight_decay=0.0, threshold=100.0, alpha=0.5, logit=0.0, adam_scale=0.1
):
    """Kimi K2: Open Agentic Intelligence. Kimi Team, 2025. arXiv:2507.20534. Muon, after whose
    steps the matrices that make queries and keys shrink where attention logits are too large.

    logit: the largest attention logit of the step, which only the model can tell: an argument of
    the jitted step, or by role. One for all heads, or for a head with matrices of its own.

    reference: pytorch_optimizer:MuonClip(lr, beta, weight_decay, threshold, alpha)
    """
    m: Tensor = 0
    excess = threshold / max(logit, threshold)
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        u = adam(w, g, lr=adam_scale * lr, beta2=0.95, eps=1e-10)
    else:
        m = beta * m + g
        scale = 0.2 * sqrt(max(fan_in(w), fan_out(w)))
        u = lr * (scale * newton_schulz(m) + weight_decay * w)
    w = w - u
    if role(w) == "query":
        w = excess**alpha * w
    if role(w) == "key":
        w = excess ** (1 - alpha) * w
    if role(w) == "query_rotary":
        w = excess * w


def spectral_sphere(
    w, g, lr, *, beta=0.9, weight_decay=0.01, tolerance=1e-8, power_steps=10, msign_steps=5,
    brackets=10, bisections=20, adam_scale=0.1
):
    """Controlled LLM Training on Spectral Sphere. Xie et al., 2026. arXiv:2601.08393. Muon, whose
    steps do not change the largest singular value of a matrix.

    How much of that singular direction has to be added to the momentum for it is searched for:
    first for two amounts between which the answer lies, then between them.

    reference: paper: SpectralSphere of pytorch_optimizer 4.1.0, in double precision
    """
    m: Tensor = 0
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        return adamw(w, g, lr=adam_scale * lr, weight_decay=weight_decay)
    m = lerp(m, g, 1 - beta)
    kept = matrix((1 - lr * weight_decay) * w)
    inward = sum(kept, axis=0)
    for i in range(power_steps):
        if i > 0:
            inward = sum(kept * outward, axis=0)
        outward = sum(kept * inward, axis=1)
        outward = outward / max(norm(outward), 1e-12)
    inward = sum(kept * outward, axis=0)
    theta = unmatrix(outward * (inward / max(norm(inward), 1e-12)), w)
    x = lerp(g, m, beta)
    x = x / max(norm(x), 1e-8)
    last = 0
    f_last = sum(theta * polar_express(x, steps=msign_steps))
    found = abs(f_last) < tolerance
    low = 0
    high = 0
    f_low = f_last
    f_high = f_last
    way = where(f_last < 0, 0.001, -0.001)
    for i in range(brackets):
        now = last + way
        f_now = sum(theta * polar_express(x + now * theta, steps=msign_steps))
        rising = f_last <= 0
        crossed = not found and rising != (f_now <= 0)
        low = where(crossed, where(rising, last, now), low)
        high = where(crossed, where(rising, now, last), high)
        f_low = where(crossed, where(rising, f_last, f_now), f_low)
        f_high = where(crossed, where(rising, f_now, f_last), f_high)
        found = found or crossed
        last = now
        f_last = f_now
        way = 2 * way
    nearer = abs(f_low) < abs(f_high)
    best = where(nearer, low, high)
    f_best = where(nearer, f_low, f_high)
    going = found and abs(f_best) > tolerance
    for i in range(bisections):
        middle = (low + high) / 2
        f_middle = sum(theta * polar_express(x + middle * theta, steps=msign_steps))
        better = going and abs(f_middle) < abs(f_best)
        best = where(better, middle, best)
        f_best = where(better, f_middle, f_best)
        going = going and abs(f_middle) > tolerance
        low = where(going and f_middle < 0, middle, low)
        high = where(going and f_middle >= 0, middle, high)
    u = polar_express(x + best * theta, steps=msign_steps)
    return lr * (u + weight_decay * w)
