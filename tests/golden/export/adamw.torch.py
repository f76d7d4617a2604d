"""The update rule adamw for PyTorch.

Written by Stepsmith from the zoo's adamw:

    def adamw(w, g, t, lr, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        m: Tensor = 0
        v: Tensor = 0
        m = lerp(m, g, 1 - beta1)
        v = lerp(v, g * g, 1 - beta2)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        return lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * w)

Run as a script, this file compares itself with that program.
"""

import torch


class Adamw(torch.optim.Optimizer):
    """Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101."""

    def __init__(self, params, lr, *, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.01):
        defaults = dict(
            lr=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay, t=0,
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
            params = [w for w in group["params"] if w.grad is not None]
            if not params:
                continue
            grads = [w.grad for w in params]
            for w in params:
                state = self.state[w]
                if not state:
                    state["m"] = torch.zeros_like(w)
                    state["v"] = torch.zeros_like(w)
            m = [self.state[w]["m"] for w in params]
            v = [self.state[w]["v"] for w in params]
            torch._foreach_lerp_(m, grads, 1 - beta1)
            torch._foreach_mul_(v, beta2)
            torch._foreach_addcmul_(v, grads, grads, value=1 - beta2)
            v_hat = torch._foreach_div(v, 1 - beta2**t)
            torch._foreach_sqrt_(v_hat)
            torch._foreach_add_(v_hat, eps)
            torch._foreach_mul_(params, 1 - lr * weight_decay)
            torch._foreach_addcdiv_(params, m, v_hat, value=-lr / (1 - beta1**t))
        return loss


if __name__ == "__main__":
    # 12 steps in float64 on fixed gradients end where those of the program itself do.
    powers = [pow(3, i, 257) for i in range(117)]  # exact in every library
    rows = (torch.tensor(powers, dtype=torch.float64) / 64 - 257 / 128).reshape(13, 9)
    params, *steps = [[row[:6].reshape(2, 3), row[6:]] for row in rows]
    optimizer = Adamw(params, 0.01)
    for batch in steps:
        for w, g in zip(params, batch):
            w.grad = g
        optimizer.step()
    expected = [
        -2.05513765278, -1.94556860526, -1.82821113637, -1.59806876031, -0.707711330697,
        1.75817057021, 1.32473141513, 0.031832134798, 0.0511651034478,
    ]
    final = torch.cat([w.detach().flatten() for w in params])
    apart = float(abs(final - torch.tensor(expected, dtype=torch.float64)).max())
    agrees = apart <= 2e-09
    verdict = "agrees with" if agrees else "differs from"
    print(f"adamw {verdict} its program: largest difference {apart:.1e}")
    raise SystemExit(0 if agrees else 1)
