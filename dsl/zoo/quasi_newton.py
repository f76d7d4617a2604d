"""Rules that learn the curvature from the moves of parameters and gradients."""


def lbfgs(w, g, t, lr, *, memory=10):
    """On the limited memory BFGS method for large scale optimization. Liu & Nocedal, 1989.

    Newton's direction by the last moves and what they did to the gradient; without a line search.

    reference: optax:lbfgs(lr, memory_size=memory, linesearch=None)
    """
    S: History[memory] = 0
    Y: History[memory] = 0
    r: History[memory, Scalar] = 0
    a: History[memory, Scalar] = 0
    w_old: Tensor = w
    g_old: Tensor = g
    s = w - w_old
    y = g - g_old
    sy = global_dot(s, y)
    yy = global_dot(y, y)
    S = push(S, s)
    Y = push(Y, y)
    r = push(r, divide_no_nan(1.0, sy))
    u = g
    for i in range(memory):
        a[-1 - i] = r[-1 - i] * global_dot(S[-1 - i], u)
        u = u - a[-1 - i] * Y[-1 - i]
    u = u * where(t == 1, min(1, 1 / global_norm(g)), where(yy > 0, divide_no_nan(sy, yy), 1))
    for i in range(memory):
        u = u + (a[i] - r[i] * global_dot(Y[i], u)) * S[i]
    w_old = w
    g_old = g
    return lr * u
