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


def hessian_free_cg(w, g, loss, lr, *, damping=0.1, steps=5):
    """Deep learning via Hessian-free optimization. Martens, 2010. With the Hessian itself, and
    neither a preconditioner nor backtracking.

    Unlike in newton_damped the solution is sought from the last one on, and the damping follows how
    well the quadratic foresaw the fall of the loss: it grows where less than a quarter came true.

    reference: paper: Martens, 2010, as boulanni/theano-hf 82e9ef2, hf.py, without backtracking
    """
    x: Tensor = 0
    lam: Scalar = damping
    r = g - hvp(x) - lam * x
    d = r
    rr = global_dot(r, r)
    for i in range(steps):
        if i > 0:
            before = rr
            rr = global_dot(r, r)
            d = r + divide_no_nan(rr, before) * d
        q = hvp(d) + lam * d
        a = divide_no_nan(rr, global_dot(d, q))
        x = x + a * d
        r = r - a * q
    foreseen = (global_dot(x, g + r) + lam * global_dot(x, x)) / 2
    ratio = (loss - loss_at(w - x)) / foreseen
    lam = lam * where(ratio < 0.25, 1.5, where(ratio > 0.75, 1 / 1.5, 1.0))
    return lr * x


def implicit_hypergradient_neumann(w, g, lr, *, terms=3, alpha=0.1, inner=1, inner_lr=0.1):
    """Optimizing Millions of Hyperparameters by Implicit Differentiation. Lorraine et al., 2019.
    arXiv:1911.02590. Parameters of role "upper" are hyperparameters: the loss is that of
    validation, and the auxiliary loss the one that the others are trained on. What a
    hyperparameter changes by way of their optimum is worked out with an inverse Hessian, of which a
    Neumann series is summed; then the others take their own steps.

    reference: paper: algorithms 1 to 3 of Lorraine et al., 2019
    """
    v = g
    if role(w) == "upper":
        v = 0 * g
    p = v
    for j in range(terms):
        v = v - alpha * aux_hvp(v)
        if role(w) == "upper":
            v = 0 * g
        p = p + v
    q = aux_hvp(p)
    x = w
    if role(w) == "upper":
        x = w - lr * (g - alpha * q)
    for j in range(inner):
        y = aux_grad(x)
        if role(w) != "upper":
            x = x - inner_lr * y
    w = x


def saddle_free_newton(w, g, *, damping=1.0, shrink=0.1, tries=4, steps=1):
    """Identifying and attacking the saddle point problem in high-dimensional non-convex
    optimization. Dauphin et al., 2014. arXiv:1406.2572. Newton's step by the sizes of the
    curvatures, so that it leads down where they are negative too: in the plane of the gradient and
    what the Hessian makes of it, with the damping of those tried that lowers the loss most.

    reference: paper: algorithm 1 of Dauphin et al., 2014, with two Lanczos vectors
    """
    q = divide_no_nan(g, global_norm(g))
    r = hvp(q)
    a = global_dot(q, r)
    r = r - a * q
    b = global_norm(r)
    r = divide_no_nan(r, b)
    c = global_dot(r, hvp(r))
    area = abs(a * c - b * b)  # from here on the matrix with the sizes of the eigenvalues
    trace = sqrt(a * a + 2 * b * b + c * c + 2 * area)
    along = divide_no_nan(a * a + b * b + area, trace)
    mixed = divide_no_nan(b * (a + c), trace)
    across = divide_no_nan(b * b + c * c + area, trace)
    x = w
    for i in range(steps):
        if i == 0:
            s = g
        else:
            s = grad_at(x)
        gq = global_dot(q, s)
        gr = global_dot(r, s)
        for j in range(tries):
            extra = damping * shrink**j
            det = (along + extra) * (across + extra) - mixed * mixed
            y = ((across + extra) * gq - mixed * gr) / det
            z = ((along + extra) * gr - mixed * gq) / det
            there = x - y * q - z * r
            level = loss_at(there)
            if j == 0:
                lowest = level
                best = there
            elif level < lowest:
                lowest = level
                best = there
        x = best
    w = x


def alternating_minimization(w, g, t, lr, *, steps=3):
    """Low Rank Matrix Completion via Robust Alternating Minimization in Nearly Linear Time. Gu et
    al., 2023. arXiv:2302.11068. Of two factors one is held while the other goes to its least
    squares solution, in turns. Each is sought roughly, in a few conjugate gradients with the
    Hessian of its own block; parameters of role "left" are the one, all others the other.

    reference: paper: alternating minimization as in Gu et al., 2023, by conjugate gradients
    """
    turn = t % 2
    if role(w) != "left":
        turn = 1 - turn
    r = turn * g
    d = r
    u = 0
    rr = global_dot(r, r)
    for i in range(steps):
        q = turn * hvp(d)
        a = divide_no_nan(rr, global_dot(d, q))
        u = u + a * d
        r = r - a * q
        before = rr
        rr = global_dot(r, r)
        d = r + divide_no_nan(rr, before) * d
    return lr * u
