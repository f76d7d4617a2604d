"""Runs a program in NumPy, from start to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from primitives.core import Array

from .frame import Frame, Value
from .initial import initial
from .program import Program
from .run import step
from .settle import settle
from .shapes import Leaf

Oracles = Mapping[str, Callable[[list[Array]], Any]]


def simulate(
    program: Program,
    start: Sequence[Array],
    gradients: Sequence[Sequence[Array]],
    /,
    lr: float | Callable[[int], float] = 1.0,
    roles: Sequence[str] | None = None,
    out: int = -1,
    oracles: Callable[[int, list[Array]], Oracles] = lambda t, w: {},
    asks: bool = False,
    seed: int = 0,
    watch: Callable[[int, bool], None] | None = None,
    told: Callable[[Mapping[str, Value]], None] = lambda states: None,
    until: Callable[[list[Array]], bool] = lambda ws: False,
    **hyperparameters: Any,
) -> list[list[Array]]:
    """Runs a program in NumPy, in double precision, on a given list of gradients.

    Returns the parameters after each step; T is the number of gradients. lr: a schedule is read at
    t - 1, as in `lower`. out: the output axis. oracles: what the task answers at step t = 1, 2, ...
    with the parameters at w; asks: the gradient is theirs too, and `gradients` counts the steps.
    seed: of noise. watch: told which side of each `if` is taken, as a Frame's. told: given the
    states after each step. until: asked after each step with the parameters; the run ends where it
    says so.
    """
    names = roles or [""] * len(start)
    leaves = tuple(
        Leaf(np.shape(w), role, out if -np.ndim(w) <= out < np.ndim(w) else -1)
        for w, role in zip(start, names, strict=True)
    )
    values = {hyper.name: hyper.default for hyper in program.hyperparameters} | hyperparameters
    dtypes = (np.float64,) * len(leaves)
    blank = Frame(np, settle(program, leaves), dtypes, np.float64, seed=seed, watch=watch)
    ws, states, path = [np.asarray(w, np.float64) for w in start], {}, []
    for t, g in enumerate(gradients, start=1):
        answers = oracles(t, ws)
        inputs = {"w": ws, "t": np.float64(t), "T": float(len(gradients))}
        inputs["lr"] = lr(t - 1) if callable(lr) else lr
        with np.errstate(all="ignore"):
            slope = answers["grad_at"](ws) if asks else g
            inputs["g"] = [np.asarray(one, np.float64) for one in slope]
            frame = replace(blank, oracles=answers)
            if "loss" in program.inputs:
                inputs["loss"] = answers["loss_at"](ws)
            states, update = _numpy_step(frame, values | inputs, states if t > 1 else None)
            ws = [w - u for w, u in zip(ws, update, strict=True)]
        path.append(ws)
        told(states)
        if until(ws):
            break
    return path


def _numpy_step(
    blank: Frame, names: Mapping[str, Value], states: dict[str, Value] | None
) -> tuple[dict[str, Value], list[Array]]:
    program = blank.settled.program
    if states is None:
        first = replace(blank, env=dict(names))
        states = {s.name: initial(first, s) for s in program.states
                  if s.name in blank.settled.stored}
    return step(replace(blank, env={**names, **states}))
