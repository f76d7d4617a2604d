"""Schedules, for pipes: what comes in, a gradient or an update, times a function of the step."""


def linear_decay_schedule(w, g, t, T, *, end=0.0):
    """When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement. Defazio et al.,
    2023. arXiv:2310.07831. Down along a straight line that ends with the run.

    reference: optax:linear_schedule(1, end, T)
    """
    return g * lerp(1, end, (t - 1) / T)


def polynomial_schedule(w, g, t, T, *, power=2.0, end=0.0):
    """Polynomial decay. optax, 2020. The share of the run that is left, to a power.

    reference: optax:polynomial_schedule(1, end, power, T)
    """
    left = 1 - (t - 1) / T
    return g * lerp(end, 1, left**power)


def exponential_schedule(w, g, t, T, *, end=0.01):
    """Exponential decay. optax, 2020. By the same factor at every step, down to `end`.

    reference: optax:exponential_decay(1, T, end)
    """
    return g * end ** ((t - 1) / T)


def cosine_schedule(w, g, t, T, *, end=0.0, power=1.0):
    """SGDR: Stochastic Gradient Descent with Warm Restarts. Loshchilov & Hutter, 2016.
    arXiv:1608.03983. Half a wave of the cosine over the whole run, without restarts.

    reference: optax:cosine_decay_schedule(1, T, end, power)
    """
    wave = (1 + cos(3.141592653589793 * (t - 1) / T)) / 2
    return g * lerp(end, 1, wave**power)


def warmup_schedule(w, g, t, *, warmup=10.0, start=0.0):
    """Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour. Goyal et al., 2017.
    arXiv:1706.02677. Up along a straight line over the first steps, and constant after them.

    reference: optax:warmup_constant_schedule(start, 1, warmup)
    """
    return g * lerp(start, 1, min((t - 1) / warmup, 1))


def warmup_cosine_schedule(w, g, t, T, *, warmup=0.25, start=0.0, end=0.0, power=1.0):
    """SGDR: Stochastic Gradient Descent with Warm Restarts. Loshchilov & Hutter, 2016.
    arXiv:1608.03983. One cosine, after a share of the run in which the rate rises along a line.

    reference: optax:warmup_cosine_decay_schedule(start, 1, warmup * T, T, end, power)
    """
    steps = warmup * T
    wave = (1 + cos(3.141592653589793 * (t - 1 - steps) / (T - steps))) / 2
    rise = lerp(start, 1, (t - 1) / steps)
    return g * where(t - 1 < steps, rise, lerp(end, 1, wave**power))


def one_cycle_schedule(w, g, t, T, *, warmup=0.3, first=25.0, last=1e4):
    """Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates. Smith &
    Topin, 2017. arXiv:1708.07120. Up from a part of the rate and down to a much smaller one, each
    along half a wave of the cosine.

    reference: optax:cosine_onecycle_schedule(T, 1, warmup, first, last)
    """
    steps = floor(warmup * T)
    up = (1 - cos(3.141592653589793 * (t - 1) / steps)) / 2
    down = (1 + cos(3.141592653589793 * (t - 1 - steps) / (T - steps))) / 2
    rise = lerp(1 / first, 1, up)
    return g * where(t - 1 < steps, rise, lerp(1 / (first * last), 1, down))


def wsd_schedule(w, g, t, T, *, warmup=0.125, decay=0.25):
    """Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations. Haegele et al.,
    2024. arXiv:2405.18392. Up, constant for most of the run, and down at its end, with a cooldown
    by the root of the share of it that is over.

    reference: pytorch_optimizer:get_wsd_schedule(optimizer, warmup * T, stable, decay * T)
    """
    rise = (t - 1) / (warmup * T)
    behind = max((t - 1 - (1 - decay) * T) / (decay * T), 0)
    return g * where(t - 1 < warmup * T, rise, 1 - sqrt(behind))


def rex_schedule(w, g, t, T, *, end=0.0):
    """REX: Revisiting Budgeted Training with an Improved Schedule. Chen et al., 2021.
    arXiv:2107.04197. Slow at first and ever faster, a ratio of two lines.

    reference: pytorch_optimizer:REXScheduler(optimizer, T, 1, end)
    """
    p = (t - 1) / T
    return g * lerp(end, 1, (1 - p) / (1 - p / 2))


def inverse_root_schedule(w, g, t, *, width=512.0, warmup=4000.0):
    """Attention Is All You Need. Vaswani et al., 2017. arXiv:1706.03762. Up along a line, then down
    as the root of the number of steps, all lower for a wider model.

    reference: paper: equation 3 of Vaswani et al., 2017
    """
    return g * width**-0.5 * min(t**-0.5, t * warmup**-1.5)


def knee_schedule(w, g, t, T, *, explore=0.5):
    """Wide-minima Density Hypothesis and the Explore-Exploit Learning Rate Schedule. Iyer et al.,
    2020. arXiv:2003.03977. Constant for long enough to find a wide minimum, then down along a line.

    reference: paper: explore-exploit schedule of Iyer et al., 2020
    """
    return g * min((T - (t - 1)) / ((1 - explore) * T), 1)


def warm_restarts_schedule(w, g, t, *, k=10, end=0.0):
    """SGDR: Stochastic Gradient Descent with Warm Restarts. Loshchilov & Hutter, 2016.
    arXiv:1608.03983. Every k steps the rate leaps up to where its cosine began.

    reference: torch:optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, k, eta_min=end)
    """
    wave = (1 + cos(3.141592653589793 * ((t - 1) % k) / k)) / 2
    return g * lerp(end, 1, wave)


def step_schedule(w, g, t, *, k=10, gamma=0.1):
    """Step decay. torch, 2017. Every k steps the rate falls by a factor.

    reference: torch:optim.lr_scheduler.StepLR(optimizer, k, gamma)
    """
    return g * gamma ** floor((t - 1) / k)


def cyclic_schedule(w, g, t, *, k=10, low=0.1):
    """Cyclical Learning Rates for Training Neural Networks. Smith, 2015. arXiv:1506.01186. Up and
    down along straight lines of k steps each, over and over.

    reference: torch:optim.lr_scheduler.CyclicLR(optimizer, low, 1, k, cycle_momentum=False)
    """
    phase = (t - 1) % (2 * k) / k
    return g * lerp(low, 1, min(phase, 2 - phase))


def refined_schedule(w, g, t, *, norms=(1.0, 1.2, 1.0, 1.0, 1.1, 1.2, 1.4, 1.8)):
    """When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement. Defazio et al.,
    2023. arXiv:2310.07831. The schedule that an earlier run would have been best with: a step
    weighs by the square of its gradient's length, and by how much weight the steps after it have.

    norms: the lengths of the gradients of that run, smoothed, one for each step.

    reference: paper: facebookresearch/adaptive_scheduling, find_closed_form_schedule
    """
    now = 0
    after = 0
    total = 0
    for i in range(len(norms)):
        weight = 1 / norms[i]**2
        now = now + weight * (t - 1 == i)
        after = after + weight * (t - 1 < i)
        total = total + weight
    return g * now * after / total
