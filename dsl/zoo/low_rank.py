"""Rules that keep their states in a subspace of each matrix, and one that moves few entries."""


def galore(
    w, g, t, lr, *, rank=128, k=200, scale=0.25, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.0
):
    """GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection. Zhao et al., 2024.
    arXiv:2403.03507. Adam on the part of the gradient that the leading singular vectors of an
    earlier gradient span, on the shorter side of a matrix; the moments outlive a change of basis.

    reference: paper: authors' code of Zhao et al., 2024
    """
    P: Matrix[short, rank] = 0
    m: Matrix[rank, long] = 0
    v: Matrix[rank, long] = 0
    if ndim(w) < 2:
        u = adam(w, g, beta1=beta1, beta2=beta2, eps=eps / sqrt(1 - beta2**t))
    else:
        x = wide(g)
        if every(k, 1):
            P = singular_vectors(x, rank)
        y = P.T @ x
        m = lerp(m, y, 1 - beta1)
        v = lerp(v, y * y, 1 - beta2)
        u = scale * unwide(P @ (m / (sqrt(v) + eps)), w)
        u = lr * sqrt(1 - beta2**t) / (1 - beta1**t) * u
    return u + lr * weight_decay * (w - u)


def galore_optax(
    w, g, t, lr, *, rank=128, k=200, scale=1.0, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0
):
    """GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection. Zhao et al., 2024.
    arXiv:2403.03507. As in optax: the longer side of a matrix is projected, and parameters with
    more than two axes are left to Adam.

    reference: optax:contrib.galore(lr, rank, k, scale, scale_by_adam(beta1, beta2, eps))
    """
    P: Matrix[long, rank] = 0
    m: Matrix[rank, short] = 0
    v: Matrix[rank, short] = 0
    if ndim(w) == 2:
        x = wide(g).T
        if every(k, 1):
            P = singular_vectors(x, rank)
        y = P.T @ x
        m = lerp(m, y, 1 - beta1)
        v = lerp(v, y * y, 1 - beta2)
        y = m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)
        u = lr * scale * unwide((P @ y).T, w)
    else:
        u = adam(w, g, beta1=beta1, beta2=beta2, eps=eps)
    return u + lr * weight_decay * w


def alice(
    w, g, t, lr, *, rank=256, leading=40, k=200, beta1=0.9, beta2=0.9, beta3=0.999, alpha=0.3,
    alpha_c=0.4, gamma=1.01, eps=1e-8, weight_decay=0.0
):
    """Towards Efficient Optimizer Design for LLM via Structured Fisher Approximation with a
    Low-Rank Extension. Gong et al., 2025. arXiv:2502.07752. Adam in a subspace of each matrix, of
    which the leading directions follow the gradients, the others are drawn from what is left; and
    what the subspace leaves out is followed too, each column by its size.

    reference: paper: algorithm Alice of Gong et al., 2025
    """
    whole: Matrix[short] = eye
    inside: Matrix[short, rank] = eye
    ahead: Matrix[short, leading] = eye
    U: Matrix[short, rank] = 0
    Q: Matrix[rank] = 0
    m: Matrix[rank, long] = 0
    v: Matrix[rank, long] = 0
    p: Matrix[up_to(1), long] = 0
    last: Layer = 0
    if ndim(w) < 2:
        u = adam(w, g, beta1=beta1, beta2=beta2, eps=eps)
    else:
        x = wide(g)
        if t == 1 or every(k):
            A = lerp(x @ x.T, U @ Q @ U.T, beta3)
            y = orthogonal(A @ U)
            y = y @ eigenvectors(y.T @ A @ y)
            within = inside @ inside.T
            leads = ahead @ ahead.T
            y = y @ inside.T  # and then a basis of all, the rest of which QR completes
            y = y + orthogonal(y + whole - within) @ (whole - within)
            draw = uniform(sum(whole, axis=0))
            if 2 * shape(U, 1) - shape(ahead, 1) <= shape(U, 0):
                draw = where(sum(within, axis=0) > 0, -1, draw)
            order = sorter(where(sum(leads, axis=0) > 0, 1, draw))
            U = (y @ leads + y @ order @ (whole - leads)) @ inside
        s = U.T @ x
        Q = lerp(Q, s @ s.T, 1 - beta3)
        m = lerp(m, s, 1 - beta1)
        v = lerp(v, s * s, 1 - beta2)
        size = lerp(sum(p, axis=0), sum(x * x, axis=0) - sum(s * s, axis=0), 1 - beta1)
        size = max(size, 1e-8)
        p = size
        rest = unwide(sqrt(shape(U, 0) - shape(U, 1)) * (x - U @ s) / sqrt(size), w)
        rest = rest * where(last > 0, gamma / max(norm(rest) / last, gamma), 1)
        last = norm(rest)
        u = lr * alpha * (unwide(U @ (m / (sqrt(v) + eps)), w) + alpha_c * rest)
    return u + lr * weight_decay * w


def fira(
    w, g, t, lr, *, rank=128, k=200, alpha=1.0, beta1=0.9, beta2=0.999, eps=1e-6, gamma=1.01,
    weight_decay=0.0
):
    """Fira: Can We Achieve Full-rank Training of LLMs Under Low-rank Constraint? Chen et al., 2024.
    arXiv:2410.01623. GaLore that also follows what it leaves out: each column of the rest is scaled
    as Adam has scaled the part within, and the norm of the rest may grow by a factor of gamma.

    reference: paper: authors' code of Chen et al., 2024
    """
    P: Matrix[short, rank] = 0
    m: Matrix[rank, long] = 0
    v: Matrix[rank, long] = 0
    last: Layer = 0
    if ndim(w) < 2:
        u = adam(w, g, beta1=beta1, beta2=beta2, eps=eps / sqrt(1 - beta2**t))
    else:
        x = wide(g)
        if every(k, 1):
            P = singular_vectors(x, rank)
        y = P.T @ x
        m = lerp(m, y, 1 - beta1)
        v = lerp(v, y * y, 1 - beta2)
        n = m / (sqrt(v) + eps)
        rest = (x - alpha * P @ y) * (norm(n, axis=0) / (norm(y, axis=0) + 1e-8))
        rest = unwide(rest, w)
        cut = where(t == 1, 1, max(norm(rest) / (last + 1e-8), gamma) / gamma)
        last = norm(rest) / cut
        u = alpha * unwide(P @ n, w) + rest / cut
        u = lr * sqrt(1 - beta2**t) / (1 - beta1**t) * u
    return u + lr * weight_decay * (w - u)


def apollo(
    w, g, t, lr, *, rank=256, k=200, scale=1.0, beta1=0.9, beta2=0.999, eps=1e-6, gamma=1.01,
    weight_decay=0.0
):
    """APOLLO: SGD-like Memory, AdamW-level Performance. Zhu et al., 2024. arXiv:2412.05270.
    The whole gradient is followed; how far in each column is learned from Adam on a few random
    mixtures of its rows.

    reference: paper: authors' code of Zhu et al., 2024
    """
    P: Matrix[short, rank] = 0
    m: Matrix[rank, long] = 0
    v: Matrix[rank, long] = 0
    last: Layer = 0
    if ndim(w) < 2:
        u = adam(w, g, beta1=beta1, beta2=beta2, eps=eps / sqrt(1 - beta2**t))
    else:
        x = wide(g)
        if every(k, 1):
            P = normal(P) / sqrt(shape(P, 1))
        y = P.T @ x
        m = lerp(m, y, 1 - beta1)
        v = lerp(v, y * y, 1 - beta2)
        n = m / (sqrt(v) + eps)
        u = unwide(x * (norm(n, axis=0) / (norm(y, axis=0) + 1e-8)), w)
        cut = where(t == 1, 1, max(norm(u) / (last + 1e-8), gamma) / gamma)
        last = norm(u) / cut
        u = lr * sqrt(1 - beta2**t) / (1 - beta1**t) * sqrt(scale) * u / cut
    return u + lr * weight_decay * (w - u)


def apollo_mini(
    w, g, t, lr, *, rank=1, k=200, scale=128.0, beta1=0.9, beta2=0.999, eps=1e-6, gamma=1.01,
    weight_decay=0.0
):
    """APOLLO: SGD-like Memory, AdamW-level Performance. Zhu et al., 2024. arXiv:2412.05270.
    APOLLO-Mini: Adam on one random mixture of the rows tells the length of the step for a matrix as
    a whole.

    reference: paper: authors' code of Zhu et al., 2024, tensor-wise
    """
    P: Matrix[short, rank] = 0
    m: Matrix[rank, long] = 0
    v: Matrix[rank, long] = 0
    last: Layer = 0
    if ndim(w) < 2:
        u = adam(w, g, beta1=beta1, beta2=beta2, eps=eps / sqrt(1 - beta2**t))
    else:
        x = wide(g)
        if every(k, 1):
            P = normal(P) / sqrt(shape(P, 1))
        y = P.T @ x
        m = lerp(m, y, 1 - beta1)
        v = lerp(v, y * y, 1 - beta2)
        n = m / (sqrt(v) + eps)
        u = unwide(x * (norm(n) / (norm(y) + 1e-8)), w)
        cut = where(t == 1, 1, max(norm(u) / (last + 1e-8), gamma) / gamma)
        last = norm(u) / cut
        u = lr * sqrt(1 - beta2**t) / (1 - beta1**t) * sqrt(scale) * u / cut
    return u + lr * weight_decay * (w - u)


def sgd_subspace_momentum(w, g, t, lr, *, rank=128, k=200, beta=0.9, weight_decay=0.0):
    """Efficient Adaptive Optimization via Subset-Norm and Subspace-Momentum: Fast, Memory-Reduced
    Training with Convergence Guarantees. Nguyen & Nguyen, 2024. arXiv:2411.07120. Subspace-Momentum
    alone: momentum along the leading singular vectors of a gradient, plain SGD across them.

    reference: paper: authors' code of Nguyen & Nguyen, 2024
    """
    P: Matrix[short, rank] = 0
    m: Matrix[rank, long] = 0
    m_plain: Tensor = 0
    if ndim(w) < 2:
        m_plain = lerp(m_plain, g, 1 - beta)
        u = lr * m_plain
    else:
        x = wide(g)
        if t == 1 or every(k):
            P = singular_vectors(x, rank)
        y = P.T @ x
        m = lerp(m, y, 1 - beta)
        u = lr * unwide(P @ m + (x - P @ y), w)
        if every(k) and t > 1:
            m = 0
    return u + lr * weight_decay * (w - u)


def dion(w, g, t, lr, *, rank=768, beta=0.95, eps=1e-8, weight_decay=0.01, beta1=0.9, beta2=0.95):
    """Dion: Distributed Orthonormalized Updates. Ahn et al., 2025. arXiv:2504.05295.
    Muon on the leading part of the momentum, which one step of the power iteration finds from the
    last; only that part is forgotten, so that the rest is not lost. Vectors are left to AdamW.

    reference: paper: authors' code of Ahn et al., 2025
    """
    Q: Matrix[rows, rank] = 0
    m: Tensor = 0
    if ndim(w) < 2:
        return adamw(w, g, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)
    if t == 1:
        Q = normal(Q)
    b = matrix(m + g).T
    P = orthogonal(b @ Q)
    R = b.T @ P
    m = unmatrix((b - (1 - beta) * P @ R.T).T, w)
    Q = R / (norm(R, axis=0) + eps)
    u = sqrt(fan_out(w) / fan_in(w)) * unmatrix((P @ Q.T).T, w)
    return lr * (u + weight_decay * w)


def cosmos(
    w, g, t, lr, *, rank=64, beta1=0.9, beta2=0.999, eps=1e-8, gamma=0.2, lr_ratio=0.1,
    weight_decay=0.0
):
    """COSMOS: A Hybrid Adaptive Optimizer for Memory-Efficient Training of LLMs. Liu et al., 2025.
    arXiv:2502.17410. SOAP along the leading eigenvectors on one side of a matrix and Muon on what
    they leave, at one length for all steps; vectors are left to AdamW.

    reference: paper: authors' code of Liu et al., 2025
    """
    U: Matrix[rows, rank] = 0
    S: Matrix[rank, rank] = 0
    m: Tensor = 0
    v: Matrix[cols, rank] = 0
    if ndim(w) < 2:
        return adamw(w, g, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)
    x = matrix(g)
    if t == 1:
        U = singular_vectors(x, rank)
    else:
        before = U
        U = orthogonal(beta2 * before @ S + (1 - beta2) * x @ (x.T @ before))
        turn = before.T @ U
        S = beta2 * turn.T @ S @ turn
    y = x.T @ U
    S = S + (1 - beta2) * y.T @ y
    v = lerp(v, y * y, 1 - beta2)
    m = beta1 * m + g
    n = (g + beta1 * m) / (1 + beta1 * (1 - beta1**t) / (1 - beta1))
    a = matrix(n).T @ U
    along = unmatrix(U @ (a / (sqrt(v / (1 - beta2**t)) + eps)).T, w)
    across = newton_schulz(n - unmatrix(U @ a.T, w), eps=1e-7)
    whole = sqrt(size(w))  # the norm of a matrix of ones
    u = along + gamma * whole / (norm(across) + eps) * across
    return lr * (lr_ratio * whole / (norm(u) + eps) * u + weight_decay * w)


def sara(
    w, g, t, *, threshold=1e-3, k=-1, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01
):
    """SaRA: High-Efficient Diffusion Model Fine-tuning with Progressive Sparse Low-Rank Adaptation.
    Hu et al., 2024. arXiv:2409.06633. Without the penalty on the rank: AdamW moves the entries that
    are almost 0 at the start, and after k steps those of them that still are.

    reference: pytorch_optimizer:SaRA(lr, (beta1, beta2), threshold, k, 0, weight_decay, eps=eps)
    """
    mask: Tensor = abs(w) < threshold
    mask = where(t == k + 1, mask * (abs(w) < threshold), mask)
    return mask * adamw(w, g, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)


def powersgd(w, g, t, lr, *, rank=2, beta=0.9):
    """PowerSGD: Practical Low-Rank Gradient Compression for Distributed Optimization. Vogels et
    al., 2019. arXiv:1905.13727. Each matrix moves by its best approximation of low rank, which one
    power iteration a step follows; what it misses is added to the next gradient.

    reference: paper: algorithms 1 and 2 of Vogels et al., 2019, with one worker
    """
    Q: Matrix[rows, rank] = 0
    missed: Tensor = 0
    m: Tensor = 0
    d = g
    if ndim(w) >= 2:
        if t == 1:
            Q = normal(Q)
        x = matrix(g + missed).T
        P = orthogonal(x @ Q)
        Q = x.T @ P
        d = unmatrix(Q @ P.T, w)
        missed = g + missed - d
    m = beta * m + d
    return lr * (d + m)
