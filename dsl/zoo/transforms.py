"""What may stand before or after a rule in a pipe: clipping, centring, decay."""


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


def subspace_grad_projection(w, g, t, *, memory=4, sweeps=4, threshold=0.98, scale=0.1):
    """Taxonomy Adaptive Cross-Domain Adaptation in Medical Imaging via Optimization Trajectory
    Distillation. Fan et al., 2023. arXiv:2307.14709. What a gradient shares with the main
    directions of earlier ones counts once more; as many directions are kept as a share of their
    squares asks for. Rotations of one gradient against another find them.

    reference: paper: camwew/TADA-MI e6b7b9d, models/hovernet/run_desc.py
    """
    bank: History[memory] = 0
    U: History[memory] = 0
    size: History[memory, Layer] = 0
    u = g
    if ndim(w) >= 2:
        bank = push(bank, g)
        if t > 1 and every(memory, 1):
            for i in range(memory):
                U[i] = bank[i]
            for k in range(sweeps):
                for i in range(memory - 1):
                    for j in range(i + 1, memory):
                        b = dot(U[i], U[j])
                        a = (dot(U[j], U[j]) - dot(U[i], U[i])) / 2
                        slope = divide_no_nan(b, a + copysign(sqrt(a * a + b * b), a))
                        x = (U[i] - slope * U[j]) / sqrt(1 + slope * slope)
                        U[j] = (U[j] + slope * U[i]) / sqrt(1 + slope * slope)
                        U[i] = x
            total = 0
            for i in range(memory):
                size[i] = dot(U[i], U[i])
                total = total + size[i]
            for i in range(memory):
                larger = 0
                for j in range(memory):
                    larger = larger + where(size[j] > size[i], size[j], 0)
                kept = larger < threshold * total
                U[i] = where(kept, divide_no_nan(U[i], sqrt(size[i])), 0)
        for i in range(memory):
            u = u + scale * dot(U[i], g) * U[i]
    return u


def trust_ratio(w, g):
    """Large Batch Training of Convolutional Networks. You et al., 2017. arXiv:1708.03888. The ratio
    alone, for the update of any rule.

    reference: optax:scale_by_trust_ratio()
    """
    return g * where(norm(w) > 0 and norm(g) > 0, divide_no_nan(norm(w), norm(g)), 1)


def agc(w, g, *, clipping=0.01, eps=1e-3):
    """High-Performance Large-Scale Image Recognition Without Normalization. Brock et al., 2021.
    arXiv:2102.06171.

    The gradient of each unit, an entry of the last axis, is held to a share of its weights' norm.

    reference: optax:adaptive_grad_clip(clipping, eps)
    """
    if ndim(w) >= 2:
        bound = clipping * max(norm(w, keep=-1), eps)
        u = g * min(1, bound / norm(g, keep=-1))
    else:
        bound = clipping * max(norm(w), eps)
        u = g * min(1, bound / norm(g))
    return u


def normalize_gradient_std(w, g, *, eps=1e-8):
    """Ranger21: a synergistic deep learning optimizer. Wright & Demeure, 2021. arXiv:2106.13731.

    Its normalization: the gradient of a parameter is divided by the deviation of its entries.

    reference: pytorch_optimizer:optimizer.utils.gradient.normalize_gradient(g, epsilon=eps)
    """
    u = g
    if size(w) > 2:
        variance = sum(square(g - mean(g))) / (size(w) - 1)
        u = g / (sqrt(variance) + eps)
    return u


def scale_by_param_block_norm(w, g, *, min_scale=1e-3):
    """Large Batch Optimization for Deep Learning: Training BERT in 76 minutes. You et al., 2019.
    arXiv:1904.00962.

    Its scaling function alone: updates grow with the norm of their parameter.

    reference: optax:scale_by_param_block_norm(min_scale)
    """
    return g * max(norm(w), min_scale)


def scale_by_param_block_rms(w, g, *, min_scale=1e-3):
    """Adafactor: Adaptive Learning Rates with Sublinear Memory Cost. Shazeer & Stern, 2018.
    arXiv:1804.04235.

    Its relative step: updates grow with the root mean square of their parameter.

    reference: optax:scale_by_param_block_rms(min_scale)
    """
    return g * max(rms(w), min_scale)


def orthograd(w, g, *, eps=1e-30):
    """Grokking at the Edge of Numerical Stability. Prieto et al., 2025. arXiv:2501.04697.

    Takes out the part of a gradient that only scales its parameter, and keeps the norm; a gradient
    with no other part is dropped.

    reference: pytorch_optimizer:OrthoGrad(SGD(lr)).apply_orthogonal_gradients(parameters)
    """
    u = g - dot(w, g) / (dot(w, w) + eps) * w
    return u * where(norm(u) > 1e-6 * norm(g), norm(g) / (norm(u) + eps), 0)


def decoupled_weight_decay(w, g, *, weight_decay=1e-4):
    """Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101.

    A share of the parameter is added to the update: `adam | decoupled_weight_decay(1e-4)`.

    reference: optax:add_decayed_weights(weight_decay)
    """
    return g + weight_decay * w


def ema_debias(w, g, t, *, beta=0.9):
    """Adam: A Method for Stochastic Optimization. Kingma & Ba, 2014. arXiv:1412.6980.

    Its first moment alone: a moving average, free of the bias of its start at 0.

    reference: optax:ema(beta)
    """
    m: Tensor = 0
    m = lerp(m, g, 1 - beta)
    return m / (1 - beta**t)


def grokfast_ema(w, g, *, beta=0.98, lamb=2.0):
    """Grokfast: Accelerated Grokking by Amplifying Slow Gradients. Lee et al., 2024.
    arXiv:2405.20233.

    The slow part of the gradients, their moving average from the first one on, is added once more.

    reference: pytorch_optimizer:gradfilter_ema(model, grads, beta, lamb)
    """
    slow: Tensor = g
    slow = lerp(slow, g, 1 - beta)
    return g + lamb * slow


def keep_nonnegative(w, g):
    """Convex programming in Hilbert space. Goldstein, 1964. Projection, to numbers from 0 on.

    No update takes an entry below 0: where it would, the entry becomes 0.

    reference: optax:keep_params_nonnegative()
    """
    return min(g, w)


def zclip(w, g, t, *, beta=0.97, threshold=2.5, bound=1.0, eps=1e-6, warmup=25):
    """ZClip: Adaptive Spike Mitigation for LLM Pre-Training. Kumar et al., 2025. arXiv:2504.02507.

    Lengths of the gradient that stand out from the usual ones, by their mean and deviation, are cut
    to within them, and the more the further they stand out.

    reference: paper: ZClip of Kumar et al., 2025, as in the authors' zclip.py
    """
    usual: Scalar = 0
    variance: Scalar = 0
    length = global_norm(g)
    held = length
    if t <= warmup:
        away = length - usual
        usual = usual + away / t
        variance = lerp(variance, away * (length - usual), 1 / t)
    else:
        deviation = sqrt(variance)
        z = (length - usual) / (deviation + eps)
        held = where(z > threshold, usual + threshold**2 * deviation / z, length)
        usual = lerp(usual, held, 1 - beta)
        variance = lerp(variance, square(held - usual), 1 - beta)
    least = min(held, bound)
    return where(length > least, least / (length + 1e-6), 1) * g


def gradient_annealing_autosparse(w, g, t, T, *, alpha=0.75, threshold=0.01, stop=0.9):
    """AutoSparse: Towards Automated Sparse Training of Deep Neural Networks. Kundu et al., 2023.
    arXiv:2304.06941. Its gradient annealing alone, for weights below a threshold that is given.

    What a sparse model leaves out still learns a little, and less and less in the course of the
    run, until the choice of weights is final.

    reference: paper: Kundu et al., 2023, annealing as in the layer of PQuant
    """
    faded = max((1 + cos(3.141592653589793 * t / T)) / 2, sigmoid(6 - 12 * t / T))
    share = where(t < stop * T, alpha * faded, 0)
    return where(abs(w) > threshold, 1, share) * g


def coordinate_clip(w, g, *, share=0.1, scale=1.0, rounds=24):
    """Toward Understanding Why Adam Converges Faster Than SGD for Transformers. Pan & Li, 2023.
    arXiv:2306.00204. The largest entries, a given share of all in the model, are cut to the size of
    the next one, which is found by halving: `low` is below it, and as close as the rounds allow.

    reference: paper: panyan7/adam-vs-sgd, clip_top_coordinates
    """
    size_of = abs(g)
    cut = floor(share * global_sum(0 * g + 1))
    low = 0
    high = global_max(size_of)
    for i in range(rounds):
        middle = (low + high) / 2
        enough = global_sum(size_of >= middle) > cut
        low = where(enough, middle, low)
        high = where(enough, high, middle)
    bound = scale * global_min(where(size_of >= low, size_of, global_max(size_of)))
    return clip(g, -bound, bound)


def flooding(w, g, loss, *, level=0.1):
    """Do We Need Zero Training Loss After Achieving Zero Training Error? Ishida et al., 2020.
    arXiv:2002.08709. Below a level the loss is driven up again.

    reference: paper: the flooded loss of Ishida et al., 2020
    """
    return g * sign(loss - level)


def grokfast_ma(w, g, t, *, n=100, lamb=5.0):
    """Grokfast: Accelerated Grokking by Amplifying Slow Gradients. Lee et al., 2024.
    arXiv:2405.20233. The mean of the last n gradients is added, once there are that many.

    reference: pytorch_optimizer:gradfilter_ma(model, grads, n, lamb)
    """
    kept: History[n] = 0
    total: Tensor = 0
    total = total + g - kept[0]
    kept = push(kept, g)
    u = g
    if t >= n:
        u = g + lamb * total / n
    return u


def norm_loss(w, g, *, scale=1e-4, eps=1e-8):
    """Norm Loss: An efficient yet effective regularization method for deep neural networks.
    Georgiou et al., 2021. arXiv:2103.06583. The weights of each unit, an entry of the first axis as
    in torch, are drawn to length 1.

    reference: pytorch_optimizer:optimizer.utils.gradient.unit_norm(w), as in Ranger21
    """
    if ndim(w) >= 2:
        length = norm(w, keep=0)
    else:
        length = norm(w)
    return g + 2 * scale * (1 - 1 / (length + eps)) * w


def trust_region_squash(w, g, *, share=0.9, scale=1.5):
    """trust_region_clip. HeavyBall, 2024. Large entries are bent down, to a hyperbolic tangent that
    a little of a logarithm keeps rising, and cut at 2.

    reference: paper: trust_region_clip_ of heavyball 3.2.1
    """
    x = g / scale
    u = lerp(sign(x) * log1p(abs(x)), tanh(x), share)
    return clip(scale * u, -2, 2)


def mu_law_compress(w, g, *, mu=127.0):
    """mu_law_compress. HeavyBall, 2024. Entries on a logarithmic scale, by a law of telephony that
    leaves 0 and 1 where they are.

    reference: paper: mu_law_compress of heavyball 3.2.1
    """
    return sign(g) * log1p(mu * abs(g)) / log1p(mu)


def a_law_compress(w, g, *, a=87.6):
    """a_law_compress. HeavyBall, 2024. Another law of telephony: straight up to 1 / a, and a
    logarithm from there on.

    reference: paper: a_law_compress of heavyball 3.2.1
    """
    x = a * abs(g)
    return sign(g) * where(x < 1, x, 1 + log(max(x, 1))) / (1 + log(a))


def softsign_compress(w, g):
    """softsign_compress. HeavyBall, 2024. Entries are bent to stay between -2 and 2.

    reference: paper: softsign_compress of heavyball 3.2.1
    """
    return 2 * g / (1 + abs(g))


def topk_error_feedback(w, g, *, share=0.1):
    """Sparsified SGD with Memory. Stich et al., 2018. arXiv:1809.07599. Only the largest entries of
    a parameter's update pass; what is held back is added to the next one.

    Of n entries 1 + floor(share * (n - 1)) pass: those above the quantile of their sizes.

    reference: paper: the top-k memory of Stich et al., 2018, on each parameter
    """
    held: Tensor = 0
    x = g + held
    u = where(abs(x) >= quantile(abs(x), 1 - share), x, 0)
    held = x - u
    return u


def mup_scaling(w, g, *, base=64.0):
    """Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer. Yang
    et al., 2022. arXiv:2203.03466.

    Rates of Adam that were found on a narrow model, whose hidden layers have `base` inputs, are
    carried over to a wide one: its hidden matrices move less, in proportion to their inputs.

    reference: paper: microsoft/mup 0518b39, MuAdam, the factor of a hidden matrix
    """
    if ndim(w) < 2 or role(w) in ("embedding", "head"):
        return g
    return g * base / fan_in(w)
