"""Known rules beside which a found one is shown, tuned on each task as the stored files tell."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean

from dsl import parse, text
from dsl.zoo import source
from evaluators import TaskError, task
from evaluators.curves import curve_of, read

from .records import OK, Row

BASELINES = ("sgd", "momentum_sgd", "adamw_default", "adamw", "lion", "muon")


def measured(name: str, rule: str, horizon: float = 1.0) -> Row | None:
    """Returns a known rule's row on a task, on fresh seeds; None where nothing is stored.

    horizon: times the task's own; beyond 1, only AdamW is stored.
    """
    stored = _read(name)
    found = None if stored is None else _stored(stored, rule, horizon)
    if stored is None or found is None:
        return None
    scores = [curve_of(stored).speedup(loss) for loss in found["train"]]
    speedups = tuple(value / horizon for value, _ in scores)
    mean = math.exp(fmean(map(math.log, speedups)))
    return Row(name, OK, mean, speedups, any(capped for _, capped in scores))


def _read(name: str) -> dict | None:
    try:
        return read(task(name))
    except TaskError:
        return None  # a task of the user's own that is gone


def _stored(stored: dict, rule: str, horizon: float) -> dict | None:
    if rule == "adamw":
        points = stored["adamw"]["points"]
        return next((point for point in points if point["fraction"] == horizon), None)
    return stored["others"].get(rule) if horizon == 1 else None


def tuned_adamw(name: str) -> tuple[str, float] | None:
    """Returns AdamW's text with the constants that were tuned for a task, and its rate."""
    stored = _read(name)
    found = None if stored is None else _stored(stored, "adamw", 1.0)
    if found is None:
        return None
    setting = found["setting"]
    program = parse(source("adamw"))
    tuned = [replace(h, default=setting.get(h.name, h.default)) for h in program.hyperparameters]
    return text(replace(program, hyperparameters=tuple(tuned))), setting["lr"]
