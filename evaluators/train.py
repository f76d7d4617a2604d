"""The plain trainer: one lowered program, compiled for itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dsl import Program

from .schedule import decay
from .task import Task, batches, init_params, mean_loss


def train_lowered(
    program: Program, task: Task, rates: Sequence[float], seeds: Sequence[int], steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Trains a program as an optax transformation, at every rate on every seed.

    Returns final training and validation losses, arrays [rate, seed]; validation is NaN where the
    task has none. For programs that tapes do not carry, and as the tapes' reference.
    """
    function = _compiled(program, task, steps)
    orders = [jnp.asarray(batches(task, seed, steps)) for seed in seeds]
    starts = [init_params(task, seed) for seed in seeds]
    losses = [
        [function(rate, start, order) for start, order in zip(starts, orders, strict=True)]
        for rate in map(float, rates)
    ]
    table = np.asarray(losses, dtype=float)
    return table[..., 0], table[..., 1]


@lru_cache(maxsize=32)
def _compiled(program: Program, task: Task, steps: int) -> Any:
    from dsl.lower import eval_params, lower

    train = tuple(map(jnp.asarray, task.train))
    valid = tuple(map(jnp.asarray, task.valid))

    @jax.jit
    def run(rate: Any, start: Any, order: Any) -> tuple[Any, Any]:
        rule = lower(program, lr=lambda count: rate * decay(count + 1, steps), T=steps)

        begun = (start, rule.init(start))
        (params, state), _ = jax.lax.scan(stepped(rule, task, train), begun, order)
        params = eval_params(program, state, params, rate * decay(steps, steps), T=steps)
        unseen = mean_loss(task, params, valid) if valid else jnp.nan
        return mean_loss(task, params, train), unseen

    return run


def stepped(rule: Any, task: Task, train: tuple[Any, ...]) -> Any:
    """Returns one step of training on a batch, (parameters, state) to the next, for a scan.

    A rule may ask for the loss on the batch, on its first half, and on all data.
    """

    def step(carry: Any, chosen: Any) -> tuple[Any, None]:
        params, state = carry
        batch = tuple(array[chosen] for array in train)
        half = tuple(array[chosen[: max(1, len(chosen) // 2)]] for array in train)
        gradient = jax.grad(task.loss)(params, batch)
        update, state = rule.update(
            gradient, state, params,
            value_fn=lambda point: task.loss(point, batch),
            full_value_fn=lambda point: mean_loss(task, point, train),
            half_value_fn=lambda point: task.loss(point, half),
        )  # fmt: skip
        return (jax.tree.map(jnp.add, params, update), state), None

    return step
