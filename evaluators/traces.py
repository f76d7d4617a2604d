"""Training curves: the loss at every step of a complete run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dsl import Program, lower
from dsl.tape import Tape

from .evaluate import needs, tape_of
from .packing import Job
from .population import train
from .schedule import decay
from .sweep import SWEEP_LANES
from .task import Task, batches, init_params

POINTS = 60  # of a curve, at most: each the mean of the steps around it


def trace(program: Program, task: Task, rate: float, seeds: Sequence[int]) -> np.ndarray:
    """Returns the loss of each step's batch before the step, array [seed, step]."""
    made = tape_of(program, task)
    if made is None:
        return _lowered(program, task, rate, seeds)
    pieces = [seeds[i : i + SWEEP_LANES] for i in range(0, len(seeds), SWEEP_LANES)]
    return np.concatenate([_on_tape(made, task, rate, piece) for piece in pieces])


def edges(steps: int) -> list[tuple[int, int]]:
    """Returns the first step of each point of a curve, and the one after its last."""
    return list(pairwise(np.unique(np.linspace(0, steps, min(POINTS, steps) + 1).astype(int))))


def thinned(losses: np.ndarray) -> np.ndarray:
    """Returns, for every seed, the mean loss of the steps of each point, array [seed, point]."""
    spans = edges(losses.shape[1])
    return np.stack([losses[:, first:end].mean(axis=1) for first, end in spans], axis=1)


def _on_tape(made: Tape, task: Task, rate: float, seeds: Sequence[int]) -> np.ndarray:
    """In the shape of a sweep, which is compiled already where a sweep was run before."""
    padded = (*seeds, *[seeds[-1]] * (SWEEP_LANES - len(seeds)))
    operations, shape = needs(made, SWEEP_LANES, task.horizon)
    job = Job(made, (rate,) * SWEEP_LANES)
    return train(task, [job], padded, shape, operations).steps[:, 0, : len(seeds)].T


def _lowered(program: Program, task: Task, rate: float, seeds: Sequence[int]) -> np.ndarray:
    steps = task.horizon
    train = tuple(map(jnp.asarray, task.train))
    schedule = lambda count: rate * decay(count + 1, steps)  # noqa: E731
    rule = lower(program, lr=schedule, T=steps)

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
