"""Programs that take a program: they change what it is given, or what is done with its update."""


def lookahead(inner, w, g, t, *, k=6, alpha=0.5):
    """Lookahead Optimizer: k steps forward, 1 step back. Zhang et al., 2019. arXiv:1907.08610.

    Every k steps the parameters go back part of the way to where the k steps began.

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

    reference: pytorch_optimizer:Lion(weight_decay=0, cautious=True)
    """
    u = inner(w, g)
    mask = u * g > 0
    return u * mask * size(w) / (sum(mask) + 1)


def accumulate(inner, w, g, t, *, k=4):
    """A step for every k gradients, on their mean. Known since the 1990s; optax's MultiSteps, 2020.

    reference: optax:MultiSteps(adam(), 4)
    """
    total: Tensor = 0
    total = total + g
    u = 0
    if every(k):
        u = inner(w, total / k)
        total = 0
    return u
