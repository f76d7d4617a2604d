"""The gate: which tasks can tell rules apart, and are therefore searched on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .curves import curve_of, read
from .task import Task, size
from .tasks import SUITES, TASKS, task

SGD_AT_MOST = 0.5  # tuned SGD's speed-up over tuned AdamW
DEVIATION_BELOW = 0.15  # one seed's deviation of AdamW's speed-up, relative


@dataclass(frozen=True)
class Gate:
    """The three numbers of a task."""

    sgd: float  # speed-up of SGD, tuned like AdamW
    falls: bool  # AdamW's loss falls from each length to the next, 1/2 to 4 times the horizon
    deviation: float  # of one seed, relative

    @property
    def passes(self) -> bool:
        """Whether a search may use the task."""
        return self.sgd <= SGD_AT_MOST and self.falls and self.deviation < DEVIATION_BELOW


def gate(stored: dict) -> Gate:
    """Returns the gate's numbers out of a stored baseline that has SGD in it."""
    curve = curve_of(stored)
    points = {point["fraction"]: point for point in stored["adamw"]["points"]}
    inner = [float(np.mean(points[fraction]["train"])) for fraction in (0.5, 1, 2, 4)]
    by_seed = [curve.speedup(loss)[0] for loss in points[1]["train"]]
    return Gate(
        sgd=speedup_of(stored, "sgd")[0],
        falls=all(longer < shorter for shorter, longer in pairwise(inner)),
        deviation=float(np.std(by_seed, ddof=1) / np.mean(by_seed)),
    )


def speedup_of(stored: dict, rule: str) -> tuple[float, bool]:
    """Returns (speed-up, capped) of a stored rule's mean loss."""
    return curve_of(stored).speedup(float(np.mean(stored["others"][rule]["train"])))


def gate_rows() -> list[dict]:
    """Returns one row a task: what it is, and its numbers, None where they are not stored."""
    return [_row(task(name)) for name in TASKS]


def _row(one: Task) -> dict:
    row = {
        "name": one.name,
        "suites": [suite for suite, names in SUITES.items() if one.name in names],
        "parameters": size(one),
        "examples": len(one.train[0]),
        "horizon": one.horizon,
        "batch_size": one.batch_size,
        "data": one.data,
        "architecture": one.architecture,
        "doc": one.doc,
    }
    stored = read(one)
    if stored is None:
        return row | dict.fromkeys(("sgd", "falls", "deviation", "passes", "speedups", "command"))
    found = gate(stored)
    return row | {
        "sgd": found.sgd,
        "falls": found.falls,
        "deviation": found.deviation,
        "passes": found.passes,
        "speedups": {rule: speedup_of(stored, rule)[0] for rule in stored["others"]},
        "command": stored["command"],
    }
