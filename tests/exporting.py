"""How a program and what is exported of it are run side by side."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
from exported_programs import EXTRA

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
