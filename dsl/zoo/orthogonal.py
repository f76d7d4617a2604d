def muon(w, g, t, lr, *, beta=0.95, weight_decay=0.01, adam_scale=0.1, beta1=0.9, beta2=0.999,
         eps=1e-8):
    """Muon: An optimizer for hidden layers in neural networks. Jordan et al., 2024.
    Vectors, embeddings and heads are left to AdamW.

    reference: torch:Muon(lr, weight_decay=weight_decay, momentum=beta)
    """
    m: Tensor = 0
    adam_m: Tensor = 0
    adam_v: Tensor = 0
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        adam_m = lerp(adam_m, g, 1 - beta1)
        adam_v = lerp(adam_v, g * g, 1 - beta2)
        m_hat = adam_m / (1 - beta1**t)
        v_hat = adam_v / (1 - beta2**t)
        return adam_scale * lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)
    m = lerp(m, g, 1 - beta)
    u = newton_schulz(lerp(g, m, beta))
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)


def muon_optax(w, g, t, lr, *, beta=0.95, weight_decay=0.0, beta1=0.9, beta2=0.999, eps=1e-8):
    """Muon: An optimizer for hidden layers in neural networks. Jordan et al., 2024.
    Moment and gradient are corrected for bias; vectors are left to NAdam.

    reference: optax:contrib.muon(learning_rate, beta=beta, weight_decay=weight_decay)
    """
    m: Tensor = 0
    adam_m: Tensor = 0
    adam_v: Tensor = 0
    if ndim(w) < 2:
        adam_m = lerp(adam_m, g, 1 - beta1)
        adam_v = lerp(adam_v, g * g, 1 - beta2)
        m_hat = beta1 * adam_m / (1 - beta1**(t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        v_hat = adam_v / (1 - beta2**t)
        return lr * m_hat / (sqrt(v_hat) + eps)
    m = lerp(m, g, 1 - beta)
    u = newton_schulz(beta * m / (1 - beta**(t + 1)) + (1 - beta) * g / (1 - beta**t))
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)
