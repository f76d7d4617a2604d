"""The known rules that baselines are tuned for, their grids, and how thoroughly they are tuned."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import optax

from dsl import load, lower

Setting = dict[str, float]  # "lr" and a rule's other hyperparameters
Schedule = Callable[[Any], jax.Array]
Make = Callable[..., optax.GradientTransformation]  # takes the schedule, then the grid's names


@dataclass(frozen=True)
class Rule:
    """A known rule and the grid that it is tuned over."""

    make: Make
    rates: tuple[float, ...]  # rising by one factor, so that they can be continued
    grid: dict[str, tuple[float, ...]]

    def settings(self) -> list[Setting]:
        """Returns every combination of the grid, without a rate."""
        rows = itertools.product(*self.grid.values())
        return [dict(zip(self.grid, row, strict=True)) for row in rows]


def _powers(first: float, count: int) -> tuple[float, ...]:
    return tuple(first * 2.0**k for k in range(count))


def _adamw(lr: Schedule, beta1: Any, beta2: Any, weight_decay: Any) -> optax.GradientTransformation:
    return optax.adamw(lr, b1=beta1, b2=beta2, weight_decay=weight_decay)


def _adamw_default(lr: Schedule) -> optax.GradientTransformation:
    """AdamW as PyTorch has it where only the rate is given."""
    return optax.adamw(lr, b1=0.9, b2=0.999, weight_decay=0.01)


def _lion(
    lr: Schedule, beta1: Any, beta2: Any, weight_decay: Any = 0.0
) -> optax.GradientTransformation:
    return optax.lion(lr, b1=beta1, b2=beta2, weight_decay=weight_decay)


def _momentum(lr: Schedule, beta: Any) -> optax.GradientTransformation:
    return optax.sgd(lr, momentum=beta)


def _muon(lr: Schedule, beta: Any, adam_scale: Any = 0.1) -> optax.GradientTransformation:
    return lower(load("muon"), lr=lr, beta=beta, adam_scale=adam_scale)


BETAS = {"beta1": (0.5, 0.7, 0.8, 0.9, 0.95), "beta2": (0.9, 0.95, 0.99, 0.999)}
FEW_BETAS = {"beta1": (0.5, 0.8, 0.9), "beta2": (0.9, 0.95, 0.99)}
ADAMW = Rule(_adamw, _powers(4e-3, 6), BETAS | {"weight_decay": (0.0, 0.1)})
OTHERS: dict[str, Rule] = {
    "adamw_default": Rule(_adamw_default, _powers(2e-3, 6), {}),
    "sgd": Rule(optax.sgd, _powers(0.016, 8), {}),
    "momentum_sgd": Rule(_momentum, _powers(0.016, 7), {"beta": (0.5, 0.7, 0.8, 0.9, 0.95)}),
    "lion": Rule(
        _lion,
        _powers(1e-3, 6),
        {"beta1": (0.5, 0.8, 0.9), "beta2": (0.8, 0.9, 0.95, 0.99), "weight_decay": (0.0,)},
    ),
    "muon": Rule(_muon, _powers(0.032, 5), {"beta": (0.5, 0.8, 0.9, 0.95), "adam_scale": (0.1,)}),
}

TUNING_SEEDS = (0, 1, 2, 3, 4)
FRESH_SEEDS = tuple(range(100, 110))  # what is stored is measured on these


@dataclass(frozen=True)
class Budget:
    """How thoroughly AdamW is tuned and its curve measured."""

    adamw: Rule
    tuning: tuple[int, ...]  # seeds that settings are chosen by
    fresh: tuple[int, ...]  # seeds that the stored losses are measured on
    fractions: tuple[float, ...]  # of the horizon, where the curve is measured
    finalists: int  # settings without rate that are tried at every length
    nearby: tuple[float, ...]  # rates that are tried there, in units of the best at the horizon
    others: dict[str, Rule]


# The lengths below a quarter let a search that starts from a weak rule see its first steps.
FULL = Budget(
    adamw=ADAMW,
    tuning=TUNING_SEEDS,
    fresh=FRESH_SEEDS,
    fractions=(0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8),
    finalists=6,
    nearby=tuple(2.0**k for k in (-3, -2, -1, -0.5, 0, 0.5, 1, 2)),
    others=OTHERS,
)
# For tasks whose runs are dear and that no search selects by.
COARSE = replace(
    FULL,
    adamw=replace(ADAMW, grid=FEW_BETAS | {"weight_decay": (0.0,)}, rates=_powers(4e-3, 7)),
    finalists=2,
    nearby=(0.25, 0.5, 1.0, 2.0),
    others=OTHERS
    | {
        "momentum_sgd": replace(OTHERS["momentum_sgd"], grid={"beta": (0.8, 0.9)}),
        "lion": replace(OTHERS["lion"], grid={"beta1": (0.8, 0.9), "beta2": (0.95, 0.99)}),
        "muon": replace(OTHERS["muon"], grid={"beta": (0.8, 0.95)}),
    },
)
SMALL = Budget(
    adamw=Rule(
        _adamw,
        _powers(2e-3, 6),
        {"beta1": (0.8, 0.9), "beta2": (0.95, 0.99, 0.999), "weight_decay": (0.0,)},
    ),
    tuning=(0, 1),
    fresh=(100, 101, 102, 103),
    fractions=(0.125, 0.25, 0.5, 1, 2, 4, 8),
    finalists=1,
    nearby=(0.25, 0.5, 1.0, 2.0),
    others={},
)
BUDGETS = {"mnist_gru": COARSE, "bytes_transformer": COARSE}  # of all others: FULL
