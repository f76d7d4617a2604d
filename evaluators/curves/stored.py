"""Reading and writing of stored baselines."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..baselines import Report, baseline
from ..budgets import SMALL
from ..score import Curve
from ..task import Task, TaskError, identity, start_loss

HERE = Path(__file__).parent


def path_of(task: Task, folder: Path = HERE) -> Path:
    """Returns where a task's baseline is kept in `folder`."""
    return folder / (re.sub(r"[^\w.-]+", "_", task.name) + ".json")


def read(task: Task, folder: Path = HERE) -> dict | None:
    """Returns the stored baseline of a task, or None if there is none of the task as it is now."""
    path = path_of(task, folder)
    if not path.is_file():
        return None
    try:
        stored = json.loads(path.read_text())
        same = stored["identity"] == identity(task)
    except (ValueError, KeyError, TypeError) as error:
        raise TaskError(f"Expected a stored baseline in {path}, but it cannot be read.") from error
    return stored if same else None


def write(task: Task, stored: dict, folder: Path = HERE) -> Path:
    """Writes a baseline as JSON and returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(task, folder)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(stored, indent=1) + "\n")
    partial.replace(path)  # whole or not at all, for a reader at the same moment
    return path


def curve_of(stored: dict) -> Curve:
    """Returns AdamW's curve out of a baseline."""
    points = stored["adamw"]["points"]
    steps = tuple(point["steps"] for point in points)
    losses = tuple(float(np.mean(point["train"])) for point in points)
    return Curve(stored["task"], stored["identity"]["horizon"], steps, losses)


def curve_for(
    task: Task, cache_dir: str | Path | None = None, report: Report = lambda line: None
) -> Curve:
    """Returns the task's curve: the stored one, that in `cache_dir`, or one measured here and now.

    What is measured here uses a small budget (36 settings of AdamW, two seeds to tune and four to
    measure) and is kept in `cache_dir` if given.
    """
    return _curve(task, None if cache_dir is None else str(cache_dir), report)


@lru_cache(maxsize=64)
def _curve(task: Task, cache_dir: str | None, report: Report) -> Curve:
    stored = read(task)
    if stored is None and cache_dir is not None:
        stored = _cached(task, Path(cache_dir))
    if stored is None:
        stored = baseline(task, SMALL, report) | {"start": start_loss(task)}
        if cache_dir is not None:
            write(task, stored, Path(cache_dir))
    return curve_of(stored)


def _cached(task: Task, folder: Path) -> dict | None:
    """Returns a baseline kept beside a run, if the loss at the start is still the same."""
    stored = read(task, folder)
    if stored is None or not np.isclose(stored["start"], start_loss(task), rtol=1e-5):
        return None
    return stored
