"""The update rule lion for PyTorch.

Written by Stepsmith from the zoo's lion:

    def lion(w, g, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
        m: Tensor = 0
        u = sign(lerp(m, g, 1 - beta1))
        m = lerp(m, g, 1 - beta2)
        return lr * (u + weight_decay * w)

Run as a script, this file compares itself with that program.
"""

import torch


class Lion(torch.optim.Optimizer):
    """Symbolic Discovery of Optimization Algorithms. Chen et al., 2023. arXiv:2302.06675."""

    def __init__(self, params, lr, *, beta1=0.9, beta2=0.99, weight_decay=0.01):
        defaults = dict(
            lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay, t=0,
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
            params = [w for w in group["params"] if w.grad is not None]
            if not params:
                continue
            grads = [w.grad for w in params]
            for w in params:
                state = self.state[w]
                if not state:
                    state["m"] = torch.zeros_like(w)
            m = [self.state[w]["m"] for w in params]
            u = torch._foreach_lerp(m, grads, 1 - beta1)
            torch._foreach_sign_(u)
            torch._foreach_lerp_(m, grads, 1 - beta2)
            torch._foreach_mul_(params, 1 - lr * weight_decay)
            torch._foreach_add_(params, u, alpha=-lr)
        return loss


if __name__ == "__main__":
    # 12 steps in float64 on fixed gradients end where those of the program itself do.
    powers = [pow(3, i, 257) for i in range(117)]  # exact in every library
    rows = (torch.tensor(powers, dtype=torch.float64) / 64 - 257 / 128).reshape(13, 9)
    params, *steps = [[row[:6].reshape(2, 3), row[6:]] for row in rows]
    optimizer = Lion(params, 0.01)
    for batch in steps:
        for w, g in zip(params, batch):
            w.grad = g
        optimizer.step()
    expected = [
        -2.0897482058, -1.93859366539, -1.84497609254, -1.54404142337, -0.681325359281,
        1.76693879559, 1.32995951073, 0.039009653772, 0.0770849367218,
    ]
    final = torch.cat([w.detach().flatten() for w in params])
    apart = float(abs(final - torch.tensor(expected, dtype=torch.float64)).max())
    agrees = apart <= 2e-09
    verdict = "agrees with" if agrees else "differs from"
    print(f"lion {verdict} its program: largest difference {apart:.1e}")
    raise SystemExit(0 if agrees else 1)
