"""The population evaluator: one compiled function a task trains many tapes at once.

A candidate is data. The registers of all candidates are the rows of one file, each row a flat
parameter vector for every lane (a lane is a learning rate and a seed). Every step takes all
gradients at once, then one flat loop runs the instructions of all candidates, one after another;
each instruction is a branch that reads its operands from the file. The result is written outside
the branch: inside, XLA would copy the whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from dsl.layout import Layout, Operation
from dsl.tape import FUSED, Tape, W, elementwise, meaning
from primitives import TABLE

from .compilation import keep_compiled
from .packing import Code, Job, Shape, pack
from .task import Task, batches, flat_init, flat_loss, mean_loss, shapes, unflatten

# What every machine can do: the fused instructions and all that the quick vocabulary contains.
STANDARD = (
    *(Operation(op) for op in FUSED),
    *(Operation(op) for op in (
        "add", "mul", "div", "maximum", "minimum", "abs", "sign", "sqrt", "exp", "tanh", "sin",
        "cos", "arctan", "arcsinh", "cbrt", "lerp", "clip", "where", "lt", "gt", "divide_no_nan",
        "sqrt_abs", "log_abs", "power_abs", "copysign", "norm", "rms", "mean", "dot", "cosine",
        "global_norm", "global_rms", "global_dot", "orthogonalize",
    )),
)  # fmt: skip


LONGEST = 4  # horizons that one compiled function has room for


class Losses(NamedTuple):
    """What training left; arrays over [candidates, lanes], `steps` over [horizon, ...]."""

    train: np.ndarray  # mean loss over the training set at the end
    valid: np.ndarray  # mean loss over the validation set, NaN without one
    steps: np.ndarray  # batch loss before every step


def layout_of(task: Task) -> Layout:
    """Returns how a task's parameters lie in the flat vector."""
    return Layout(shapes(task))


def operations_for(tapes: Sequence[Tape]) -> tuple[Operation, ...]:
    """Returns STANDARD if it suffices, else just what these tapes use, in a fixed order."""
    used = {i.operation for tape in tapes for i in tape.instructions}
    return STANDARD if used <= set(STANDARD) else tuple(sorted(used, key=repr))


def train(
    task: Task,
    jobs: Sequence[Job],
    seeds: Sequence[int],
    shape: Shape,
    operations: tuple[Operation, ...] = STANDARD,
    dtype: Any = np.float32,
) -> Losses:
    """Trains every job to the end of the horizon; lane l uses seeds[l].

    A result depends on the tape, its rates, the seeds and the shape, never on the other jobs.
    Raises ValueError if the jobs do not fit the shape.
    """
    code, columns, initial = pack(jobs, shape, operations, dtype)
    start = flat_init(task, tuple(seeds)).astype(dtype)
    indices = np.stack([batches(task, seed, shape.horizon) for seed in seeds], axis=1)
    room = max(shape.horizon, LONGEST * task.horizon)
    function = compiled(task, replace(shape, horizon=room), operations)
    result = function(
        np.int32(shape.horizon), code, _padded(columns, room), initial, start,
        _padded(indices, room), *_data(task, np.dtype(dtype).name),
    )  # fmt: skip
    final, unseen, steps = (np.asarray(r)[..., : len(jobs), :] for r in result)
    return Losses(final, unseen, steps[: shape.horizon])


def _padded(rows: np.ndarray, count: int) -> np.ndarray:
    """Adds rows of zeros, so that runs of every length share one compiled function."""
    out = np.zeros((count, *rows.shape[1:]), rows.dtype)
    out[: len(rows)] = rows
    return out


@lru_cache(maxsize=64)
def compiled(task: Task, shape: Shape, operations: tuple[Operation, ...]) -> Callable[..., Any]:
    """Returns the jitted function that trains a batch of candidates on a task.

    Its first argument is the number of steps, at most the shape's horizon.
    """
    keep_compiled()
    instruct = _interpreter(layout_of(task), operations)

    def function(
        steps: Any, code: Code, columns: Any, initial: Any, start: Any, indices: Any,
        train: Any, valid: Any,
    ) -> tuple[Any, Any, Any]:  # fmt: skip
        first_g = W + shape.candidates

        def step(i: Any, carry: tuple[Any, Any]) -> tuple[Any, Any]:
            file, losses = carry
            parameters = file[W:first_g]
            now, gradients = _gradients(task, parameters, [a[indices[i]] for a in train])
            file = lax.dynamic_update_slice(file, gradients, (first_g, 0, 0))
            return instruct(code, columns[i], file), losses.at[i].set(now)

        losses = jnp.zeros((shape.horizon, shape.candidates, shape.lanes), start.dtype)
        file = _new_file(shape, initial, start)
        file, losses = lax.fori_loop(0, steps, step, (file, losses))
        final = file[code.point]
        return (*(_whole(task, final, data) for data in (train, valid)), losses)

    return jax.jit(function)


def gradient_bound(task: Task, shape: Shape, seeds: Sequence[int]) -> Callable[[float], Any]:
    """Returns run(rate): as many runs as a population, with gradients and no optimizer.

    What no population function of this shape can surpass.
    """

    @jax.jit
    def function(rate: Any, start: Any, indices: Any, train: Any, valid: Any) -> Any:
        def step(parameters: Any, chosen: Any) -> tuple[Any, Any]:
            losses, gradients = _gradients(task, parameters, [a[chosen] for a in train])
            return parameters - rate * gradients, losses

        parameters = jnp.broadcast_to(start, (shape.candidates, *start.shape))
        parameters, losses = lax.scan(step, parameters, indices)
        return (*(_whole(task, parameters, data) for data in (train, valid)), losses)

    start = flat_init(task, tuple(seeds))
    indices = np.stack([batches(task, seed, shape.horizon) for seed in seeds], axis=1)
    data = _data(task, "float32")
    return lambda rate: jax.block_until_ready(function(rate, start, indices, *data))


def _new_file(shape: Shape, initial: tuple[Any, Any], start: Any) -> Any:
    """Zeros, parameters, gradients, states of all candidates, then the shared temporaries."""
    numbers, copies = initial
    parameters = jnp.broadcast_to(start, (shape.candidates, *start.shape))
    states = numbers[:, None, None] + copies[:, None, None] * start
    rest = jnp.zeros((shape.temporaries, *start.shape), start.dtype)
    return jnp.concatenate([rest[:1], parameters, 0 * parameters, states, rest])


def _gradients(task: Task, parameters: Any, batch: list[Any]) -> tuple[Any, Any]:
    """Batch losses [candidates, lanes] and gradients; each lane has its own batch."""

    def one(flat: Any, *examples: Any) -> tuple[Any, Any]:
        return jax.value_and_grad(lambda p: flat_loss(task, p, examples))(flat)

    lanes = jax.vmap(one)
    return jax.vmap(lanes, in_axes=(0, *(None for _ in batch)))(parameters, *batch)


def _whole(task: Task, parameters: Any, data: tuple[Any, ...]) -> Any:
    if not data:
        return jnp.full(parameters.shape[:2], jnp.nan)
    return jax.vmap(jax.vmap(lambda flat: mean_loss(task, unflatten(task, flat), data)))(parameters)


def _interpreter(
    layout: Layout, operations: tuple[Operation, ...]
) -> Callable[[Code, Any, Any], Any]:
    """Returns run(code, numbers, file): one step of every candidate, file [rows, lanes, size]."""
    functions = [(_arity(op), _over_lanes(op, layout)) for op in operations]

    def run(code: Code, numbers: Any, file: Any) -> Any:
        def instruction(n: Any, file: Any) -> Any:
            def operand(k: int) -> Any:
                row = lax.dynamic_index_in_dim(file, code.row[n, k], keepdims=False)
                scale, shift = (numbers[code.column[n, 2 * k + i]][:, None] for i in (0, 1))
                return scale * row + shift

            def branch(arity: int, function: Callable[..., Any]) -> Callable[[], Any]:
                return lambda: function(*map(operand, range(arity))).astype(file.dtype)

            out = lax.switch(code.operation[n], [branch(*f) for f in functions])
            return lax.dynamic_update_index_in_dim(file, out, code.target[n], 0)

        return lax.fori_loop(0, code.count, instruction, file)

    return run


def _arity(operation: Operation) -> int:
    if operation.op in FUSED:
        return FUSED[operation.op][0]
    if operation.op in TABLE:
        return TABLE[operation.op].arity
    return {"select": 2, "leaf_constants": 1}[operation.op]


def _over_lanes(operation: Operation, layout: Layout) -> Callable[..., Any]:
    function = meaning(operation, layout)
    if elementwise(operation):
        return lambda *args: function(jnp, *args)
    return jax.vmap(lambda *args: function(jnp, *args))


@lru_cache(maxsize=32)
def _data(task: Task, dtype: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The task's arrays on the device, in the precision of the run."""

    def put(array: np.ndarray) -> Any:
        floating = np.issubdtype(array.dtype, np.floating)
        return jnp.asarray(array, dtype if floating else array.dtype)

    return tuple(map(put, task.train)), tuple(map(put, task.valid))
