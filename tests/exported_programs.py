"""Programs with what an export may stumble over and no program of the zoo has."""

# What no zoo program has: reductions over the model, lazy conditions, numbers as state, late
# starts, values of one loop that the next one reads, names that a target uses itself.
EXTRA = {
    "clipped": """
def clipped(w, g, lr, *, limit=0.5, beta=0.9):
    m: Tensor = 0
    size = global_norm(g)
    clipped_g = where(size > limit, limit / size, 1) * g
    m = lerp(m, clipped_g, 1 - beta)
    return lr * m
""",
    "two_passes": """
def two_passes(w, g, t, lr, *, beta=0.9, eps=1e-8):
    m: Tensor = 0
    best: Scalar = 0
    m = lerp(m, g, 1 - beta)
    u = m / (1 - beta**t)
    size = global_norm(u)
    u = u / (size + eps)
    best = max(best, global_dot(u, g))
    return lr * (u + best * sign(g) / (1 + global_mean(abs(u))))
""",
    "lazy": """
def lazy(w, g, t, lr, *, k=3, alpha=0.5):
    slow: Tensor = w
    total: Tensor = 0
    total = total + g
    w = w - lr * g
    if t % k == 0:
        slow = lerp(slow, w, alpha)
        w = slow - lr * total
        total = 0 * total
""",
    "by_step": """
def by_step(w, g, t, lr, *, warm=5.0):
    scale: Scalar = 1
    if t < warm:
        rate = lr * t / warm
        scale = scale * 0.5
    else:
        rate = lr
    return rate * (g + scale * w)
""",
    "late": """
def late(w, g, lr, *, beta=0.9):
    m: Tensor = g
    m = lerp(m, g, 1 - beta)
    return lr * m
""",
    "old_and_new": """
def old_and_new(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    n: Layer = 0
    old = m
    m = beta * m + g
    n = lerp(n, rms(g), 0.5)
    return lr * (m + beta * (m - old)) / (n + 1e-3)
""",
    "hostile": """
def hostile(w, g, lr, *, np=0.9, torch=0.5, jax=2.0, state=0.25, sum=0.1, group=1.5):
    params: Tensor = 0
    params = np * params + torch * g
    grads = jax * params
    tree = state * grads + sum * w
    return lr * group * tree
""",
    "truth": """
def truth(w, g, lr):
    same: Tensor = 0
    agree = same * g > 0
    same = g + agree
    return lr * g * (0.5 + (abs(g) > 0.5)) * where(agree and w > 0, 1, 0.5)
""",
    "rebound": """
def rebound(w, g, lr, *, scale=0.1, nesterov=True, beta=0.9):
    m: Tensor = 0
    if ndim(w) < 2:
        lr = scale * lr
    m = beta * m + g
    rate = lr
    u = m
    if nesterov:
        rate = 2 * lr
        u = g + beta * m
    return rate * u
""",
    "layers": """
def layers(w, g, lr, *, eps=1e-8):
    u: Tensor = 0
    u = mean(g) * sign(u + 1)
    return lr * (u + g / (norm(g) + eps) + max(abs(g)) - cosine(w, g) + mean(g, keep=()))
""",
    "begun": """
def begun(w, g, t, lr, *, beta=0.9):
    m: Tensor = 0
    v: Tensor = 0
    m = where(t == 1, 0, lerp(m, g, 1 - beta))
    v = where(t > 2, lerp(v, g * g, 0.5), 1)
    return lr * m / sqrt(v)
""",
    "old_after_new": """
def old_after_new(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    old = m
    m = beta * m + g
    size = global_norm(m)
    return lr * (m + old / (1 + size) + w / (2 + size))
""",
    "handed_on": """
def handed_on(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    before: Tensor = 0
    u = lr * g / (1 + global_norm(g - before))
    before = m
    m = beta * m + g
    return u * m
""",
    "swapped": """
def swapped(w, g, lr):
    a: Tensor = 1
    b: Tensor = 2
    old: Tensor = w
    c = a
    a = b
    b = c
    u = lr * (g + a + old)
    old = w
    return u
""",
    "squares": """
def squares(w, g, t, lr, *, beta=0.9, decay=0.1):
    v: Tensor = 0
    m: Tensor = 0
    last: Tensor = 0
    m = beta * m + (g - last)
    v = lerp(v, v * m, 1 - beta)
    last = g
    u = 3 * (2 * m / (t + 1) + g / 4 + decay * w) / (1 / clip(v, 0.1, 2) + 1)
    w = w - lr * (u - 2 + 0.5 / (2 - tanh(w)) + w * u)
""",
    "old_size": """
def old_size(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    size = 1 + global_norm(m)
    m = beta * m + g
    return lr * m / (size * (1 + global_norm(m)))
""",
}
