"""Tuned baselines: complete runs of known rules over swept settings, and AdamW's curve."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import optax

from .schedule import decay
from .task import Task, batches, init_params, mean_loss

Setting = dict[str, float]  # "lr" and a rule's other hyperparameters
Schedule = Callable[[jax.Array], jax.Array]


@dataclass(frozen=True)
class Rule:
    """A known rule, its grid and what its rates are centred on."""

    make: Callable[..., optax.GradientTransformation]  # takes the schedule, then the grid's names
    rates: tuple[float, ...]
    grid: dict[str, tuple[float, ...]]

    def settings(self) -> list[Setting]:
        """Returns every combination of the grid, without a rate."""
        names = list(self.grid)
        return [dict(zip(names, row, strict=True)) for row in itertools.product(*self.grid.values())]


def _powers(first: float, count: int, factor: float = 2.0) -> tuple[float, ...]:
    return tuple(first * factor**k for k in range(count))


def _adamw(lr: Schedule, beta1: float, beta2: float, decay: float) -> optax.GradientTransformation:
    return optax.adamw(lr, b1=beta1, b2=beta2, weight_decay=decay)


def _lion(lr: Schedule, beta1: float, beta2: float, decay: float) -> optax.GradientTransformation:
    return optax.lion(lr, b1=beta1, b2=beta2, weight_decay=decay)


def _momentum(lr: Schedule, beta: float) -> optax.GradientTransformation:
    return optax.sgd(lr, momentum=beta)


BETAS = {"beta1": (0.8, 0.9, 0.95), "beta2": (0.95, 0.99, 0.999), "decay": (0.0, 0.1)}
SHORT_BETAS = {"beta1": (0.9,), "beta2": (0.95, 0.99, 0.999), "decay": (0.0,)}

RULES: dict[str, Rule] = {
    "adamw": Rule(_adamw, _powers(5e-4, 8), BETAS),
    "sgd": Rule(optax.sgd, _powers(0.004, 10), {}),
    "momentum": Rule(_momentum, _powers(0.002, 9), {"beta": (0.9, 0.95)}),
    "lion": Rule(_lion, _powers(6e-5, 9), BETAS | {"beta2": (0.98, 0.99), "decay": (0.0, 0.1)}),
}

TUNING_SEEDS = (0, 1, 2, 3, 4)
FRESH_SEEDS = tuple(range(100, 110))  # what is stored is measured on these, not those tuned on
FRACTIONS = (0.25, 0.5, 1, 2, 4, 8)  # of the horizon, where the curve is measured
FINALISTS = 3  # settings of betas and decay that are tried at every horizon
NEARBY = tuple(2.0**k for k in (-3, -2, -1, -0.5, 0, 0.5, 1, 2))  # rates tried around the best
LANES = 8  # settings that are trained in one call


@dataclass(frozen=True)
class Losses:
    """Mean losses over whole sets after complete runs, float64 [settings, seeds]; NaN if not finite."""

    train: np.ndarray
    valid: np.ndarray

    def means(self) -> np.ndarray:
        """Returns the mean training loss of each setting; infinite where any seed failed."""
        means = self.train.mean(axis=1)
        return np.where(np.isfinite(means), means, np.inf)


@lru_cache(maxsize=256)
def _trainer(task: Task, make: Callable, horizon: int) -> Callable:
    """Returns f(settings [lanes], starts [seeds], batches [seeds]) -> two losses [lanes, seeds]."""
    train = tuple(map(jnp.asarray, task.train))
    valid = tuple(map(jnp.asarray, task.valid))

    def run(setting: dict, start: object, order: jax.Array) -> tuple[jax.Array, jax.Array]:
        others = {name: value for name, value in setting.items() if name != "lr"}
        rule = make(lambda count: setting["lr"] * decay(count + 1, horizon), **others)

        def step(carry: tuple, index: jax.Array) -> tuple[tuple, None]:
            params, state = carry
            gradient = jax.grad(task.loss)(params, tuple(a[index] for a in train))
            update, state = rule.update(gradient, state, params)
            return (jax.tree.map(jnp.add, params, update), state), None

        (params, _), _ = jax.lax.scan(step, (start, rule.init(start)), order)
        unseen = mean_loss(task, params, valid) if valid else jnp.full((), jnp.nan)
        return mean_loss(task, params, train), unseen

    return jax.jit(jax.vmap(jax.vmap(run, (None, 0, 0)), (0, None, None)))


def train(
    task: Task, make: Callable, settings: list[Setting], seeds: tuple[int, ...], horizon: int
) -> Losses:
    """Returns the losses of complete runs of every setting on every seed."""
    starts = [init_params(task, seed) for seed in seeds]
    start = jax.tree.map(lambda *leaves: jnp.stack(leaves), *starts)
    order = jnp.asarray(np.stack([batches(task, seed, horizon) for seed in seeds]))
    run = _trainer(task, make, horizon)
    blocks = [run(block, start, order) for block in _blocks(settings)]
    columns = [np.concatenate(column).astype(float) for column in zip(*blocks, strict=True)]
    return Losses(*(column[: len(settings)] for column in columns))


def _blocks(settings: list[Setting]) -> Iterator[dict[str, jax.Array]]:
    """Yields the settings as arrays of LANES; the last is padded so that one shape is compiled."""
    for first in range(0, len(settings), LANES):
        block = settings[first : first + LANES]
        block = block + [block[-1]] * (LANES - len(block))
        yield {name: jnp.asarray([row[name] for row in block], jnp.float32) for name in block[0]}
