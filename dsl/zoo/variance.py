"""Rules that take the noise of the gradient into account, or some of it out."""


def pnm(w, g, lr, *, beta=0.9, beta0=1.0):
    """Positive-Negative Momentum: Manipulating Stochastic Gradient Noise to Improve Generalization.
    Xie et al., 2021. arXiv:2103.17182.

    Even and odd steps keep momenta of their own; the difference of the two has as much noise as
    wanted.

    reference: pytorch_optimizer:PNM(lr, betas=(beta, beta0))
    """
    last: Tensor = 0
    last_but_one: Tensor = 0
    m = lerp(last_but_one, g, 1 - beta**2)
    u = ((1 + beta0) * m - beta0 * last) / sqrt((1 + beta0) ** 2 + beta0**2)
    last_but_one = last
    last = m
    return lr * u


def adapnm(w, g, t, lr, *, beta1=0.9, beta2=0.999, beta0=1.0, eps=1e-8, weight_decay=0.0):
    """Positive-Negative Momentum: Manipulating Stochastic Gradient Noise to Improve Generalization.
    Xie et al., 2021. arXiv:2103.17182. Over the largest second moment, as in AMSGrad.

    reference: pytorch_optimizer:AdaPNM(lr, (beta1, beta2, beta0), weight_decay, eps=eps)
    """
    last: Tensor = 0
    last_but_one: Tensor = 0
    v: Tensor = 0
    v_max: Tensor = 0
    m = lerp(last_but_one, g, 1 - beta1**2)
    v = lerp(v, g * g, 1 - beta2)
    v_max = max(v_max, v)
    u = ((1 + beta0) * m - beta0 * last) / sqrt((1 + beta0) ** 2 + beta0**2)
    last_but_one = last
    last = m
    u = u / (1 - beta1**t) / (sqrt(v_max / (1 - beta2**t)) + eps)
    return lr * (u + weight_decay * w)


def mars_adamw(
    w, g, t, lr, *, beta1=0.95, beta2=0.99, gamma=0.025, eps=1e-8, weight_decay=0.0,
    beta1_1d=0.9, beta2_1d=0.95, weight_decay_1d=0.1
):
    """MARS: Unleashing the Power of Variance Reduction for Training Large Models. Yuan et al.,
    2024. arXiv:2411.10438. With the gradient of the batch before; vectors are left to AdamW.

    The change of the gradient stands in for the noise that momentum would have to average away.

    reference: pytorch_optimizer:MARS(lr, (beta1, beta2), gamma, weight_decay=weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    before: Tensor = 0
    if ndim(w) < 2:
        return adamw(w, g, beta1=beta1_1d, beta2=beta2_1d, eps=eps, weight_decay=weight_decay_1d)
    c = g + gamma * beta1 / (1 - beta1) * (g - before)
    c = c / max(1, norm(c))
    before = g
    m = lerp(m, c, 1 - beta1)
    v = lerp(v, c * c, 1 - beta2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)


def vsgd(w, g, t, lr, *, ratio=30.0, prior=1e-8, tau1=0.81, tau2=0.9, eps=1e-8):
    """Variational Stochastic Gradient Descent for Deep Neural Networks. Chen et al., 2024.
    arXiv:2404.06549.

    The true gradient drifts and is seen through noise; both variances are inferred, entry by entry,
    and weigh the gradient seen against the one expected.

    reference: pytorch_optimizer:VSGD(lr, ghattg=ratio, ps=prior, tau1=tau1, tau2=tau2, eps=eps)
    """
    mu: Tensor = 0
    drift: Tensor = 0
    noise: Tensor = 0
    a = 2 * prior + 1.0001
    drift_now = where(t == 1, 2 * prior / (a - 1), drift / a)
    noise_now = where(t == 1, 2 * ratio * prior / (a - 1), noise / a)
    before = mu
    mu = (noise_now * mu + drift_now * g) / (drift_now + noise_now)
    variance = drift_now * noise_now / (drift_now + noise_now)
    drift = lerp(drift, 2 * prior + variance + square(mu - before), t**-tau1)
    noise = lerp(noise, 2 * ratio * prior + variance + square(g - mu), t**-tau2)
    return lr * mu / (sqrt(mu * mu + variance) + eps)


def mars_exact(w, g, *, beta1=0.95, beta2=0.99, gamma=0.025, eps=1e-8, weight_decay=0.0):
    """MARS: Unleashing the Power of Variance Reduction for Training Large Models. Yuan et al.,
    2024. arXiv:2411.10438. AdamW on a gradient less its noise, which shows in how the same batch
    judges the parameters of the step before.

    reference: paper: MARS-AdamW of Yuan et al., 2024, with clipping and eps of AGI-Arena/MARS
    """
    before: Tensor = w
    c = g + gamma * beta1 / (1 - beta1) * (g - grad_at(before))
    c = c / max(1, norm(c))
    before = w
    return adamw(w, c, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)


def mars_lion(
    w, g, lr, *, beta1=0.95, gamma=0.025, eps=1e-8, weight_decay=0.0, beta1_1d=0.9, beta2_1d=0.95,
    weight_decay_1d=0.1
):
    """MARS: Unleashing the Power of Variance Reduction for Training Large Models. Yuan et al.,
    2024. arXiv:2411.10438. MARS-Lion: the sign of the momentum of corrected gradients.

    reference: paper: AGI-Arena/MARS 20c60c1, MARS/optimizers/mars.py, mars-lion
    """
    m: Tensor = 0
    before: Tensor = 0
    if ndim(w) < 2:
        return adamw(w, g, beta1=beta1_1d, beta2=beta2_1d, eps=eps, weight_decay=weight_decay_1d)
    c = g + gamma * beta1 / (1 - beta1) * (g - before)
    m = lerp(m, c / max(1, norm(c)), 1 - beta1)
    before = g
    return lr * (sign(m) + weight_decay * w)


def mars_shampoo(
    w, g, lr, *, beta1=0.95, gamma=0.025, eps=1e-8, weight_decay=0.0, beta1_1d=0.9, beta2_1d=0.95,
    weight_decay_1d=0.1
):
    """MARS: Unleashing the Power of Variance Reduction for Training Large Models. Yuan et al.,
    2024. arXiv:2411.10438. MARS-Shampoo: the same momentum made orthogonal, for parameters with
    two axes; the others, convolutions too, are left to AdamW.

    reference: paper: AGI-Arena/MARS 20c60c1, MARS/optimizers/mars.py, mars-shampoo
    """
    m: Tensor = 0
    before: Tensor = 0
    if ndim(w) != 2:
        return adamw(w, g, beta1=beta1_1d, beta2=beta2_1d, eps=eps, weight_decay=weight_decay_1d)
    c = g + gamma * beta1 / (1 - beta1) * (g - before)
    m = lerp(m, c / max(1, norm(c)), 1 - beta1)
    before = g
    u = newton_schulz(m / (1 - beta1))
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)


def storm(w, g, lr, *, offset=0.1, c=10.0):
    """Momentum-Based Variance Reduction in Non-Convex SGD. Cutkosky & Orabona, 2019.
    arXiv:1905.10018. The momentum is carried along to the new parameters by what this batch says of
    the way there, and forgets the less the shorter the steps are.

    reference: paper: algorithm 1 of Cutkosky & Orabona, 2019
    """
    d: Tensor = g
    before: Tensor = w
    total: Scalar = 0
    rate: Scalar = 0
    d = g + (1 - c * rate**2) * (d - grad_at(before))
    before = w
    total = total + global_dot(g, g)
    rate = lr / cbrt(offset + total)
    return rate * d


def spider(w, g, t, lr, *, k=10):
    """SPIDER: Near-Optimal Non-Convex Optimization via Stochastic Path-Integrated Differential
    Estimator. Fang et al., 2018. arXiv:1807.01695. An estimate of the gradient is followed along
    the path by differences and made anew every k steps, on a batch like any other; all steps are
    equally long.

    reference: paper: algorithm 1 of Fang et al., 2018, option I
    """
    v: Tensor = 0
    before: Tensor = w
    if every(k, 1):
        v = g
    else:
        v = v + g - grad_at(before)
    before = w
    return lr * divide_no_nan(v, global_norm(v))


def gfm_plus(w, g, t, lr, *, delta=1e-3, k=10, many=10, few=1):
    """Faster Gradient-Free Algorithms for Nonsmooth Nonconvex Stochastic Optimization. Chen et al.,
    2023. arXiv:2301.06428. Slopes along random directions, each from two values of the loss, stand
    for the gradient: the mean of many every k steps, and in between its change along a few.

    reference: paper: GFM+ of Chen et al., 2023, with the slopes of the authors' train.py
    """
    v: Tensor = 0
    before: Tensor = w
    count = global_sum(0 * w + 1)
    if every(k, 1):
        u = 0
        for i in range(many):
            z = normal(w)
            z = z / global_norm(z)
            fall = loss_at(w + delta * z) - loss_at(w - delta * z)
            u = u + count * fall / (2 * delta) * z
        v = u / many
    else:
        u = 0
        for i in range(few):
            z = normal(w)
            z = z / global_norm(z)
            fall = loss_at(w + delta * z) - loss_at(w - delta * z)
            fell = loss_at(before + delta * z) - loss_at(before - delta * z)
            u = u + count * (fall - fell) / (2 * delta) * z
        v = v + u / few
    before = w
    return lr * v


def svrg(w, g, t, lr, *, k=10):
    """Accelerating Stochastic Gradient Descent using Predictive Variance Reduction. Johnson &
    Zhang, 2013. What a batch said at a snapshot of the parameters, next to the gradient of all data
    there, tells how far off it is here; the snapshot is taken anew every k steps.

    reference: paper: SVRG of Johnson & Zhang, 2013, option I
    """
    snapshot: Tensor = w
    mean_g: Tensor = 0
    if every(k, 1):
        snapshot = w
        mean_g = full_grad(w)
    return lr * (g - grad_at(snapshot) + mean_g)


def sarah(w, g, t, lr, *, k=10):
    """SARAH: A Novel Method for Machine Learning Problems Using Stochastic Recursive Gradient.
    Nguyen et al., 2017. arXiv:1703.00102. The gradient of all data, taken every k steps and carried
    along between them by what each batch says of the way.

    reference: paper: algorithm 1 of Nguyen et al., 2017, last iterate
    """
    v: Tensor = 0
    before: Tensor = w
    if every(k, 1):
        v = full_grad(w)
    else:
        v = v + g - grad_at(before)
    before = w
    return lr * v


def igt(w, g, t, lr, *, delta=1.0):
    """Reducing the variance in online optimization by transporting past gradients. Arnold et al.,
    2019. arXiv:1906.03532. Gradients are taken so far ahead along the last step that their mean is
    about the gradient here.

    reference: paper: algorithm 1 of Arnold et al., 2019
    """
    v: Tensor = 0
    before: Tensor = w
    n = t - 1
    x = w + n / delta * (w - before)
    v = lerp(grad_at(x), v, n / (n + delta))
    before = w
    return lr * v


def ai_sarah(w, g, t, *, gamma=0.03125, beta=0.999):
    """AI-SARAH: Adaptive and Implicit Stochastic Recursive Gradient Methods. Shi et al., 2021.
    arXiv:2102.09700.

    Every step is as long as one step of Newton's method makes it, which looks for the next
    estimate of the gradient that is shortest; a mean of such lengths is the longest that is taken.
    Where the estimate has shrunk enough, the gradient over all data takes its place.

    reference: paper: shizheng-rlfresh/ai_sarah 2da30bc, Run/AI_SARAH.ipynb
    """
    v: Tensor = 0
    first: Scalar = 0
    curve: Scalar = 0
    if t == 1 or global_dot(v, v) < gamma * first:
        v = full_grad(w)
        first = global_dot(v, v)
    bent = hvp(v)
    newton = global_dot(v, bent) / abs(global_dot(bent, bent) + third(v))
    step = where(t == 1, newton, min(newton, 1 / curve))
    curve = where(t == 1, 1 / newton, lerp(curve, 1 / newton, 1 - beta))
    w = w - step * v
    v = v + grad_at(w) - g
