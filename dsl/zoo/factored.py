def adafactor(w, g, t, lr, *, decay=0.8, clip_rms=1.0, eps=1e-30, min_scale=1e-3):
    """Adafactor: Adaptive Learning Rates with Sublinear Memory Cost. Shazeer & Stern, 2018.
    arXiv:1804.04235.

    reference: torch:Adafactor(lr, beta2_decay=-decay, eps=(None, min_scale), d=clip_rms)
    """
    row: Vector[:-1] = 0
    col: Vector[:-2, -1] = 0
    v: Tensor = 0
    beta = 1 - t**-decay
    square_g = g * g + eps
    if ndim(w) >= 2:
        row = lerp(row, mean(square_g, axis=-1), 1 - beta)
        col = lerp(col, mean(square_g, axis=-2), 1 - beta)
        v_hat = row * col / mean(row, axis=-2)
    else:
        v = lerp(v, square_g, 1 - beta)
        v_hat = v
    u = g / sqrt(v_hat)
    u = u / max(1, rms(u) / clip_rms)
    return max(min_scale, rms(w)) * min(lr, t**-0.5) * u
