"""Measures a step of what is exported beside a step of the library's own rule."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp

from dsl import Program, load, parse
from dsl.export import class_name

from .figures import Figure
from .plain import load_export

ROUNDS, STEPS = 11, 20
# About a million parameters in tens of tensors.
SHAPES = [(256, 256)] * 14 + [(256,)] * 14 + [(128, 256), (256, 128)]
# A rule of the kind that searches find: Lion's mixed moment over the root of its own square.
FOUND = """
def found(w, g, lr, *, beta1=0.9, beta2=0.95, eps=1e-8, weight_decay=0.01):
    m: Tensor = 0
    v: Tensor = 0
    u = lerp(m, g, 1 - beta1)
    v = lerp(v, u * u, 1 - beta2)
    m = lerp(m, g, 1 - beta2)
    return lr * (u / (sqrt(v) + eps) + weight_decay * w)
"""


def exports(report: Callable[[str], None]) -> list[Figure]:
    """Returns how many times as long a step of an export takes as the library's own step."""
    report("a step of the exports beside the libraries' own")
    return [*_torch(), *_optax()]


def _torch() -> list[Figure]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    programs = {"adamw": load("adamw"), "lion": load("lion"), "found": parse(FOUND.strip())}
    rules = {name: _torch_rule(program) for name, program in programs.items()}
    params = _torch_params()
    own = torch.optim.AdamW(params, 1e-3, weight_decay=0.01, foreach=True).step
    ratios = _ratios(rules, dict.fromkeys(rules, own), lambda result: None)
    torch.set_num_threads(threads)
    return [Figure(f"export_torch_{name}_vs_foreach", ratios[name], "x") for name in rules]


def _torch_rule(program: Program) -> Callable[[], Any]:
    return getattr(load_export(program, "torch"), class_name(program))(_torch_params(), 1e-3).step


def _torch_params() -> list[Any]:
    import torch

    params = [torch.ones(shape, requires_grad=True) for shape in SHAPES]
    for place, w in enumerate(params):
        w.grad = torch.full_like(w, 0.01 * (place + 1))
    return params


def _optax() -> list[Figure]:
    import optax

    names = ("adamw", "lion")
    rules = {n: _stepper(getattr(load_export(load(n), "optax"), n)(1e-3)) for n in names}
    own = {n: _stepper(getattr(optax, n)(1e-3, weight_decay=0.01)) for n in names}
    ratios = _ratios(rules, own, jax.block_until_ready)
    return [Figure(f"export_optax_{name}_vs_optax", ratios[name], "x") for name in names]


def _stepper(rule: Any) -> Callable[[], Any]:
    """Returns a function that makes one step with donated buffers."""
    params = [jnp.ones(shape) for shape in SHAPES]
    grads = [jnp.full(shape, 0.01 * (place + 1)) for place, shape in enumerate(SHAPES)]

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(params: Any, state: Any) -> tuple[Any, Any]:
        update, state = rule.update(grads, state, params)
        return jax.tree.map(jnp.add, params, update), state

    held = [(params, rule.init(params))]

    def once() -> Any:
        held[0] = step(*held[0])
        return held[0]

    return once


def _ratios(
    ours: Mapping[str, Callable[[], Any]],
    theirs: Mapping[str, Callable[[], Any]],
    finish: Callable[[Any], Any],
) -> dict[str, float]:
    """Returns the median over rounds of our seconds by theirs; every round times all in turn."""
    found: dict[str, list[float]] = {name: [] for name in ours}
    for number in range(ROUNDS + 1):
        for name, step in ours.items():
            ratio = _seconds(step, finish) / _seconds(theirs[name], finish)
            if number:  # the first round compiles and makes the states
                found[name].append(ratio)
    return {name: median(each) for name, each in found.items()}


def _seconds(step: Callable[[], Any], finish: Callable[[Any], Any]) -> float:
    finish(step())
    began = time.perf_counter()
    for _ in range(STEPS):
        result = step()
    finish(result)
    return time.perf_counter() - began
