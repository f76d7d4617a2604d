def clip_by_value(w, g, *, bound=1.0):
    """On the difficulty of training Recurrent Neural Networks. Pascanu et al., 2012.
    arXiv:1211.5063. Entry by entry.

    reference: optax:clip(bound)
    """
    return clip(g, -bound, bound)


def clip_by_global_norm(w, g, *, bound=1.0):
    """On the difficulty of training Recurrent Neural Networks. Pascanu et al., 2012.
    arXiv:1211.5063.

    reference: optax:clip_by_global_norm(bound)
    """
    return g * min(1, bound / global_norm(g))


def clip_by_block_rms(w, g, *, bound=1.0):
    """Adafactor: Adaptive Learning Rates with Sublinear Memory Cost. Shazeer & Stern, 2018.
    arXiv:1804.04235. Its clipping of the update, by parameter.

    reference: optax:clip_by_block_rms(bound)
    """
    return g / max(1, rms(g) / bound)


def normalize_by_update_norm(w, g, *, scale=1.0, eps=1e-6):
    """Beyond Convexity: Stochastic Quasi-Convex Optimization. Hazan et al., 2015. arXiv:1507.02030.
    The normalized gradient, or update.

    reference: optax:normalize_by_update_norm(scale, eps)
    """
    return scale * g / (global_norm(g) + eps)


def gradient_centralization(w, g):
    """Gradient Centralization: A New Optimization Technique for Deep Neural Networks. Yong et al.,
    2020. arXiv:2004.01461. The first axis keeps its means apart, as in optax.

    reference: optax:centralize()
    """
    if ndim(w) >= 2:
        u = g - mean(g, keep=0)
    else:
        u = g
    return u


def trust_ratio(w, g):
    """Large Batch Training of Convolutional Networks. You et al., 2017. arXiv:1708.03888. The ratio
    alone, for the update of any rule.

    reference: optax:scale_by_trust_ratio()
    """
    return g * where(norm(w) > 0 and norm(g) > 0, divide_no_nan(norm(w), norm(g)), 1)
