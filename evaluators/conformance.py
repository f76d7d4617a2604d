"""Compares a program of the zoo with another library, step by step and in double precision.

Both sides get the same start and the same gradients, which do not depend on the parameters, and a
learning rate that changes at every step.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import jax
import numpy as np
import optax

from dsl import Program, ProgramError, parse
from dsl.load import load
from dsl.simulate import Oracles, simulate
from dsl.zoo import COMBINATORS, source

from .following import Path, follow, follow_lowered, follow_paper, follow_torch
from .problems import OUTLIER, Problem, lowest_loss_of, problem, rate
from .references import OPTAX, PAPER, STEPS, Reference

TOLERANCE = 1e-9
NARROW = 1e-5  # the tolerance for references that compute a part in single precision
UNABLE = (ProgramError, ArithmeticError, ValueError, LookupError, TypeError)  # to run a program
AGREES, DIFFERS, MISSING = "agrees", "differs", "not installed"


@dataclass(frozen=True)
class Agreement:
    """How a program and one implementation of it agree.

    error: the largest difference between the two after any step, relative to the distance that the
    program has moved from its start; None if the library is not there. narrow: what the reference
    computes in single precision.
    """

    program: str
    reference: str
    steps: int
    error: float | None
    status: str
    narrow: str = ""


def compare(reference: Reference, theirs: Sequence[list[Path]] | None = None) -> Agreement:
    """Compares a program with one implementation, over all settings, with and without outlier.

    theirs: what `every_path` gives of the reference, if it is known already.
    """
    if importlib.util.find_spec(reference.module) is None:
        return Agreement(reference.program, said(reference), 0, None, MISSING)
    given, known = problems(reference), theirs or every_path(reference)
    errors = [
        distance(mine, other, one.start)
        for settings, others in zip(reference.settings, known, strict=True)
        for one, mine, other in zip(given, path(reference, settings, given), others, strict=True)
    ]
    error = float(np.max(errors))
    status = AGREES if error <= tolerance(reference) else DIFFERS
    return Agreement(
        reference.program, said(reference), STEPS, error, status, reference.narrow
    )


def said(reference: Reference) -> str:
    """Returns what an implementation is called: its library and how it is made there."""
    return f"{reference.library}:{reference.call}"


def problems(reference: Reference) -> tuple[Problem, Problem]:
    """Returns the problems that a reference is compared on, without and with an outlier."""
    scale, shapes, zeros = reference.gradient_scale, reference.shapes, reference.zeros
    plain, upset = (
        problem(outlier, scale, shapes=shapes, zeros=zeros) for outlier in (None, OUTLIER)
    )
    return plain, upset


def tolerance(reference: Reference) -> float:
    """Returns how far apart a program and its reference may be."""
    return NARROW if reference.narrow else TOLERANCE


def path(
    reference: Reference, settings: Mapping[str, float], given: Sequence[Problem]
) -> list[Path]:
    """Returns the paths of the lowered program, one for each problem."""
    program = program_of(reference, settings)
    return follow_lowered(
        program, settings, given, reference.out, reference.asks, reference.roles
    )


def every_path(reference: Reference) -> list[list[Path]]:
    """Returns the paths of a reference on its problems, for each of its settings."""
    given = problems(reference)
    return [reference_paths(reference, settings, given) for settings in reference.settings]


def simulated(
    program: Program,
    reference: Reference,
    settings: Mapping[str, Any],
    one: Problem,
    watch: Callable[[int, bool], None] | None = None,
    until: Callable[[list[np.ndarray]], bool] = lambda ws: False,
) -> Path:
    """Runs a program in NumPy as `path` runs its lowered form; watch, until: as in `simulate`."""
    schedule = rate(settings.get("lr", 0.05))
    structure = {
        item.name: settings[item.name]
        for item in program.hyperparameters
        if item.name in settings and not isinstance(item.default, float)
    }
    program = _set(program, tuple(structure.items()))
    numbers = {item.name for item in program.hyperparameters} - set(structure)
    oracles = partial(lowest_loss_of, one) if reference.asks else None
    return simulate(
        program,
        one.start,
        one.gradients,
        schedule,
        roles=reference.roles or None,
        out=reference.out,
        oracles=oracles or _none,
        asks=reference.asks,
        watch=watch,
        until=until,
        **{name: value for name, value in settings.items() if name in numbers},
    )


@lru_cache(maxsize=1024)
def _set(program: Program, structure: tuple[tuple[str, Any], ...]) -> Program:
    """Returns the program with other defaults; the same object each time, as `settle` likes it."""
    chosen = dict(structure)
    return replace(
        program,
        hyperparameters=tuple(
            replace(item, default=chosen.get(item.name, item.default))
            for item in program.hyperparameters
        ),
    )


def departs(
    program: Program,
    reference: Reference,
    settings: Mapping[str, Any],
    one: Problem,
    path: Path,
    limit: float,
) -> bool:
    """Tells whether a program leaves a path by more than `limit`; most do in their first steps.

    One that cannot be run leaves it.
    """
    others, departed = iter(path), [False]

    def far(ours: list[np.ndarray]) -> bool:
        departed[0] = not distance([ours], [next(others)], one.start) <= limit
        return departed[0]

    try:
        simulated(program, reference, settings, one, until=far)
    except UNABLE:
        return True
    return departed[0]


def _none(t: int, w: list[np.ndarray]) -> Oracles:
    del t, w
    return {}


def program_of(reference: Reference, settings: Mapping[str, float]) -> Program:
    """Returns the program of a reference; settings that size or unroll something are read in."""
    if reference.program in COMBINATORS:
        return load(COMBINATORS[reference.program])
    text = source(reference.program)
    left = {item.name for item in parse(text).hyperparameters} | {"lr"}
    return parse(text, {name: value for name, value in settings.items() if name not in left})


def reference_paths(
    reference: Reference, settings: Mapping[str, float], given: Sequence[Problem]
) -> list[Path]:
    """Returns the paths of a reference alone."""
    schedule = rate(settings.get("lr", 0.05))
    if reference.library == PAPER:
        return [follow_paper(reference, settings, schedule, one) for one in given]
    if reference.library != OPTAX:
        return [follow_torch(reference, settings, schedule, one) for one in given]
    with jax.enable_x64(True):
        rule = reference.make(optax, schedule, settings)
        return follow(rule, given, reference.asks)


def distance(path: Path, other: Path, start: Sequence[np.ndarray]) -> float:
    """Returns the largest difference after any step, relative to how far `path` has moved."""
    worst = 0.0
    with np.errstate(all="ignore"):
        for mine, theirs in zip(path, other, strict=True):
            apart, moved = _largest(mine, theirs), _largest(mine, start)
            if apart or moved:  # some rules stand still at first
                worst = float(np.maximum(worst, np.divide(apart, moved)))
    return worst


def _largest(some: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(some, others, strict=True))
