import torch


class Adamw(torch.optim.Optimizer):
    """Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101."""

    def __init__(self, params, lr, *, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.01):
        defaults = dict(
            lr=lr,
            beta1=beta1,
            beta2=beta2,
            eps=eps,
            weight_decay=weight_decay,
            t=0,
        )
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None):
        """Makes one step."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            group["t"] += 1
            t = group["t"]
            lr = group["lr"]
            beta1 = group["beta1"]
            beta2 = group["beta2"]
            eps = group["eps"]
            weight_decay = group["weight_decay"]
            for w in group["params"]:
                if w.grad is None:
                    continue
                g, state = w.grad, self.state[w]
                if not state:
                    state["m"] = torch.zeros_like(w)
                    state["v"] = torch.zeros_like(w)
                m, v = state["m"], state["v"]
                m = torch.lerp(m, g, 1 - beta1)
                v = torch.lerp(v, g * g, 1 - beta2)
                m_hat = m / (1 - beta1**t)
                v_hat = v / (1 - beta2**t)
                state["m"] = m
                state["v"] = v
                w.sub_(lr * (m_hat / (torch.sqrt(v_hat) + eps) + weight_decay * w))
        return loss
