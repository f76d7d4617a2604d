"""Tuned baselines: complete runs of known rules over swept settings, and AdamW's curve."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .budgets import BUDGETS, FULL, Budget, Make, Rule, Setting
from .schedule import decay
from .task import Task, batches, identity, init_params, mean_loss

Report = Callable[[str], None]

LONGEST = 8  # horizons that the longest run takes
LANES = 8  # settings that are trained in one call
EXTENSIONS = 4  # times that rates are continued while the best one lies at an end


@dataclass(frozen=True)
class Losses:
    """Mean losses over whole sets after complete runs, float64 [settings, seeds]."""

    train: np.ndarray
    valid: np.ndarray

    def means(self) -> np.ndarray:
        """Returns the mean training loss of each setting; infinite where any seed failed."""
        means = self.train.mean(axis=1)
        return np.where(np.isfinite(means), means, np.inf)


@lru_cache(maxsize=256)
def _trainer(task: Task, make: Make) -> Callable:
    """Returns f(steps, settings [lanes], starts [seeds], batches [seeds]) -> losses [lanes, seeds].

    The number of steps is data, so that one compiled function serves every length of run.
    """
    train = tuple(map(jnp.asarray, task.train))
    valid = tuple(map(jnp.asarray, task.valid))

    def run(steps: Any, setting: dict, start: Any, order: Any) -> tuple[jax.Array, jax.Array]:
        others = {name: value for name, value in setting.items() if name != "lr"}
        rule = make(lambda count: setting["lr"] * decay(count + 1, steps), **others)

        def step(i: Any, carry: tuple) -> tuple:
            params, state = carry
            gradient = jax.grad(task.loss)(params, tuple(a[order[i]] for a in train))
            update, state = rule.update(gradient, state, params)
            return jax.tree.map(jnp.add, params, update), state

        params, _ = jax.lax.fori_loop(0, steps, step, (start, rule.init(start)))
        unseen = mean_loss(task, params, valid) if valid else jnp.full((), jnp.nan)
        return mean_loss(task, params, train), unseen

    by_seed = jax.vmap(run, (None, None, 0, 0))
    return jax.jit(jax.vmap(by_seed, (None, 0, None, None)))


def train(
    task: Task, make: Make, settings: list[Setting], seeds: tuple[int, ...], horizon: int
) -> Losses:
    """Returns the losses of complete runs of every setting on every seed."""
    starts = [init_params(task, seed) for seed in seeds]
    start = jax.tree.map(lambda *leaves: jnp.stack(leaves), *starts)
    longest = max(horizon, LONGEST * task.horizon)
    order = jnp.asarray(np.stack([batches(task, seed, longest) for seed in seeds]))
    run = _trainer(task, make)
    blocks = [run(jnp.int32(horizon), block, start, order) for block in _blocks(settings)]
    columns = [np.concatenate(column).astype(float) for column in zip(*blocks, strict=True)]
    return Losses(*(column[: len(settings)] for column in columns))


def _blocks(settings: list[Setting]) -> Iterator[dict[str, jax.Array]]:
    """Yields the settings as arrays of LANES; the last is padded so that one shape is compiled."""
    for first in range(0, len(settings), LANES):
        block = settings[first : first + LANES]
        block = block + [block[-1]] * (LANES - len(block))
        yield {name: jnp.asarray([row[name] for row in block], jnp.float32) for name in block[0]}


@dataclass(frozen=True)
class Tried:
    """A setting with its mean training loss on the tuning seeds."""

    setting: Setting
    loss: float


def sweep(
    task: Task,
    rule: Rule,
    seeds: tuple[int, ...],
    horizon: int,
    *,
    settings: Sequence[Setting] | None = None,
    rates: Sequence[float] | None = None,
) -> list[Tried]:
    """Returns every setting that was tried, best first; rates go on while the best is at an end."""
    grid = rule.settings() if settings is None else settings
    pending = sorted(rates or rule.rates)
    factor = pending[1] / pending[0]
    tried: list[Tried] = []
    for _ in range(EXTENSIONS + 1):
        rows = [{**row, "lr": rate} for row in grid for rate in pending]
        losses = train(task, rule.make, rows, seeds, horizon).means()
        tried += [Tried(row, float(loss)) for row, loss in zip(rows, losses, strict=True)]
        tried.sort(key=lambda one: one.loss)
        swept = [one.setting["lr"] for one in tried]
        best, low, high = swept[0], min(swept), max(swept)
        if low < best < high:
            break
        pending = [low / factor] if best == low else [high * factor]
    return tried


def _measured(task: Task, rule: Rule, found: Tried, budget: Budget, steps: int) -> dict:
    """Returns the losses of the best setting on seeds that did not choose it."""
    # As many seeds at a time as in the sweep, so that nothing is compiled anew.
    seeds, width = budget.fresh, len(budget.tuning)
    parts = [seeds[first : first + width] for first in range(0, len(seeds), width)]
    losses = [train(task, rule.make, [found.setting], part, steps) for part in parts]
    return {
        "steps": steps,
        "setting": {name: float(f"{value:.6g}") for name, value in found.setting.items()},
        "tuning_loss": found.loss,
        "train": [float(loss) for part in losses for loss in part.train[0]],
        "valid": [float(loss) for part in losses for loss in part.valid[0] if task.valid],
    }


def _finalists(tried: list[Tried], count: int) -> list[Setting]:
    """Returns the settings, without rate, whose best rates were best."""
    found: list[Setting] = []
    for one in tried:
        row = {name: value for name, value in one.setting.items() if name != "lr"}
        if row not in found:
            found.append(row)
    return found[:count]


def _adamw_points(task: Task, budget: Budget, report: Report) -> tuple[list[dict], int]:
    """Returns AdamW at every length, tuned anew at each, and how many settings the sweep tried."""
    rule, seeds = budget.adamw, budget.tuning
    tried = sweep(task, rule, seeds, task.horizon)
    finalists = _finalists(tried, budget.finalists)
    rates = [tried[0].setting["lr"] * factor for factor in budget.nearby]
    points = []
    for fraction in budget.fractions:
        steps = max(1, round(fraction * task.horizon))
        best = sweep(task, rule, seeds, steps, settings=finalists, rates=rates)[0]
        points.append({"fraction": fraction, **_measured(task, rule, best, budget, steps)})
        report(f"{task.name}: AdamW, {steps} steps, loss {np.mean(points[-1]['train']):.4g}")
    return points, len(tried)


def _other(task: Task, name: str, rule: Rule, budget: Budget, report: Report) -> dict:
    tried = sweep(task, rule, budget.tuning, task.horizon)
    row = _measured(task, rule, tried[0], budget, task.horizon)
    report(f"{task.name}: {name}, {task.horizon} steps, loss {np.mean(row['train']):.4g}")
    return {"settings_tried": len(tried), "grid": rule.grid, **row}


def baseline(task: Task, budget: Budget | None = None, report: Report = lambda line: None) -> dict:
    """Returns what a task's stored file holds: AdamW's curve and the other rules, tuned alike.

    Settings are chosen on some seeds and measured on others. Every run is complete, with its own
    decay to zero. The budget is the task's own if none is given. `report` gets a line after each
    measurement.
    """
    budget = budget or BUDGETS.get(task.name, FULL)
    start = time.perf_counter()
    points, tried = _adamw_points(task, budget, report)
    others = {
        name: _other(task, name, rule, budget, report) for name, rule in budget.others.items()
    }
    return {
        "task": task.name,
        "command": f"stepsmith baseline {task.name}",
        "identity": identity(task),
        "versions": {name: version(name) for name in ("jax", "numpy", "optax")},
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "seconds": round(time.perf_counter() - start, 1),
        "tuning_seeds": list(budget.tuning),
        "fresh_seeds": list(budget.fresh),
        "adamw": {
            "settings_tried": tried,
            "grid": budget.adamw.grid,
            "rates": list(budget.adamw.rates),
            "points": points,
        },
        "others": others,
    }
