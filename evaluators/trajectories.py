"""Where two rules take the same model: parameters along complete runs from the same starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from dsl import Program, lower

from .evaluate import Status, evaluate
from .schedule import decay
from .task import Task, TaskError, batches, init_params
from .train import stepped

POINTS = 20  # of a run at which parameters are kept


@dataclass(frozen=True)
class Apart:
    """How far two rules end apart on a task.

    rates: at which each trains. shares: at points of the run from its first part to its end, the
    distance of the parameters over the mean distance that they have moved, mean over the seeds;
    about 1.4 for rules that go ways of their own, 0 for equal ones.
    """

    task: str
    rates: tuple[float, float]
    seeds: tuple[int, ...]
    shares: tuple[float, ...]


def trajectories_apart(
    a: Program,
    b: Program,
    task: Task,
    rates: Sequence[float | None] = (None, None),
    seeds: Sequence[int] = (0, 1, 2),
) -> Apart:
    """Trains both from the same starts on the same batches; a rate that is None is tuned first.

    Raises TaskError where one of them does not train.
    """
    own = [rate or tuned_rate(p, task) for p, rate in zip((a, b), rates, strict=True)]
    first, second = (path(p, task, rate, seeds) for p, rate in zip((a, b), own, strict=True))
    moved = [np.linalg.norm(x[:, 1:] - x[:, :1], axis=-1) for x in (first, second)]
    between = np.linalg.norm(first[:, 1:] - second[:, 1:], axis=-1)
    shares = between / np.maximum((moved[0] + moved[1]) / 2, 1e-300)
    return Apart(task.name, (own[0], own[1]), tuple(seeds), tuple(map(float, shares.mean(axis=0))))


def tuned_rate(program: Program, task: Task) -> float:
    """Returns the best of the usual rates of a program on a task."""
    found = evaluate(program, task)
    if found.status is not Status.ok:
        raise TaskError(f"{program.name} does not train on {task.name}: {found.status.value}")
    return found.rates[found.best]


def path(program: Program, task: Task, rate: float, seeds: Sequence[int]) -> np.ndarray:
    """Returns the parameters at the start and at up to POINTS points: [seed, point, entries]."""
    run = _compiled(program, task, rate)
    rows = [run(init_params(task, s), jnp.asarray(batches(task, s, task.horizon))) for s in seeds]
    return np.asarray(rows, dtype=float)


def _compiled(program: Program, task: Task, rate: float) -> Any:
    steps = task.horizon
    train = tuple(map(jnp.asarray, task.train))
    rule = lower(program, lr=lambda count: rate * decay(count + 1, steps), T=steps)

    step = stepped(rule, task, train)

    def part(carry: Any, order: Any) -> tuple[Any, Any]:
        carry, _ = jax.lax.scan(step, carry, order)
        return carry, ravel_pytree(carry[0])[0]

    @jax.jit
    def run(start: Any, order: Any) -> Any:
        parts = order.reshape(-1, _stride(steps), *order.shape[1:])
        _, kept = jax.lax.scan(part, (start, rule.init(start)), parts)
        return jnp.vstack([ravel_pytree(start)[0][None], kept])

    return run


def _stride(steps: int) -> int:
    """The steps between kept points: at most POINTS equal parts of a run."""
    return next(n for n in range(1, steps + 1) if steps % n == 0 and steps // n <= POINTS)
