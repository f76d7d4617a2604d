"""Packing: from tapes to the arrays that one call of a population function takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dsl.layout import Operation
from dsl.tape import FIRST_STATE, Expression, Tape, W, evaluate

from .schedule import decay


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


class Code(NamedTuple):
    """The instructions of a batch of candidates."""

    operation: np.ndarray  # [n]
    target: np.ndarray  # [n], a row of the file
    row: np.ndarray  # [n, 3], the operands' rows
    column: np.ndarray  # [n, 6], scale and shift of each operand
    count: np.ndarray  # ()
    point: np.ndarray  # [candidates], the row that each is evaluated at


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


def pack(
    jobs: Sequence[Job], shape: Shape, operations: tuple[Operation, ...], dtype: Any
) -> tuple[Code, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Returns the code of jobs, their numbers [horizon, columns, lanes], and their states' starts.

    Raises ValueError if the jobs do not fit the shape.
    """
    if not fits(jobs, shape):
        raise ValueError(f"{len(jobs)} candidates do not fit a population function of {shape}")
    number = {operation: i for i, operation in enumerate(operations)}
    columns = np.zeros((shape.horizon, shape.candidates * shape.columns, shape.lanes), dtype)
    columns[:, 1] = 1
    initial = np.zeros((2, shape.candidates * shape.states), dtype)
    rows: list[tuple[int, ...]] = []
    points = np.arange(W, W + shape.candidates, dtype=np.int32)
    used = 2
    for candidate, job in enumerate(jobs):
        place = _places(job.tape, candidate, shape)
        expressions = columns_of(job.tape)
        index = {e: used + i for e, i in expressions.items()} | {0.0: 0, 1.0: 1}
        for e, values in zip(expressions, _numbers(job, list(expressions), shape), strict=True):
            columns[:, index[e]] = values
        used += len(expressions)
        if job.tape.point:
            points[candidate] = place[FIRST_STATE + len(job.tape.initial) - 1]
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
    count = np.asarray(len(rows), np.int32)
    code = Code(table[:, 0], table[:, 1], table[:, 2:5], table[:, 5:], count, points)
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
    names: dict[str, np.ndarray] = {k: np.asarray(v) for k, v in job.tape.hyperparameters}
    names |= {"t": t, "T": np.asarray(float(shape.horizon))}
    names["lr"] = rates * decay(t, shape.horizon, np)
    return evaluate(expressions, names)
