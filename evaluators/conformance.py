"""Compares a program of the zoo with another library, step by step and in double precision.

Both sides get the same start and the same gradients, which do not depend on the parameters, and a
learning rate that changes at every step.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dsl import Program, parse
from dsl.load import load
from dsl.lower import lower
from dsl.simulate import Oracles
from dsl.zoo import COMBINATORS, source

from .references import OPTAX, Reference

SHAPES = ((6, 4), (4,), (4, 4), (4, 2, 3, 3), ())
STEPS = 24
OUTLIER = 12  # the step, from 0, whose gradient is 50 times as large in the second run
TOLERANCE = 1e-9
NARROW = 1e-5  # the tolerance for references that compute a part in single precision
AGREES, DIFFERS, MISSING = "agrees", "differs", "not installed"

Path = list[list[np.ndarray]]  # the parameters after each step


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


@dataclass(frozen=True)
class Problem:
    """A start and one list of arrays a step, in float64.

    The arrays are the gradients, or for rules that ask for a loss the points where it is lowest.
    """

    start: list[np.ndarray]
    gradients: list[list[np.ndarray]]


def real_loss(params: Sequence[Any], lowest: Sequence[Any]) -> Any:
    """A convex function around a point, neither quadratic nor as steep in each parameter."""
    return sum(
        (1 + k) * ((w - c) ** 2 / 8 + (1 + (w - c) ** 2) ** 0.5).sum()
        for k, (w, c) in enumerate(zip(params, lowest, strict=True))
    )


def problem(
    outlier: int | None = None,
    scale: float = 1.0,
    seed: int = 0,
    shapes: Sequence[tuple[int, ...]] | None = None,
) -> Problem:
    """Returns the fixed problem; the gradient of step `outlier` is 50 times as large."""
    rng, shapes = np.random.default_rng(seed), shapes or SHAPES
    start = [rng.normal(size=shape) for shape in shapes]
    gradients = [[rng.normal(size=shape) + 0.3 for shape in shapes] for _ in range(STEPS)]
    sizes = [scale * (50 if step == outlier else 1) for step in range(STEPS)]
    scaled = [[np.asarray(size * g) for g in gs] for size, gs in zip(sizes, gradients, strict=True)]
    return Problem([np.asarray(w) for w in start], scaled)


def lowest_loss_of(one: Problem, t: int, w: list[np.ndarray]) -> Oracles:
    """What the real loss of step t = 1, 2, ... answers in NumPy, with the parameters at w."""
    lowest = one.gradients[t - 1]

    def slope(x: Sequence[np.ndarray]) -> list[np.ndarray]:
        ways = [a - c for a, c in zip(x, lowest, strict=True)]
        return [(1 + k) * (d / 4 + d / (1 + d**2) ** 0.5) for k, d in enumerate(ways)]

    def curved(v: Sequence[np.ndarray]) -> list[np.ndarray]:
        rows = enumerate(zip(w, lowest, v, strict=True))
        return [(1 + k) * (0.25 + (1 + (a - c) ** 2) ** -1.5) * b for k, (a, c, b) in rows]

    return {"loss_at": lambda x: real_loss(x, lowest), "grad_at": slope, "hvp": curved}


def rate(first: float) -> Callable[[Any], Any]:
    """Returns the schedule: the learning rate after `count` steps."""
    return lambda count: first / (1 + 0.1 * count)


def compare(reference: Reference) -> Agreement:
    """Compares a program with one implementation, over all settings, with and without outlier."""
    said = f"{reference.library}:{reference.call}"
    if importlib.util.find_spec(reference.library) is None:
        return Agreement(reference.program, said, 0, None, MISSING)
    given = problems(reference)
    errors = [
        distance(ours, theirs, one.start)
        for settings in reference.settings
        for one, ours, theirs in zip(given, *paths(reference, settings, given), strict=True)
    ]
    error = float(np.max(errors))
    status = AGREES if error <= tolerance(reference) else DIFFERS
    return Agreement(reference.program, said, STEPS, error, status, reference.narrow)


def problems(reference: Reference) -> tuple[Problem, Problem]:
    """Returns the problems that a reference is compared on, without and with an outlier."""
    scale, shapes = reference.gradient_scale, reference.shapes
    return problem(None, scale, shapes=shapes), problem(OUTLIER, scale, shapes=shapes)


def tolerance(reference: Reference) -> float:
    """Returns how far apart a program and its reference may be."""
    return NARROW if reference.narrow else TOLERANCE


def paths(
    reference: Reference, settings: Mapping[str, float], given: Sequence[Problem]
) -> tuple[list[Path], list[Path]]:
    """Returns the paths of the program and those of its reference, one for each problem."""
    program = program_of(reference, settings)
    names = {item.name for item in program.hyperparameters}
    hyper: dict[str, Any] = {name: value for name, value in settings.items() if name in names}
    with jax.enable_x64(True):
        rule = lower(program, rate(settings.get("lr", 0.05)), out=reference.out, **hyper)
        ours = _follow(rule, given, reference.asks)
    return ours, reference_paths(reference, settings, given)


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
    if reference.library != OPTAX:
        return [_follow_torch(reference, settings, schedule, one) for one in given]
    with jax.enable_x64(True):
        rule = reference.make(optax, schedule, settings)
        return _follow(rule, given, reference.asks)


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


def _follow(transform: Any, given: Sequence[Problem], asks: bool = False) -> list[Path]:
    """Runs an optax transformation on each problem."""

    @jax.jit  # one compilation serves them all
    def update(arrays: Any, state: Any, params: Any) -> Any:
        if not asks:
            return transform.update(arrays, state, params)
        loss = partial(real_loss, lowest=arrays)
        value, slope = jax.value_and_grad(loss)(params)
        return transform.update(slope, state, params, value=value, value_fn=loss)

    def path(one: Problem) -> Path:
        params: Any = [jnp.asarray(w) for w in one.start]
        state, steps = transform.init(params), []
        for arrays in one.gradients:
            updates, state = update([jnp.asarray(x) for x in arrays], state, params)
            params = optax.apply_updates(params, updates)
            steps.append([np.asarray(p) for p in params])
        return steps

    return [path(one) for one in given]


def _follow_torch(
    reference: Reference,
    settings: Mapping[str, float],
    schedule: Callable[[int], float],
    given: Problem,
) -> Path:
    """Runs torch optimizers, which see a convolution as they see any matrix: output first."""
    import torch

    path: Path = []
    with _in_double(torch):
        flat = reference.program == "muon"  # torch's takes matrices only
        ps = [torch.nn.Parameter(_tensor(torch, w, flat)) for w in given.start]
        pairs = reference.make(importlib.import_module(reference.library), ps, settings)
        for count, gradients in enumerate(given.gradients):
            for optimizer, share in pairs:
                for group in optimizer.param_groups:
                    group["lr"] = share * schedule(count)
            arrays = [_tensor(torch, x, flat) for x in gradients]
            closure = partial(_closure, ps, arrays) if reference.asks else None
            if closure is None:
                for p, g in zip(ps, arrays, strict=True):
                    p.grad = g
            else:
                closure()
            for optimizer, _ in pairs:
                optimizer.step(closure)
            after = [p.detach().numpy().copy() for p in ps]
            path.append([a.reshape(w.shape) for a, w in zip(after, given.start, strict=True)])
    return path


def _closure(ps: Sequence[Any], lowest: Sequence[Any]) -> Any:
    """Works out the real loss and its gradients at the parameters, as torch's rules ask for it."""
    for p in ps:
        p.grad = None
    loss = real_loss(ps, lowest)
    loss.backward()
    return loss


def _tensor(torch: Any, array: np.ndarray, flat: bool) -> Any:
    shape = (array.shape[0], -1) if flat and array.ndim > 2 else array.shape
    return torch.tensor(array.reshape(shape), dtype=torch.float64)


@contextmanager
def _in_double(torch: Any) -> Iterator[None]:
    """Lets torch keep NAdam's momentum product and Muon's iteration in double precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    torch.Tensor.bfloat16 = lambda tensor: tensor  # Muon narrows its matrix with this method
    try:
        yield
    finally:
        del torch.Tensor.bfloat16  # the inherited method shows again
        torch.set_default_dtype(before)

