"""Programs that take a program: they change what it is given, or what is done with its update."""


def lookahead(inner, w, g, t, *, k=6, alpha=0.5):
    """Lookahead Optimizer: k steps forward, 1 step back. Zhang et al., 2019. arXiv:1907.08610.

    Every k steps the parameters go back part of the way to where the k steps began.

    checked as: lookahead(adam)
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

    checked as: cautious(lion(weight_decay=0.0))
    reference: pytorch_optimizer:Lion(weight_decay=0, cautious=True)
    """
    u = inner(w, g)
    mask = u * g > 0
    return u * mask * size(w) / (sum(mask) + 1)


def accumulate(inner, w, g, t, *, k=4):
    """A step for every k gradients, on their mean. Known since the 1990s; optax's MultiSteps, 2020.

    checked as: accumulate(adam)
    reference: optax:MultiSteps(adam(), 4)
    """
    total: Tensor = 0
    total = total + g
    u = 0
    if every(k):
        u = inner(w, total / k)
        total = 0
    return u


def lagrangian_primal_dual(
    inner, w, g, *, threshold=0.1, dual_lr=0.01, momentum=0.9, first=0.5, bound=0.5
):
    """Confronting Reward Model Overoptimization with Constrained RLHF. Moskovitz et al., 2023.
    arXiv:2310.04373. The auxiliary loss is a cost that shall stay below a threshold. Its gradient
    counts by a multiplier, which rises by gradient steps of its own while the cost is too high.

    checked as: lagrangian_primal_dual(sgd)
    reference: paper: tedmoskovitz/ConstrainedRL4LMs f5d2d36, constrained_ppo.py
    """
    weight: Scalar = first
    speed: Scalar = 0
    u = inner(w, g + weight * aux_grad(w))
    s = threshold - aux_loss(w)
    speed = momentum * speed + s * min(1, bound / (abs(s) + 1e-6))
    weight = weight - dual_lr * speed
    return u


def sam(inner, w, g, *, rho=0.05, eps=1e-12):
    """Sharpness-Aware Minimization for Efficiently Improving Generalization. Foret et al., 2021.
    arXiv:2010.01412. The gradient is taken where the loss is about highest, rho away.

    checked as: sam(momentum_sgd)
    reference: pytorch_optimizer:SAM(SGD)
    """
    e = rho * g / (global_norm(g) + eps)
    return inner(w, grad_at(w + e))


def asam(inner, w, g, *, rho=0.05, eps=1e-12):
    """ASAM: Adaptive Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural
    Networks. Kwon et al., 2021. arXiv:2102.11600. Each entry moves in proportion to its square.

    checked as: asam(momentum_sgd)
    reference: pytorch_optimizer:SAM(SGD, adaptive=True)
    """
    e = rho * square(w) * g / (global_norm(abs(w) * g) + eps)
    return inner(w, grad_at(w + e))


def friendly_sam(inner, w, g, t, *, rho=0.05, beta=0.9, share=1.0, eps=1e-12):
    """Friendly Sharpness-Aware Minimization. Li et al., 2024. arXiv:2403.12350.

    The way up follows the noise of the batch, the gradient less a share of its moving average.

    checked as: friendly_sam(momentum_sgd)
    reference: pytorch_optimizer:FriendlySAM(SGD)
    """
    m: Tensor = g
    d = g - where(t == 1, 0.0, share) * m
    m = lerp(m, g, 1 - beta)
    return inner(w, grad_at(w + rho * d / (global_norm(d) + eps)))


def looksam(inner, w, g, t, *, rho=0.1, k=10, alpha=0.7, eps=1e-12):
    """Towards Efficient and Scalable Sharpness-Aware Minimization. Liu et al., 2022.
    arXiv:2203.02714. The part of SAM's gradient across the plain one is kept for k steps.

    checked as: looksam(momentum_sgd)
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


def gsam(inner, w, g, *, rho=0.05, alpha=0.4, eps=1e-12):
    """Surrogate Gap Minimization Improves Sharpness-Aware Training. Zhuang et al., 2022.
    arXiv:2203.08065. SAM's gradient, less a share of the part of the plain one that it cannot see:
    so the plain loss rises and comes closer to the loss nearby. With a constant rho.

    checked as: gsam(momentum_sgd)
    reference: paper: juntang-zhuang/GSAM 338ef83, gsam/gsam.py, around SGD with momentum
    """
    x = grad_at(w + rho * g / (global_norm(g) + eps))
    cosine = global_dot(g, x) / (global_norm(x) * global_norm(g) + eps)
    across = g - cosine * global_norm(g) / (global_norm(x) + eps) * x
    return inner(w, x - alpha * across)


def wsam(inner, w, g, lr, *, rho=0.05, gamma=0.9, eps=1e-12):
    """Sharpness-Aware Minimization Revisited: Weighted Sharpness as a Regularization Term. Yue et
    al., 2023. arXiv:2305.15817. The inner rule takes the plain gradient, and gradient descent on
    the sharpness, with a weight of its own, comes on top.

    checked as: wsam(momentum_sgd)
    reference: pytorch_optimizer:WSAM(SGD, rho, gamma, eps=eps)
    """
    x = grad_at(w + rho * g / (global_norm(g) + eps))
    return inner(w, g) + lr * gamma / (1 - gamma) * (x - g)


def fd_gradient_regularization(inner, w, g, *, gamma=0.05, ascent=0.05):
    """Understanding Gradient Regularization in Deep Learning: Efficient Finite-Difference
    Computation and Implicit Bias. Karakida et al., 2022. arXiv:2210.02720. A penalty on the square
    of the gradient, whose slope is the change of the gradient over a step uphill.

    checked as: fd_gradient_regularization(momentum_sgd)
    reference: paper: the forward difference of Karakida et al., 2022, around SGD with momentum
    """
    return inner(w, g + gamma / ascent * (grad_at(w + ascent * g) - g))


def mechanic(
    inner, w, g, *, betas=(0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999), s0=1e-6, decay=0.01,
    eps=1e-8
):
    """Mechanic: A Learning Rate Tuner. Cutkosky et al., 2023. arXiv:2306.00144.

    The sum of the inner updates is scaled by bets on how well it points down the gradient.

    checked as: mechanic(sgd)
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


def trac(
    inner, w, g, *, betas=(0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999), first=1e-8, eps=1e-8,
    terms=20
):
    """Fast TRAC: A Parameter-free Optimizer for Lifelong Reinforcement Learning. Muppidi et al.,
    2024. arXiv:2405.16642.

    The sum of the inner updates is scaled by bets that grow with the evidence as erfi does. That is
    exp(x * x) times Dawson's integral, a continued fraction, of which 20 terms are right to 1e-7.

    checked as: trac(sgd, betas=(0.1, 0.3), terms=12)
    reference: pytorch_optimizer:TRAC(SGD(lr), betas, s_prev=first, eps=eps)
    """
    start: Tensor = w
    total: Scalar = 0
    variance: History[len(betas), Scalar] = 0
    evidence: History[len(betas), Scalar] = 1e-8
    delta = (w - start) / (total + eps)
    h = global_dot(delta, g)
    total = 0
    for j in range(len(betas)):
        variance[j] = betas[j] ** 2 * variance[j] + h * h
        evidence[j] = betas[j] * evidence[j] - h
        x = evidence[j] / (sqrt(2 * variance[j]) + eps)
        y = 2 * x * x
        c = y - 1
        d = max(y, 2 * terms + 1)
        for n in range(2 * terms, 0, -2):
            d = c + n * (1 - y / d)
        total = total + first * x * exp(y / 2) / (0.844962665967544 * d)
    w = start + max(total, 0) * (delta - inner(w, g))


def schedule_free(inner, w, g, lr, *, beta=0.9):
    """The Road Less Scheduled. Defazio et al., 2024. arXiv:2405.15682. Around any rule.

    Trains at a point between where the inner rule leads and the average of where it has led so far,
    in which a step counts by the square of the largest rate until then.

    checked as: schedule_free(momentum_sgd)
    reference: optax:contrib.schedule_free(sgd(lr, momentum), lr, b1=beta)
    """
    z: Tensor = w
    lr_max: Scalar = 0
    weight_sum: Scalar = 0
    lr_max = max(lr_max, lr)
    weight_sum = weight_sum + lr_max**2
    x = (w - (1 - beta) * z) / beta
    z = z - inner(w, g)
    x = lerp(x, z, divide_no_nan(lr_max**2, weight_sum))
    w = lerp(z, x, beta)
    w_eval = (w - (1 - beta) * z) / beta


def swa(inner, w, g, t, T, *, start=0.75, k=1):
    """Averaging Weights Leads to Wider Optima and Better Generalization. Izmailov et al., 2018.
    arXiv:1803.05407.

    Of every k-th step in the last part of the run the parameters are averaged, and the run ends
    with their average.

    checked as: swa(momentum_sgd)
    reference: torch:optim.swa_utils.AveragedModel(model)
    """
    average: Tensor = 0
    n: Scalar = 0
    w = w - inner(w, g)
    if every(k) and t >= start * T:
        average = lerp(average, w, 1 / (n + 1))
        n = n + 1
    if t == T:
        w = where(n > 0, average, w)


def ema_params(inner, w, g, t, T, *, decay=0.999):
    """Acceleration of Stochastic Approximation by Averaging. Polyak & Juditsky, 1992. With a moving
    average in place of the mean: the run ends with that of its parameters.

    checked as: ema_params(momentum_sgd)
    reference: torch:optim.swa_utils.AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))
    """
    average: Tensor = 0
    w = w - inner(w, g)
    average = where(t == 1, w, lerp(average, w, 1 - decay))
    if t == T:
        w = average

def magma(inner, w, g, *, keep=0.5, tau=2.0, beta=0.9, alignment=0.9):
    """On Surprising Effectiveness of Masking Updates in Adaptive Optimizers. Joo et al., 2026.
    arXiv:2602.15322. Magma.

    Each step leaves out parameters by lot; the others move the less, the less their gradients have
    agreed with their momentum.

    checked as: magma(adam)
    reference: paper: Magma of pytorch_optimizer 4.1.0 with a momentum of its own
    """
    m: Tensor = 0
    agreed: Layer = 1
    m = lerp(m, g, 1 - beta)
    cosine = dot(m, g) / (max(norm(m), 1e-8) * max(norm(g), 1e-8))
    agreed = lerp(agreed, sigmoid(cosine / tau), 1 - alignment)
    return inner(w, g) * agreed * (uniform(agreed) < keep)


def apply_if_finite(inner, w, g):
    """apply_if_finite. optax, 2020. A gradient with an entry that is no finite number is passed
    over as if it had never come.

    checked as: apply_if_finite(momentum_sgd)
    reference: optax:apply_if_finite(inner, max_consecutive_errors)
    """
    u = 0
    if global_min(isfinite(g)):
        u = inner(w, g)
    return u


def skip_large_updates(inner, w, g, *, bound=1e4):
    """skip_large_updates. optax, 2020. A gradient whose squared norm is `bound` or more is passed
    over as if it had never come.

    checked as: skip_large_updates(momentum_sgd)
    reference: optax:MultiSteps(inner, 1, should_skip_update_fn=skip_large_updates)
    """
    u = 0
    if global_dot(g, g) < bound:
        u = inner(w, g)
    return u


def reduce_on_plateau(
    inner, w, g, t, loss, *, factor=0.1, patience=10, rtol=1e-4, atol=0.0, cooldown=0, window=1,
    min_scale=0.0
):
    """Reduce the learning rate on a plateau. Keras, 2015. As in optax.

    The steps shrink by a factor once the mean loss of a window of steps has not improved for
    `patience` windows; after that, `cooldown` windows are not judged.

    checked as: reduce_on_plateau(sgd)
    reference: optax:contrib.reduce_on_plateau(factor, patience, rtol, atol, cooldown, window)
    """
    best: Scalar = 1e30
    bad: Scalar = 0
    resting: Scalar = 0
    scale: Scalar = 1
    total: Scalar = 0
    total = total + loss
    if every(window):
        level = total / window
        total = 0
        better = level < (1 - rtol) * best - atol
        best = where(better, level, best)
        bad = where(better or resting, 0, bad + 1)
        worn = bad == patience
        bad = where(worn, 0, bad)
        resting = where(worn, cooldown, max(resting - 1, 0))
        scale = where(worn, max(factor * scale, min_scale), scale)
    return scale * inner(w, g)


def cautious_weight_decay(inner, w, g, lr, *, weight_decay=0.1):
    """Cautious Weight Decay. Chen et al., 2025. arXiv:2510.12402.

    Only what the update makes smaller anyway decays.

    checked as: cautious_weight_decay(adam)
    reference: paper: CWD of Chen et al., 2025, around Adam
    """
    u = inner(w, g)
    return u + lr * weight_decay * (u * w >= 0) * w


def weight_decay_to_init(inner, w, g, lr, *, weight_decay=0.01):
    """weight_decay_to_init. HeavyBall, 2024. Parameters decay to where they began, not to 0.

    checked as: weight_decay_to_init(momentum_sgd)
    reference: paper: weight_decay_to_init of heavyball 3.2.1, around SGD with momentum
    """
    start: Tensor = w
    return inner(w, g) + lr * weight_decay * (w - start)


def weight_decay_to_ema(inner, w, g, t, lr, *, weight_decay=0.01, decay=0.99):
    """weight_decay_to_ema. HeavyBall, 2024. Parameters decay to where they have been of late, by
    their moving average.

    checked as: weight_decay_to_ema(momentum_sgd)
    reference: paper: weight_decay_to_ema of heavyball 3.2.1, around SGD with momentum
    """
    average: Tensor = 0
    average = lerp(average, w, (1 - decay) / (1 - decay**t))
    return inner(w, g) + lr * weight_decay * (w - average)


def corrected_weight_decay(inner, w, g, lr, *, weight_decay=0.1):
    """Why Gradients Rapidly Increase Near the End of Training. Defazio, 2025. arXiv:2506.02285.

    Where the learning rate has fallen, the decay has fallen by its square, so that the balance of
    gradients and weights is kept.

    checked as: corrected_weight_decay(momentum_sgd)
    reference: paper: the corrected decay of Defazio, 2025, around SGD with momentum
    """
    lr_max: Scalar = 0
    lr_max = max(lr_max, lr)
    return inner(w, g) + lr * divide_no_nan(lr, lr_max) * weight_decay * w


def lr_adaptation(inner, w, g, lr, *, first=1.0, lr_lr=1.0):
    """scale_by_lr_adaptation. HeavyBall, 2024. The rate of each parameter is a sigmoid of what
    descends by itself, along how well the last update agrees with the gradient.

    checked as: lr_adaptation(momentum_sgd)
    reference: paper: scale_by_lr_adaptation of heavyball 3.2.1, around momentum
    """
    delta: Layer = log(first)
    last: Tensor = 0
    s = sigmoid(delta)
    delta = delta - lr_lr * s * (1 - s) * mean(last * g)
    last = sigmoid(delta) * inner(w, g, lr=1.0)
    return lr * last


def pointwise_lr_adaptation(inner, w, g, lr, *, first=1.0, lr_lr=1.0):
    """scale_by_pointwise_lr_adaptation. HeavyBall, 2024. The same with a rate for each entry.

    checked as: pointwise_lr_adaptation(momentum_sgd)
    reference: paper: scale_by_pointwise_lr_adaptation of heavyball 3.2.1, around momentum
    """
    delta: Tensor = log(first)
    last: Tensor = 0
    s = sigmoid(delta)
    delta = delta - lr_lr * s * (1 - s) * last * g
    last = sigmoid(delta) * inner(w, g, lr=1.0)
    return lr * last


def d_adaptation(inner, w, g, lr, *, first=1e-6):
    """scale_by_d_adaptation. HeavyBall, 2024. The updates of each parameter grow with a distance
    that it is at least away from its best, as in D-Adaptation.

    checked as: d_adaptation(momentum_sgd)
    reference: paper: scale_by_d_adaptation of heavyball 3.2.1, around momentum
    """
    d: Layer = first
    s: Tensor = 0
    gain = d * dot(g, s)
    u = d * inner(w, g, lr=1.0)
    s = s + u
    d = max(d, gain / sum(abs(s)))
    return lr * u


def diloco(inner, w, g, t, *, k=500, outer_lr=0.7, beta=0.9):
    """DiLoCo: Distributed Low-Communication Training of Language Models. Douillard et al., 2023.
    arXiv:2311.08105. With one worker.

    What k steps of the inner rule add up to is a gradient for an outer rule, Nesterov's momentum,
    that steps from where the k steps began.

    checked as: diloco(adamw)
    reference: paper: algorithm 1 of Douillard et al., 2023, with one worker, around AdamW
    """
    slow: Tensor = w
    m: Tensor = 0
    w = w - inner(w, g)
    if every(k):
        delta = slow - w
        m = beta * m + delta
        slow = slow - outer_lr * (delta + beta * m)
        w = slow


def prodigy_schedule_free(inner, w, g, lr, *, beta=0.9):
    """The Road Less Scheduled. Defazio et al., 2024. arXiv:2405.15682. Around Prodigy and its kin.

    As schedule_free, for a rule that finds its own rate, lr times its state d: that rule lives
    at z, with its start and its decay, and a step counts by the square of its largest rate so far.

    checked as: prodigy_schedule_free(prodigy)
    reference: paper: ScheduleFreeWrapper(Prodigy) of pytorch_optimizer 4.1.0, steps counted once
    """
    ahead: Tensor = 0
    lr_max: Scalar = 0
    weight_sum: Scalar = 0
    z = w + ahead
    x = w - (1 - beta) / beta * ahead
    z = z - inner(z, g)
    lr_max = max(lr_max, lr * inner.d)
    weight_sum = weight_sum + lr_max**2
    x = lerp(x, z, divide_no_nan(lr_max**2, weight_sum))
    w = lerp(z, x, beta)
    ahead = z - w
    w_eval = w - (1 - beta) / beta * ahead


def conditionally_transform(inner, w, g, t, *, k=2):
    """conditionally_transform. optax, 2020. A transform that acts on every k-th gradient and never
    hears of the others, which pass as they are.

    checked as: conditionally_transform(ema_debias) | sgd
    reference: optax:conditionally_transform(ema(beta), lambda count: (count + 1) % k == 0)
    """
    u = g
    if every(k):
        u = inner(w, g)
    return u


def conditionally_mask(inner, w, g, t, *, k=2):
    """conditionally_mask. optax, 2020. A rule that steps on every k-th gradient; between, the
    parameters rest, and what it would have learned is left out.

    checked as: conditionally_mask(adam)
    reference: optax:conditionally_mask(adam(lr), lambda count: (count + 1) % k == 0)
    """
    u = 0
    if every(k):
        u = inner(w, g)
    return u


def partition(first, second, w, g):
    """partition. optax, 2020. Parameters with two axes or more follow one program, the others
    another; a global norm in one of them is that of its own parameters.

    checked as: partition(adam, momentum_sgd)
    reference: optax:partition({"matrix": adam(lr), "rest": sgd(lr, beta)}, by_axes)
    """
    if ndim(w) >= 2:
        u = first(w, g)
    else:
        u = second(w, g)
    return u


def in_basis(inner, w, g, t, *, beta3=0.95, k=10):
    """SOAP: Improving and Stabilizing Shampoo using Adam. Vyas et al., 2024. arXiv:2409.11321.

    Any rule in the eigenbasis of Shampoo's matrices, which is followed by a step of the power
    iteration once in k steps: the rule sees turned parameters and gradients, keeps its states as
    they are when the basis moves on, and its update is turned back. The first gradient only begins
    the matrices.

    checked as: in_basis(adamw)
    reference: paper: algorithms 3 and 4 of Vyas et al., 2024, around AdamW
    """
    L: Matrix[axes] = 0
    Q: Matrix[axes] = eye
    u = 0
    if t > 1:
        x = w
        y = g
        if ndim(w) >= 2:
            for axis in axes(w):
                x = mode(Q[axis].T, x, axis)
                y = mode(Q[axis].T, y, axis)
        u = inner(x, y)
        if ndim(w) >= 2:
            for axis in axes(w):
                u = mode(Q[axis], u, axis)
    if ndim(w) >= 2:
        for axis in axes(w):
            L[axis] = lerp(L[axis], gram(g, axis), 1 - beta3)
            if t == 1:
                Q[axis] = eigenvectors(L[axis])
            elif every(k):
                near = orthogonal(L[axis] @ Q[axis])
                Q[axis] = near * sign(sum(near * Q[axis], axis=0))  # each as it pointed
    return u


def agvm(inner, w, g, t, *, beta=0.97, k=5, start=500.0, eps=1e-6, low=0.5, high=10.0):
    """Large-batch Optimization for Dense Visual Predictions. Xue et al., 2022. arXiv:2210.11078.
    AGVM: how much the gradients of two halves of the batch disagree tells the noise of a parameter,
    and its steps are scaled until it is as that of the backbone, which counts as one.

    checked as: agvm(momentum_sgd)
    reference: paper: Sense-X/AGVM b60d598, agvm/optim/agvm_optimizer_hook.py
    """
    factor: Layer = 1
    begun = t - 1 >= start
    if begun and every(k, 1):
        a = half_grad(w)
        b = 2 * g - a
        known = role(w) == "backbone"
        ab = global_sum(where(known, sum(a * b), 0))
        aa = global_sum(where(known, sum(a * a), 0))
        bb = global_sum(where(known, sum(b * b), 0))
        least = 1 - divide_no_nan(ab, sqrt(aa * bb))
        noise = where(known, least, 1 - cosine(a, b))
        factor = lerp(sqrt(clip((least + eps) / (noise + eps), low, high)), factor, beta)
    u = inner(w, g)
    return where(begun, factor, 1) * u
