"""Learning rates: the scale of a program on a task, by the size of its first updates."""

from __future__ import annotations

import math
from functools import lru_cache

import jax
import numpy as np

from dsl import Program
from dsl.flat import NotFinite, NotFlat, flat
from dsl.flat import run as run_flat
from dsl.layout import Layout
from dsl.tape import Tape, run

from .task import Task, batches, flat_init, flat_loss, shapes

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


def scale(program: Program, tape: Tape, task: Task, steps: int) -> float:
    """Returns the rate at which the largest of the first updates is COMMON_SIZE of the parameters.

    Infinite where the program does not move, or where no early update is finite.
    """
    start, gradients = first_gradients(task)
    horizon = max(steps, PROBE_STEPS)
    try:
        updates = _on_flat_vectors(program, task, start, gradients, horizon)
    except NotFlat:
        updates = list(run(tape, start, gradients, 1.0, horizon))
    except NotFinite:
        return math.inf
    sizes = [math.sqrt(np.mean(np.square(update))) for update in updates]
    finite = [size for size in sizes if math.isfinite(size)]
    if not finite or max(finite) == 0:
        return math.inf
    return COMMON_SIZE * math.sqrt(np.mean(np.square(start))) / max(finite)


def _on_flat_vectors(
    program: Program, task: Task, start: np.ndarray, gradients: np.ndarray, horizon: int
) -> list[np.ndarray]:
    """The first updates at learning rate 1, all at the start; may raise NotFlat or NotFinite."""
    compiled = flat(program, Layout(shapes(task)), start, horizon, 1.0)
    if "loss" in compiled.inputs:
        raise NotFlat("loss")
    with np.errstate(all="ignore"):
        path = run_flat(
            compiled,
            start,
            PROBE_STEPS,
            lambda t, w: gradients[t - 1],
            lambda t, w: math.nan,
            moving=False,
        )
    return [update for _, update, _ in path]
