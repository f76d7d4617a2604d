"""Newton's method, without a matrix: the Hessian is only ever multiplied with a direction."""


def newton_damped(w, g, lr, *, damping=1.0, steps=5):
    """A Method for the Solution of Certain Non-Linear Problems in Least Squares. Levenberg, 1944.
    Newton's step with a number added to the Hessian's diagonal, which shortens and turns it towards
    the gradient; solved roughly, in a few steps of conjugate gradients.

    reference: paper: Newton's step damped as by Levenberg, 1944, by Hestenes & Stiefel, 1952
    """
    u = 0
    r = g
    d = g
    rr = global_dot(r, r)
    for i in range(steps):
        q = hvp(d) + damping * d
        a = divide_no_nan(rr, global_dot(d, q))
        u = u + a * d
        r = r - a * q
        before = rr
        rr = global_dot(r, r)
        d = r + divide_no_nan(rr, before) * d
    return lr * u


def gradient_regularized_newton(w, g, loss, *, gamma0=1.0, gamma_min=1e-9, tries=3, steps=4):
    """Gradient-Normalized Smoothness for Optimization with Approximate Hessians. Semenov et al.,
    2025. arXiv:2506.13710. The damping is the norm of the gradient over a radius, which doubles
    after a step that brings the promised fall of the loss and halves until one does.

    reference: paper: algorithm 1 of Semenov et al., 2025, by conjugate gradients, with few tries
    """
    gamma: Scalar = gamma0
    u = 0
    found = 0
    for i in range(tries):
        if found == 0:
            damping = global_norm(g) / gamma
            x = newton_damped(w, g, lr=1.0, damping=damping, steps=steps)
            there = grad_at(w - x)
            if loss - loss_at(w - x) >= global_dot(there, there) / (8 * damping):
                u = x
                gamma = 2 * gamma
                found = 1
            else:
                gamma = max(gamma / 2, gamma_min)
    return u


def stochastic_proximal_point(w, g, lr, *, inner=0.5, tolerance=1e-2, steps=4):
    """Stochastic model-based minimization of weakly convex functions. Davis & Drusvyatskiy, 2018.
    arXiv:1803.06523. The step ends where its own gradient would lead back to the start: at the
    lowest point of the loss plus the squared distance, sought by a few inner steps.

    reference: paper: stochastic proximal point of Davis & Drusvyatskiy, 2018, by inner steps
    """
    x = w - inner * lr * g
    for i in range(steps):
        d = lr * grad_at(x) + x - w
        if global_norm(d) <= tolerance * lr * global_norm(g):
            break
        x = x - inner * d
    w = x


def inna(w, g, lr, *, alpha=0.5, beta=0.1, weight_decay=0.0):
    """An Inertial Newton Algorithm for Deep Learning. Castera et al., 2019. arXiv:1905.12278. A
    ball that rolls with friction and is damped along the Hessian, which a second variable knows
    without ever forming it.

    reference: paper: INNA of Castera et al., 2019, as in the authors' torch code
    """
    psi: Tensor = (1 - alpha * beta) * w
    d = (alpha - 1 / beta) * w + psi / beta
    psi = psi - lr * d
    return lr * (d + beta * g + weight_decay * w)
