"""Learning rates: the scale of a program on a task, by the size of its first updates."""

from __future__ import annotations

import math
from functools import lru_cache

import jax
import numpy as np

from dsl.tape import Tape, run

from .task import Task, batches, flat_init, flat_loss

PROBE_STEPS = 12
COMMON_SIZE = 0.1  # of the parameters' RMS: the largest early update at multiplier 0


@lru_cache(maxsize=64)
def first_gradients(task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Returns the start of seed 0, and the gradients of its first batches there."""
    start = flat_init(task, (0,))[0]
    chosen = batches(task, 0, PROBE_STEPS)
    gradient = jax.jit(jax.grad(lambda p, batch: flat_loss(task, p, batch)))
    grads = [np.asarray(gradient(start, tuple(a[i] for a in task.train))) for i in chosen]
    return start.astype(float), np.asarray(grads, dtype=float)


def scale(t: Tape, task: Task, steps: int) -> float:
    """Returns the rate at which the largest of the first updates is COMMON_SIZE of the parameters.

    Infinite or NaN where the program does not move, or moves without bound.
    """
    start, gradients = first_gradients(task)
    updates = run(t, start, gradients, 1.0, max(steps, PROBE_STEPS))
    sizes = [math.sqrt(np.mean(np.square(update))) for update in updates]
    finite = [size for size in sizes if math.isfinite(size)]
    if not finite or max(finite) == 0:
        return math.inf
    return COMMON_SIZE * math.sqrt(np.mean(np.square(start))) / max(finite)
