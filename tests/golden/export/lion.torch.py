import torch


class Lion(torch.optim.Optimizer):
    """Symbolic Discovery of Optimization Algorithms. Chen et al., 2023. arXiv:2302.06675."""

    def __init__(self, params, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
        defaults = dict(
            lr=lr,
            beta1=beta1,
            beta2=beta2,
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
            lr = group["lr"]
            beta1 = group["beta1"]
            beta2 = group["beta2"]
            weight_decay = group["weight_decay"]
            for w in group["params"]:
                if w.grad is None:
                    continue
                g, state = w.grad, self.state[w]
                if not state:
                    state["m"] = torch.zeros_like(w)
                m = state["m"]
                u = torch.sign(torch.lerp(m, g, 1 - beta1))
                m = torch.lerp(m, g, 1 - beta2)
                state["m"] = m
                w.sub_(lr * (u + weight_decay * w))
        return loss
