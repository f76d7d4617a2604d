"""The population evaluator: one compiled function a task trains many tapes at once.

A candidate is data. The registers of all candidates are the rows of one file, each row a flat
parameter vector for every lane (a lane is a learning rate and a seed). Every step takes all
gradients at once, then one flat loop runs the instructions of all candidates, one after another;
each instruction is a branch that reads its operands from the file. The result is written outside
the branch: inside, XLA would copy the whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from dsl.layout import Layout, Operation
from dsl.tape import FIRST_STATE, FUSED, Expression, Tape, W, elementwise, evaluate, meaning
from evaluators.compilation import keep_compiled
from evaluators.schedule import decay
from evaluators.task import Task, batches, flat_init, flat_loss, mean_loss, shapes, unflatten
from primitives import TABLE

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


@dataclass(frozen=True)
class Shape:
    """The fixed sizes of one compiled function; what is not used is padding."""

    candidates: int
    lanes: int
    horizon: int
    states: int = 3  # of one candidate
    temporaries: int = 16  # shared by all candidates
    instructions: int = 24  # of one candidate, on average
    columns: int = 24  # numbers a step, of one candidate, on average


class Job(NamedTuple):
    """A tape and the learning rate of each of its lanes."""

    tape: Tape
    rates: tuple[float, ...]


class Losses(NamedTuple):
    """What training left; arrays over [candidates, lanes], `steps` over [horizon, ...]."""

    train: np.ndarray  # mean loss over the training set at the end
    valid: np.ndarray  # mean loss over the validation set, NaN without one
    steps: np.ndarray  # batch loss before every step


class _Code(NamedTuple):
    """The instructions of a batch of candidates."""

    operation: np.ndarray  # [n]
    target: np.ndarray  # [n], a row of the file
    row: np.ndarray  # [n, 3], the operands' rows
    column: np.ndarray  # [n, 6], scale and shift of each operand
    count: np.ndarray  # ()


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
    code, columns, initial = _pack(jobs, shape, operations, dtype)
    start = flat_init(task, tuple(seeds)).astype(dtype)
    indices = np.stack([batches(task, seed, shape.horizon) for seed in seeds], axis=1)
    function = compiled(task, shape, operations)
    result = function(code, columns, initial, start, indices, *_data(task, np.dtype(dtype).name))
    return Losses(*(np.asarray(r)[..., : len(jobs), :] for r in result))


@lru_cache(maxsize=64)
def compiled(task: Task, shape: Shape, operations: tuple[Operation, ...]) -> Callable[..., Any]:
    """Returns the jitted function that trains a batch of candidates on a task."""
    keep_compiled()
    instruct = _interpreter(layout_of(task), operations)

    def function(
        code: _Code, columns: Any, initial: Any, start: Any, indices: Any, train: Any, valid: Any
    ) -> tuple[Any, Any, Any]:
        file = _new_file(shape, initial, start)
        first_g = W + shape.candidates

        def step(file: Any, now: tuple[Any, Any]) -> tuple[Any, Any]:
            numbers, chosen = now
            parameters = file[W:first_g]
            losses, gradients = _gradients(task, parameters, [a[chosen] for a in train])
            file = lax.dynamic_update_slice(file, gradients, (first_g, 0, 0))
            return instruct(code, numbers, file), losses

        file, losses = lax.scan(step, file, (columns, indices))
        final = file[W:first_g]
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
) -> Callable[[_Code, Any, Any], Any]:
    """Returns run(code, numbers, file): one step of every candidate, file [rows, lanes, size]."""
    functions = [(_arity(op), _over_lanes(op, layout)) for op in operations]

    def run(code: _Code, numbers: Any, file: Any) -> Any:
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


# Packing: from tapes to the arrays of one call.


def fits(jobs: Sequence[Job], shape: Shape) -> bool:
    """Tells whether jobs can share one call of this shape."""
    return (
        len(jobs) <= shape.candidates
        and all(len(job.tape.initial) <= shape.states for job in jobs)
        and all(_temporaries(job.tape) <= shape.temporaries for job in jobs)
        and sum(len(j.tape.instructions) for j in jobs) <= shape.candidates * shape.instructions
        and 2 + sum(len(columns_of(j.tape)) for j in jobs) <= shape.candidates * shape.columns
    )


def columns_of(tape: Tape) -> dict[Expression, int]:
    """Numbers the expressions of a tape other than 0 and 1, in order of appearance."""
    found: dict[Expression, int] = {}
    for instruction in tape.instructions:
        for operand in instruction.operands:
            for expression in (operand.scale, operand.shift):
                if expression not in (0.0, 1.0):
                    found.setdefault(expression, len(found))
    return found


def _temporaries(tape: Tape) -> int:
    return tape.registers - FIRST_STATE - len(tape.initial)


def _pack(
    jobs: Sequence[Job], shape: Shape, operations: tuple[Operation, ...], dtype: Any
) -> tuple[_Code, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    if not fits(jobs, shape):
        raise ValueError(f"{len(jobs)} candidates do not fit a population function of {shape}")
    number = {operation: i for i, operation in enumerate(operations)}
    columns = np.zeros((shape.horizon, shape.candidates * shape.columns, shape.lanes), dtype)
    columns[:, 1] = 1
    initial = np.zeros((2, shape.candidates * shape.states), dtype)
    rows: list[tuple[int, ...]] = []
    used = 2
    for candidate, job in enumerate(jobs):
        place = _places(job.tape, candidate, shape)
        expressions = columns_of(job.tape)
        index = {e: used + i for e, i in expressions.items()} | {0.0: 0, 1.0: 1}
        for e, values in zip(expressions, _numbers(job, list(expressions), shape), strict=True):
            columns[:, index[e]] = values
        used += len(expressions)
        for i, value in enumerate(job.tape.initial):
            kind = 1 if value == "w" else 0
            initial[kind, candidate * shape.states + i] = 1 if kind else value
        for instruction in job.tape.instructions:
            operands = instruction.operands
            spare = (0,) * (3 - len(operands))
            read = [index[e] for o in operands for e in (o.scale, o.shift)]
            rows.append((
                number[instruction.operation], place[instruction.target],
                *(place[o.register] for o in operands), *spare, *read, *spare, *spare,
            ))  # fmt: skip
    table = np.zeros((shape.candidates * shape.instructions, 11), np.int32)
    table[: len(rows)] = rows or 0
    count = np.int32(len(rows))
    code = _Code(table[:, 0], table[:, 1], table[:, 2:5], table[:, 5:], count)
    return code, columns, (initial[0], initial[1])


def _places(tape: Tape, candidate: int, shape: Shape) -> list[int]:
    """The row of the file that holds each register of a candidate's tape."""
    states = W + 2 * shape.candidates
    temporaries = states + shape.candidates * shape.states
    own = [states + candidate * shape.states + i for i in range(len(tape.initial))]
    shared = [temporaries + i for i in range(_temporaries(tape))]
    return [0, W + candidate, W + shape.candidates + candidate, *own, *shared]


def _numbers(job: Job, expressions: list[Expression], shape: Shape) -> list[np.ndarray]:
    """The value of each expression at every step in every lane, [horizon, lanes]."""
    t = np.arange(1.0, shape.horizon + 1)[:, None]
    rates = np.asarray(job.rates, np.float64)[None, :]
    names = {k: np.float64(v) for k, v in job.tape.hyperparameters}
    names |= {"t": t, "T": np.float64(shape.horizon), "lr": rates * decay(t, shape.horizon, np)}
    return evaluate(expressions, names)
