def muon(w, g, lr, *, beta=0.95, weight_decay=0.01, adam_scale=0.1):
    """Muon: An optimizer for hidden layers in neural networks. Jordan et al., 2024.
    Vectors, embeddings and heads are left to AdamW.

    reference: torch:Muon(lr, weight_decay=weight_decay, momentum=beta)
    """
    m: Tensor = 0
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        return adamw(w, g, lr=adam_scale * lr)
    m = lerp(m, g, 1 - beta)
    u = newton_schulz(lerp(g, m, beta))
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)


def muon_optax(w, g, t, lr, *, beta=0.95, weight_decay=0.0):
    """Muon: An optimizer for hidden layers in neural networks. Jordan et al., 2024.
    Moment and gradient are corrected for bias; vectors are left to NAdam.

    reference: optax:contrib.muon(learning_rate, beta=beta, weight_decay=weight_decay)
    """
    m: Tensor = 0
    if ndim(w) < 2:
        return nadam_optax(w, g)
    m = lerp(m, g, 1 - beta)
    u = newton_schulz(beta * m / (1 - beta**(t + 1)) + (1 - beta) * g / (1 - beta**t))
    return lr * (sqrt(max(1, fan_out(w) / fan_in(w))) * u + weight_decay * w)
