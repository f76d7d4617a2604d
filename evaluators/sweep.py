"""Sweeps: complete runs at many rates and seeds in one shape, however many there are."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from dsl import Program

from .curves import curve_for
from .evaluate import Evaluation, judge, tape_of, train_all
from .scale import scale
from .score import Curve
from .task import Task

SWEEP_LANES = 6  # seeds in one call, as many as a second rung has rates times seeds

Runs = tuple[list[float], np.ndarray, np.ndarray]  # rates; final losses [run, seed] on both sets


def sweep(
    program: Program,
    task: Task,
    multipliers: Sequence[float],
    *,
    seeds: Sequence[int],
    horizon: float = 1.0,
    curve: Curve | None = None,
) -> Evaluation:
    """Trains one program at every rate on every seed; see `evaluate_many`."""
    began = time.perf_counter()
    programs = [program] * len(multipliers)
    rates, train, valid = complete_runs(programs, task, multipliers, seeds, horizon)
    seconds = time.perf_counter() - began
    curve = curve or curve_for(task)
    return judge(task, curve, rates, seeds, multipliers, train, valid, seconds, horizon)


def at_own_rates(
    programs: Sequence[Program],
    task: Task,
    multipliers: Sequence[float],
    *,
    seeds: Sequence[int],
    horizon: float = 1.0,
    curve: Curve | None = None,
) -> list[Evaluation]:
    """Trains every program at one rate, its own, on every seed."""
    rates, train, valid = complete_runs(programs, task, multipliers, seeds, horizon)
    curve = curve or curve_for(task)
    rows = zip(rates, multipliers, train, valid, strict=True)
    return [
        judge(task, curve, (rate,), seeds, (m,), tr[None], va[None], 0.0, horizon)
        for rate, m, tr, va in rows
    ]


def complete_runs(
    programs: Sequence[Program],
    task: Task,
    multipliers: Sequence[float],
    seeds: Sequence[int],
    horizon: float,
) -> Runs:
    """Trains each program at scale * 2**multiplier on every seed, SWEEP_LANES seeds in a call."""
    steps = max(1, round(horizon * task.horizon))
    tapes = [tape_of(program, task) for program in programs]
    pairs = dict(zip(programs, tapes, strict=True))
    units = {p: scale(p, made, task, steps) if made else 1.0 for p, made in pairs.items()}
    rates = [units[p] * 2.0**m for p, m in zip(programs, multipliers, strict=True)]
    pieces = []
    for first in range(0, len(seeds), SWEEP_LANES):
        some = tuple(seeds[first : first + SWEEP_LANES])
        padded = some + some[-1:] * (SWEEP_LANES - len(some))
        rows = train_all(programs, tapes, [(rate,) for rate in rates], task, padded, steps)
        pieces.append([(train[0, : len(some)], valid[0, : len(some)]) for train, valid in rows])
    train, valid = (
        np.stack([np.concatenate(parts) for parts in zip(*columns, strict=True)])
        for columns in ([[row[k] for row in rows] for rows in pieces] for k in (0, 1))
    )
    return rates, train, valid
