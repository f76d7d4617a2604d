"""Training curves: the loss at every step of a complete run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dsl import Program, lower

from .schedule import decay
from .task import Task, batches, init_params


def trace(
    program: Program, task: Task, rate: float, seeds: Sequence[int], **hyperparameters: Any
) -> np.ndarray:
    """Returns the loss of each step's batch before the step, array [seed, step]."""
    steps = task.horizon
    train = tuple(map(jnp.asarray, task.train))
    schedule = lambda count: rate * decay(count + 1, steps)  # noqa: E731
    rule = lower(program, lr=schedule, T=steps, **hyperparameters)

    def step(carry: Any, chosen: Any) -> tuple[Any, Any]:
        params, state = carry
        batch = tuple(array[chosen] for array in train)
        loss, gradient = jax.value_and_grad(task.loss)(params, batch)
        update, state = rule.update(gradient, state, params)
        return (jax.tree.map(jnp.add, params, update), state), loss

    @jax.jit
    def run(start: Any, order: Any) -> Any:
        return jax.lax.scan(step, (start, rule.init(start)), order)[1]

    orders = [jnp.asarray(batches(task, seed, steps)) for seed in seeds]
    starts = [init_params(task, seed) for seed in seeds]
    return np.asarray([run(s, order) for s, order in zip(starts, orders, strict=True)], float)
