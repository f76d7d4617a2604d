"""Rules that read the loss: Polyak's step and its kin, searches along a line, trends."""


def polyak_sgd(w, g, loss, lr, *, most=1.0, lowest=0.0, eps=0.0):
    """Stochastic Polyak Step-size for SGD: An Adaptive Learning Rate for Fast Convergence.
    Loizou et al., 2021. arXiv:2002.10542. The step on which a linear loss would reach its lowest
    value, and no longer one than `most`.

    reference: optax:chain(scale_by_polyak(), scale_by_learning_rate(lr))
    """
    rate = min(most, divide_no_nan(loss - lowest, global_dot(g, g) + eps))
    return lr * rate * g


def momo(w, g, loss, lr, *, beta=0.9, lowest=0.0, weight_decay=0.0):
    """MoMo: Momentum Models for Adaptive Learning Rates. Schaipp et al., 2023. arXiv:2305.07583.

    Polyak's step for an average of the linear models of past batches, cut at its lower bound.

    reference: optax:contrib.momo(lr, beta, lowest, weight_decay)
    """
    m: Tensor = g
    height: Scalar = loss
    offset: Scalar = global_dot(g, w)
    m = lerp(m, g, 1 - beta)
    height = lerp(height, loss, 1 - beta)
    offset = lerp(offset, global_dot(g, w), 1 - beta)
    shrink = 1 + lr * weight_decay
    gap = max(0, shrink * (height - lowest - offset) + global_dot(m, w))
    rate = min(lr, divide_no_nan(gap, global_dot(m, m)))
    return rate * m + lr * weight_decay / shrink * w


def momo_adam(
    w, g, t, loss, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, lowest=0.0, weight_decay=0.0
):
    """MoMo: Momentum Models for Adaptive Learning Rates. Schaipp et al., 2023. arXiv:2305.07583.

    The same in Adam's norm.

    reference: optax:contrib.momo_adam(lr, beta1, beta2, eps, lowest, weight_decay)
    """
    m: Tensor = 0
    v: Tensor = 0
    height: Scalar = 0
    offset: Scalar = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    height = lerp(height, loss, 1 - beta1)
    offset = lerp(offset, global_dot(g, w), 1 - beta1)
    begun = 1 - beta1**t
    u = m / (eps + sqrt(v / (1 - beta2**t)))
    shrink = 1 + lr * weight_decay
    gap = max(0, shrink * (height - begun * lowest - offset) + global_dot(m, w))
    rate = min(lr / begun, divide_no_nan(gap, global_dot(m, u)))
    return rate * u + lr * weight_decay / shrink * w


def alig(w, g, loss, lr, *, beta=0.9, eps=1e-5):
    """Training Neural Networks for and by Interpolation. Berrada et al., 2019. arXiv:1906.05661.
    ALI-G: Polyak's step for a loss whose lowest value is 0, no longer than the learning rate, under
    Nesterov's momentum.

    reference: paper: oval-group/ali-g 0ab443e, alig/th/alig.py
    """
    m: Tensor = 0
    rate = min(lr, loss / (global_dot(g, g) + eps))
    m = beta * m + rate * g
    return rate * g + beta * m


def alr_smag(w, g, loss, lr, *, beta=0.9, c=1.0, lowest=0.0):
    """Generalized Polyak Step Size for First Order Optimization with Momentum. Wang et al., 2023.
    arXiv:2305.12939. ALR-SMAG: Polyak's step along the momentum in place of the gradient.

    reference: paper: ALR-SMAG of Wang et al., 2023
    """
    m: Tensor = 0
    m = beta * m + g
    return min(lr, divide_no_nan(loss - lowest, c * global_dot(m, m))) * m


def alr_shb(w, g, loss, lr, *, beta=0.9, c=1.0, lowest=0.0):
    """Generalized Polyak Step Size for First Order Optimization with Momentum. Wang et al., 2023.
    arXiv:2305.12939. ALR-SHB: Polyak's step for the heavy ball, longer where it has just rolled up
    the slope.

    reference: paper: ALR-SHB of Wang et al., 2023
    """
    before: Tensor = w
    s = w - before
    before = w
    rate = min(lr, divide_no_nan((loss - lowest) / c + beta * global_dot(g, s), global_dot(g, g)))
    return rate * g - beta * s


def sania(w, g, loss, *, eps=0.1, lowest=0.0):
    """SANIA: Polyak-type Optimization Framework Leads to Scale Invariant Stochastic Algorithms.
    Abdukhakimov et al., 2023. arXiv:2312.17369. The shortest step, in the norm of AdaGrad without
    its root, to where a quadratic model of the loss is down at its lowest value.

    reference: paper: fxrshed/SANIA, SANIA/sania_adagrad_sqr.py
    """
    v: Tensor = 0
    v = v + g * g
    d = g / max(eps, v)
    fall = divide_no_nan(2 * (loss - lowest), global_dot(d, g))
    return (1 - sqrt(max(0, 1 - fall))) * d


def sania_adam(w, g, t, loss, lr, *, beta2=0.999, eps=0.1, lowest=0.0):
    """SANIA: Polyak-type Optimization Framework Leads to Scale Invariant Stochastic Algorithms.
    Abdukhakimov et al., 2023. arXiv:2312.17369. With Adam's second moment for the norm.

    reference: paper: fxrshed/SANIA, SANIA/sania_adam_sqr.py
    """
    v: Tensor = 0
    v = lerp(v, g * g, 1 - beta2)
    d = g / max(eps, v / (1 - beta2**t))
    fall = divide_no_nan(2 * (loss - lowest), global_dot(d, g))
    return lr * (1 - sqrt(max(0, 1 - fall))) * d


def aegd(w, g, loss, lr, *, c=1.0, weight_decay=0.0):
    """AEGD: Adaptive Gradient Descent with Energy. Liu & Tian, 2020. arXiv:2010.05109.
    Every entry has an energy, the root of the first loss, which its steps use up.

    reference: paper: txping/AEGD 0e2fc98, aegd.py
    """
    r: Tensor = sqrt(loss + c)
    v = g / (2 * sqrt(loss + c)) + weight_decay * w
    r = r / (1 + 2 * lr * v * v)
    return 2 * lr * r * v


def armijo_backtracking(w, g, loss, *, most=1.0, c=1e-4, shrink=0.8, grow=1.5, tries=15):
    """Painless Stochastic Gradient: Interpolation, Line-Search, and Convergence Rates. Vaswani et
    al., 2019. arXiv:1905.09997. A step of a little more than the last length is shortened until the
    loss of the batch falls by a share of what the slope promises.

    reference: optax:scale_by_backtracking_linesearch(tries, c, shrink, grow, most)
    """
    step: Scalar = 1
    step = min(grow * step, most)
    for i in range(tries):
        if loss_at(w - step * g) > loss - c * step * global_dot(g, g):
            step = shrink * step
    return step * g


def zoom_wolfe_linesearch(
    w, g, loss, *, steps=6, grow=2.0, slope_rtol=1e-4, curv_rtol=0.9, approx_rtol=1e-6,
    precision=1e-5
):
    """Numerical Optimization. Nocedal & Wright, 1999. Down the gradient as far as the strong Wolfe
    conditions ask. The step grows until it has gone too far; then the interval that holds a good
    one shrinks around the lowest points of a cubic or a parabola through what is known.

    reference: optax:chain(sgd(1), scale_by_zoom_linesearch(steps, None, 0, grow, ...))
    """
    kept: Scalar = 1.0
    slope = -global_dot(g, g)
    a = 0.0
    f = loss
    d = slope
    low = 0.0
    f_low = loss
    d_low = slope
    high = 0.0
    f_high = loss
    third = 0.0
    f_third = loss
    safe = 0.0
    f_safe = loss
    found = 0
    done = 0
    for i in range(steps):
        if done == 0:
            a_before = a
            f_before = f
            d_before = d
            if i == 0:
                a = kept
            else:
                h = high - low
                k = third - low
                x = f_high - f_low - d_low * h
                y = f_third - f_low - d_low * k
                middle = (low + high) / 2
                det = square(h * k) * (h - k)
                p = (square(k) * x - square(h) * y) / det
                q = (cube(h) * y - cube(k) * x) / det
                parabola = low - d_low * square(h) / (2 * x)
                cubic = low + (sqrt(q * q - 3 * p * d_low) - q) / (3 * p)
                inner = where(abs(parabola - middle) < 0.4 * abs(h), parabola, middle)
                inner = where(abs(cubic - middle) < 0.3 * abs(h), cubic, inner)
                a = where(found, inner, grow * a)
            there = w - a * g
            f = loss_at(there)
            d = -global_dot(grad_at(there), g)
            near = d <= (2 * slope_rtol - 1) * slope and f <= loss + approx_rtol * abs(loss)
            falls = f <= loss + slope_rtol * a * slope or near
            done = falls and abs(d) <= curv_rtol * abs(slope)
            better = falls and (found == 0 or f < f_safe)
            safe = where(better, a, safe)
            f_safe = where(better, f, f_safe)
            if found:
                short = abs(high - low) <= precision and safe > 0 and not done
                over = not falls or f >= f_low
                back = d * (high - low) >= 0 and not over
                third = where(over or back, high, low)
                f_third = where(over or back, f_high, f_low)
                high = where(over, a, where(back, low, high))
                f_high = where(over, f, where(back, f_low, f_high))
                low = where(over, low, a)
                f_low = where(over, f_low, f)
                d_low = where(over, d_low, d)
                a = where(short, safe, a)
                done = done or short
            else:
                over = not falls or i > 0 and f >= f_before
                turns = d >= 0 and not over
                found = over or turns
                low = where(turns, a, a_before)
                f_low = where(turns, f, f_before)
                d_low = where(turns, d, d_before)
                high = where(turns, a_before, a)
                f_high = where(turns, f_before, f)
                third = low
                f_third = f_low
    kept = where(done == 0 and (safe > 0 or not isfinite(f)), safe, a)
    return kept * g


def smb(w, g, loss, lr, *, eta=0.99, c=0.1):
    """Bolstering Stochastic Gradient Descent with Model Building. Birbil et al., 2021.
    arXiv:2111.07058. A step that does not lower the loss enough is not just shortened: where it
    led, the gradient tells each parameter a quadratic model, whose lowest point is taken instead.

    reference: paper: sibirbil/SMB 97ed9c8, smb/smb.py
    """
    trial = w - lr * g
    if loss_at(trial) <= loss - c * lr * global_dot(g, g):
        u = lr * g
    else:
        s = -lr * g
        y = grad_at(trial) - g
        a = norm(s) * (norm(y) + norm(g) / eta)
        theta = a * a - dot(s, s) * dot(y, y)
        of_g = divide_no_nan(dot(s, s), dot(s, y) - a)
        of_s = divide_no_nan(of_g, theta) * (dot(y, y) * dot(s, g) - a * dot(y, g))
        of_y = divide_no_nan(of_g, theta) * (dot(s, s) * dot(y, g) - a * dot(s, g))
        u = -(of_g * g + of_s * s + of_y * y)
    return u


def emo_drive(w, g, loss, *, fast=0.3, slow=0.01):
    """EmoNavi: an emotion-driven optimizer that feels loss and navigates accordingly. muooon, 2025.
    A modifier: updates grow while the loss goes up or down at a middling pace, and shrink while it
    goes fast, by two averages of the loss.

    reference: paper: get_emo_drive of pytorch_optimizer 4.1.0, emonavi.py, in exact arithmetic
    """
    short: Scalar = loss
    long: Scalar = loss
    short = lerp(short, loss, fast)
    long = lerp(long, loss, slow)
    mood = tanh((long - short) / max(long, 1e-5))
    calm = 1 - abs(mood)
    lively = 8 * calm * (1 + 0.1 * copysign(calm, mood))
    return where(calm < 0.25, calm, where(calm > 0.5 and calm < 0.75, lively, 1)) * g


def emonavi(w, g, loss, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """EmoNavi: an emotion-driven optimizer that feels loss and navigates accordingly. muooon, 2025.
    AdamW without bias correction, paced by the trend of the loss.

    reference: paper: EmoNavi of pytorch_optimizer 4.1.0, emonavi.py, in exact arithmetic
    """
    m: Tensor = 0
    v: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    v = lerp(v, g * g, 1 - beta2)
    return lr * (emo_drive(w, m / (sqrt(v) + eps)) + weight_decay * w)


def emolynx(w, g, loss, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
    """EmoNavi: an emotion-driven optimizer that feels loss and navigates accordingly. muooon, 2025.
    EmoLynx: Lion, paced by the trend of the loss.

    reference: paper: EmoLynx of pytorch_optimizer 4.1.0, emonavi.py, in exact arithmetic
    """
    m: Tensor = 0
    u = sign(lerp(m, g, 1 - beta1))
    m = lerp(m, g, 1 - beta2)
    return lr * (emo_drive(w, u) + weight_decay * w)


def emofact(w, g, loss, lr, *, beta1=0.9, weight_decay=0.01):
    """EmoNavi: an emotion-driven optimizer that feels loss and navigates accordingly. muooon, 2025.
    EmoFact: signs, paced by the trend of the loss; of the momentum for vectors and of the gradient
    for the rest. The second moments of the original have no say under a sign, and are left out.

    reference: paper: EmoFact of pytorch_optimizer 4.1.0, emonavi.py, in exact arithmetic
    """
    m: Tensor = 0
    m = lerp(m, g, 1 - beta1)
    u = sign(m)
    if ndim(w) >= 2:
        u = sign(g)
    return lr * (emo_drive(w, u) + weight_decay * w)
