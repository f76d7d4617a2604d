"""Rules for two losses: that of the step, and a second one on which some parameters depend."""


def f2sa(w, g, lr, *, steps=1, z_rate=1.0, x_rate=1.0, first=1.0, delta=0.1):
    """A Fully First-Order Method for Stochastic Bilevel Optimization. Kwon et al., 2023.
    arXiv:2301.10945. F2SA: the second loss is the lower level's, the step's that of the upper; the
    parameters of role "upper" are those of the upper level.

    Two copies of the lower level are trained, one on its own loss alone and one on both losses,
    where its own weighs ever more; how their slopes differ stands in for second derivatives.

    reference: paper: algorithm 1 of Kwon et al., 2023, all on one batch
    """
    z: Tensor = w
    penalty: Scalar = first
    y = w
    alone = w
    if role(w) != "upper":
        alone = z
    for i in range(steps):
        down = lr * z_rate * aux_grad(alone)
        both = lr * (grad_at(y) + penalty * aux_grad(y))
        if role(w) != "upper":
            alone = alone - down
            y = y - both
    u = grad_at(y) + penalty * (aux_grad(y) - aux_grad(alone))
    if role(w) == "upper":
        y = w - lr * x_rate * u
    z = alone
    penalty = penalty + delta
    w = y
