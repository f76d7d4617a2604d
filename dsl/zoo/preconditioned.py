"""Rules with a matrix for each axis of a parameter: Shampoo and what grew out of it."""


def shampoo(w, g, t, lr, *, eps=1e-6, k=1):
    """Shampoo: Preconditioned Stochastic Tensor Optimization. Gupta et al., 2018. arXiv:1802.09568.

    AdaGrad with a full matrix along each axis, whose root is taken once in k steps.

    reference: pytorch_optimizer:Shampoo(lr, preconditioning_compute_steps=k, matrix_eps=eps)
    """
    L: Matrix[axes] = eps * eye
    P: Matrix[axes] = 0
    u = g
    for axis in axes(w):
        L[axis] = L[axis] + gram(g, axis)
        if every(k):
            P[axis] = inverse_root(L[axis], 2 * ndim(w))
        u = mode(P[axis], u, axis)
    return lr * u


def soap(w, g, t, lr, *, beta1=0.95, beta2=0.95, beta3=0.95, eps=1e-8, weight_decay=0.01, k=10):
    """SOAP: Improving and Stabilizing Shampoo using Adam. Vyas et al., 2024. arXiv:2409.11321.

    Adam in the eigenbasis of Shampoo's matrices, which is followed by a step of the power iteration
    once in k steps. The first gradient only begins the matrices.

    reference: pytorch_optimizer:SOAP(lr, (beta1, beta2), beta3, weight_decay, k, eps=eps)
    """
    L: Matrix[axes] = 0
    Q: Matrix[axes] = eye
    m: Tensor = 0
    v: Tensor = 0
    step = 0
    if t > 1:
        m = lerp(m, g, 1 - beta1)
        m_in = m
        g_in = g
        for axis in axes(w):
            m_in = mode(Q[axis].T, m_in, axis)
            g_in = mode(Q[axis].T, g_in, axis)
        v = lerp(v, g_in * g_in, 1 - beta2)
        u = m_in / (sqrt(v) + eps) * sqrt(1 - beta2**(t - 1)) / (1 - beta1**(t - 1))
        for axis in axes(w):
            u = mode(Q[axis], u, axis)
        step = lr * (u + weight_decay * (w - lr * u))
    for axis in axes(w):
        L[axis] = lerp(L[axis], gram(g, axis), 1 - beta3)
        if t == 1:
            Q[axis] = eigenvectors(L[axis])
        elif every(k, 1):
            order = sorter(sum(Q[axis] * (L[axis] @ Q[axis]), axis=0))
            v = mode(order.T, v, axis)
            Q[axis] = orthogonal(L[axis] @ Q[axis] @ order)
    return step
