"""Programs that no zoo has, and how a program and what is exported of it are run side by side."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

import dsl
from dsl.export import class_name, export
from dsl.lower import eval_params, lower
from dsl.parse import parse
from dsl.program import Program, calls

SHAPES = ((6, 4), (4,), (3, 5), (2, 3, 4), ())
SETTLED = ((4, 4), (3, 3))  # elsewhere a basis is not settled by the gradients
DECOMPOSITIONS = ("eigenvectors", "inverse_root", "orthogonal", "singular_vectors")
STEPS = 20
RATE = 0.01

# What no zoo program has: reductions over the model, lazy conditions, numbers as state, late
# starts, values of one loop that the next one reads, names that a target uses itself.
EXTRA = {
    "clipped": """
def clipped(w, g, lr, *, limit=0.5, beta=0.9):
    m: Tensor = 0
    size = global_norm(g)
    clipped_g = where(size > limit, limit / size, 1) * g
    m = lerp(m, clipped_g, 1 - beta)
    return lr * m
""",
    "two_passes": """
def two_passes(w, g, t, lr, *, beta=0.9, eps=1e-8):
    m: Tensor = 0
    best: Scalar = 0
    m = lerp(m, g, 1 - beta)
    u = m / (1 - beta**t)
    size = global_norm(u)
    u = u / (size + eps)
    best = max(best, global_dot(u, g))
    return lr * (u + best * sign(g) / (1 + global_mean(abs(u))))
""",
    "lazy": """
def lazy(w, g, t, lr, *, k=3, alpha=0.5):
    slow: Tensor = w
    total: Tensor = 0
    total = total + g
    w = w - lr * g
    if t % k == 0:
        slow = lerp(slow, w, alpha)
        w = slow - lr * total
        total = 0 * total
""",
    "by_step": """
def by_step(w, g, t, lr, *, warm=5.0):
    scale: Scalar = 1
    if t < warm:
        rate = lr * t / warm
        scale = scale * 0.5
    else:
        rate = lr
    return rate * (g + scale * w)
""",
    "late": """
def late(w, g, lr, *, beta=0.9):
    m: Tensor = g
    m = lerp(m, g, 1 - beta)
    return lr * m
""",
    "old_and_new": """
def old_and_new(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    n: Layer = 0
    old = m
    m = beta * m + g
    n = lerp(n, rms(g), 0.5)
    return lr * (m + beta * (m - old)) / (n + 1e-3)
""",
    "hostile": """
def hostile(w, g, lr, *, np=0.9, torch=0.5, jax=2.0, state=0.25, sum=0.1, group=1.5):
    params: Tensor = 0
    params = np * params + torch * g
    grads = jax * params
    tree = state * grads + sum * w
    return lr * group * tree
""",
    "truth": """
def truth(w, g, lr):
    same: Tensor = 0
    agree = same * g > 0
    same = g + agree
    return lr * g * (0.5 + (abs(g) > 0.5)) * where(agree and w > 0, 1, 0.5)
""",
    "rebound": """
def rebound(w, g, lr, *, scale=0.1, nesterov=True, beta=0.9):
    m: Tensor = 0
    if ndim(w) < 2:
        lr = scale * lr
    m = beta * m + g
    rate = lr
    u = m
    if nesterov:
        rate = 2 * lr
        u = g + beta * m
    return rate * u
""",
    "layers": """
def layers(w, g, lr, *, eps=1e-8):
    u: Tensor = 0
    u = mean(g) * sign(u + 1)
    return lr * (u + g / (norm(g) + eps) + max(abs(g)) - cosine(w, g) + mean(g, keep=()))
""",
    "begun": """
def begun(w, g, t, lr, *, beta=0.9):
    m: Tensor = 0
    v: Tensor = 0
    m = where(t == 1, 0, lerp(m, g, 1 - beta))
    v = where(t > 2, lerp(v, g * g, 0.5), 1)
    return lr * m / sqrt(v)
""",
    "old_after_new": """
def old_after_new(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    old = m
    m = beta * m + g
    size = global_norm(m)
    return lr * (m + old / (1 + size) + w / (2 + size))
""",
    "handed_on": """
def handed_on(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    before: Tensor = 0
    u = lr * g / (1 + global_norm(g - before))
    before = m
    m = beta * m + g
    return u * m
""",
    "swapped": """
def swapped(w, g, lr):
    a: Tensor = 1
    b: Tensor = 2
    old: Tensor = w
    c = a
    a = b
    b = c
    u = lr * (g + a + old)
    old = w
    return u
""",
    "squares": """
def squares(w, g, t, lr, *, beta=0.9, decay=0.1):
    v: Tensor = 0
    m: Tensor = 0
    last: Tensor = 0
    m = beta * m + (g - last)
    v = lerp(v, v * m, 1 - beta)
    last = g
    u = 3 * (2 * m / (t + 1) + g / 4 + decay * w) / (1 / clip(v, 0.1, 2) + 1)
    w = w - lr * (u - 2 + 0.5 / (2 - tanh(w)) + w * u)
""",
    "old_size": """
def old_size(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    size = 1 + global_norm(m)
    m = beta * m + g
    return lr * m / (size * (1 + global_norm(m)))
""",
}


# At full rank nothing is left beside the subspace, and what is made orthogonal is rounding alone.
SMALLER = {"cosmos": "cosmos(rank=2)"}


def load(name: str) -> Program:
    return parse(EXTRA[name].strip()) if name in EXTRA else dsl.load(SMALLER.get(name, name))


def model(
    dtype: Any, shapes: tuple[tuple[int, ...], ...] = SHAPES
) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """Returns parameters and the gradients of every step."""
    rng = np.random.default_rng(3)
    params = [np.asarray(rng.normal(size=shape), dtype) for shape in shapes]
    return params, [[np.asarray(rng.normal(size=s), dtype) for s in shapes] for _ in range(STEPS)]


def executed(text: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported", "exec"), space)
    return space


def given(program: Program) -> dict[str, float]:
    """Returns what the program reads of the learning rate and the horizon."""
    every = {"lr": RATE, "T": float(STEPS)}
    return {name: value for name, value in every.items() if name in program.inputs}


def run_lowered(program: Program, params: list, grads: list, out: int = -1) -> list[np.ndarray]:
    return run_optax(lower(program, RATE, T=STEPS, out=out), params, grads)


def run_exported_optax(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    arguments = given(program)
    rate = [arguments.pop("lr")] if "lr" in arguments else []
    return run_optax(space[program.name](*rate, **arguments), params, grads)


def run_optax(rule: Any, params: list, grads: list) -> list[np.ndarray]:
    w = [jnp.asarray(p) for p in params]
    state = rule.init(w)

    traces = []

    @jax.jit
    def step(g: list, state: Any, w: list) -> tuple:
        traces.append(1)
        updates, state = rule.update(g, state, w)
        return optax.apply_updates(w, updates), state

    for g in grads:
        w, state = step([jnp.asarray(x) for x in g], state, w)
    assert len(traces) == 1, "the second step must not compile again"
    return [np.asarray(p) for p in w]


def run_numpy(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    state = space["init"](params)
    for g in grads:
        params, state = space["update"](state, params, g, **given(program))
    return params


def run_torch(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    w = [torch.tensor(p, requires_grad=True) for p in params]
    rule = space[class_name(program)](w, **given(program))
    for step in grads:
        for p, g in zip(w, step, strict=True):
            p.grad = torch.tensor(g)
        rule.step()
    return [p.detach().numpy() for p in w]


def agreement(name: str | Program, target: str, dtype: Any) -> float:
    """Returns the largest difference from the lowered program after STEPS steps, beside 1 or w."""
    program = load(name) if isinstance(name, str) else name
    decomposes = any(call.op in DECOMPOSITIONS for call in calls(program.body))
    params, grads = model(dtype, SETTLED if decomposes else SHAPES)
    space = executed(export(program, target, checked=False))
    run = {"numpy": run_numpy, "torch": run_torch, "optax": run_exported_optax}[target]
    got = run(space, program, params, grads)
    want = run_lowered(program, params, grads, out=0 if target == "torch" else -1)
    assert [p.dtype for p in got] == [p.dtype for p in params]
    assert [p.shape for p in got] == [p.shape for p in params]
    assert all(np.isfinite(p).all() for p in want)
    apart = (np.abs(a - b) / np.abs(b).max(initial=1) for a, b in zip(got, want, strict=True))
    return max(float(np.max(one, initial=0)) for one in apart)


def point_agreement(name: str, target: str) -> float:
    """Returns how far the point of evaluation is from that of the lowered program, after STEPS."""
    program, out = load(name), 0 if target == "torch" else -1
    params, grads = model(np.float64)
    space = executed(export(program, target, checked=False))
    rule = lower(program, RATE, T=STEPS, out=out)
    w, state = _followed(rule, params, grads)
    want: Any = eval_params(program, state, w, RATE, T=STEPS, out=out)
    got = {"numpy": _numpy_point, "torch": _torch_point, "optax": _optax_point}[target](
        space, program, params, grads
    )
    apart = (np.abs(a - b) / np.abs(b).max(initial=1) for a, b in zip(got, want, strict=True))
    return max(float(np.max(one, initial=0)) for one in apart)


def _followed(rule: Any, params: list, grads: list) -> tuple[list, Any]:
    w: Any = [jnp.asarray(p) for p in params]
    state = rule.init(w)
    for g in grads:
        updates, state = rule.update([jnp.asarray(x) for x in g], state, w)
        w = optax.apply_updates(w, updates)
    return w, state


def _numpy_point(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    state = space["init"](params)
    for g in grads:
        params, state = space["update"](state, params, g, **given(program))
    return space["eval_params"](state, params)


def _optax_point(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    arguments = given(program)
    rate = [arguments.pop("lr")] if "lr" in arguments else []
    w, state = _followed(space[program.name](*rate, **arguments), params, grads)
    return space["eval_params"](state, w)


def _torch_point(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    w = [torch.tensor(p, requires_grad=True) for p in params]
    rule = space[class_name(program)](w, **given(program))
    rule.eval()  # before the first step there is nothing to move
    for step in grads:
        for p, g in zip(w, step, strict=True):
            p.grad = torch.tensor(g)
        rule.step()
    trained = [p.detach().clone() for p in w]
    rule.eval()
    point = [p.detach().numpy().copy() for p in w]
    rule.train()
    assert all(torch.equal(p.detach(), old) for p, old in zip(w, trained, strict=True))
    return point
