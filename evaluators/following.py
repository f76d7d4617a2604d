"""Runs a lowered program or a reference through a problem, in double precision."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dsl import Program
from dsl.fixed_loss import constraint
from dsl.lower import lower

from .problems import (
    Problem,
    half_loss,
    lowest_loss_of,
    noise,
    rate,
    real_loss,
    second_loss,
)
from .references import STEPS, Reference

Path = list[list[np.ndarray]]  # the parameters after each step


def follow(transform: Any, given: Sequence[Problem], asks: bool = False) -> list[Path]:
    """Runs an optax transformation on each problem."""
    update = jax.jit(partial(_update, lambda numbers: transform, asks))
    return [_path(update, transform.init, {}, one, asks) for one in given]


def follow_lowered(
    program: Program,
    settings: Mapping[str, Any],
    given: Sequence[Problem],
    out: int = -1,
    asks: bool = False,
    roles: Sequence[str] = (),
) -> list[Path]:
    """Runs a lowered program on each problem, in double precision.

    Its numbers and its learning rate are traced, so that all settings share one compilation.
    """
    held = {item.name: item.default for item in program.hyperparameters} | {"lr": 0.05}
    chosen = {name: settings.get(name, default) for name, default in held.items()}
    numbers = {n: float(chosen[n]) for n, default in held.items() if isinstance(default, float)}
    structure = tuple((n, value) for n, value in chosen.items() if n not in numbers)
    with jax.enable_x64(True):
        update = _compiled(program, structure, out, asks, tuple(roles))
        rule = _lowered(program, structure, out, tuple(roles), numbers)
        return [_path(update, rule.init, numbers, one, asks) for one in given]


def _lowered(
    program: Program, structure: tuple, out: int, roles: tuple[str, ...], numbers: Mapping[str, Any]
) -> optax.GradientTransformationExtraArgs:
    chosen = {name: value for name, value in numbers.items() if name != "lr"} | dict(structure)
    told = (lambda path, _: roles[int(path)]) if roles else None  # the path of a list is a number
    return lower(program, rate(numbers["lr"]), T=STEPS, out=out, roles=told, **chosen)


@lru_cache(maxsize=4)
def _compiled(
    program: Program, structure: tuple, out: int, asks: bool, roles: tuple[str, ...]
) -> Callable[..., Any]:
    return jax.jit(partial(_update, partial(_lowered, program, structure, out, roles), asks))


def _update(
    make: Callable[[Any], Any],
    asks: bool,
    numbers: Any,
    arrays: Any,
    every: Any,
    state: Any,
    params: Any,
) -> Any:
    """The parameters and the state after one step of what `make` makes of the numbers."""
    transform = make(numbers)
    if not asks:
        updates, state = transform.update(arrays, state, params)
        return optax.apply_updates(params, updates), state
    loss = partial(real_loss, lowest=arrays)
    value, slope = jax.value_and_grad(loss)(params)
    whole = partial(_mean_loss, every)
    updates, state = transform.update(
        slope, state, params, value=value, value_fn=loss, full_value_fn=whole,
        half_value_fn=partial(half_loss, lowest=arrays),
        aux_value_fn=partial(second_loss, lowest=arrays),
        **constraint(jnp),
    )  # fmt: skip
    return optax.apply_updates(params, updates), state


def _path(
    update: Callable[..., Any],
    init: Callable[[Any], Any],
    numbers: Mapping[str, float],
    one: Problem,
    asks: bool,
) -> Path:
    params: Any = [jnp.asarray(w) for w in one.start]
    state, steps = init(params), []
    every = one.gradients if asks else []
    for arrays in one.gradients:
        params, state = update(numbers, arrays, every, state, params)
        steps.append(params)
    return jax.device_get(steps)


def _mean_loss(every: Sequence[Any], params: Any) -> Any:
    """The loss over all data: the mean over the losses of the steps."""
    return sum(real_loss(params, lowest) for lowest in every) / len(every)


def follow_paper(
    reference: Reference,
    settings: Mapping[str, float],
    schedule: Callable[[int], float],
    given: Problem,
) -> Path:
    """Runs a rule that is written in NumPy."""
    ws, path = [w.copy() for w in given.start], []
    step = reference.make(np, ws, settings)
    for count, gs in enumerate(given.gradients):
        loss = lowest_loss_of(given, count + 1, ws) if reference.asks else {}
        asked = {**noise(count + 1, [w.shape for w in ws]), **loss}
        slopes = asked["grad_at"](ws) if reference.asks else [g.copy() for g in gs]
        with np.errstate(all="ignore"):
            ws = step(count + 1, schedule(count), [w.copy() for w in ws], slopes, asked)
        path.append(ws)
    return path


def follow_torch(
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

