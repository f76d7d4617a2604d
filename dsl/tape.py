"""Programs as data: a tape of instructions on flat parameter vectors.

A tape belongs to a program and a layout. Its registers hold vectors of the layout's size; every
operand is read as `scale * register + shift`, where scale and shift are numbers that the host
works out for every step (expressions of hyperparameters, t, T and lr). So products with numbers,
sums of them and most of a moving average cost no instruction of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from primitives import TABLE
from primitives.core import ELEMENTWISE, Array

from .layout import Layout, Operation, flat_meaning

# A number known on the host: a Python number, the name of an input or of a hyperparameter, or
# (primitive, argument, ...).
Expression = float | int | str | tuple

ZERO, W, G = 0, 1, 2  # the registers that every tape has: zeros, the parameters, the gradient
FIRST_STATE = 3

ADD, ADD3, FMA, RATIO, COPY = "add", "add3", "fma", "ratio", "copy"
SELECT, LEAF_CONSTANTS = "select", "leaf_constants"

# The fused instructions, beside the primitives of the language.
FUSED: dict[str, tuple[int, Callable[..., Array]]] = {
    COPY: (1, lambda xp, a: a),
    ADD3: (3, lambda xp, a, b, c: a + b + c),
    FMA: (3, lambda xp, a, b, c: a + b * c),
    RATIO: (3, lambda xp, a, b, c: a / (xp.sqrt(b) + c)),
}


@dataclass(frozen=True, slots=True)
class Operand:
    """Reads `scale * register + shift`."""

    register: int
    scale: Expression = 1.0
    shift: Expression = 0.0


@dataclass(frozen=True, slots=True)
class Instruction:
    """Sets a register to an operation on operands, of which there are at most three."""

    target: int
    operation: Operation
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Tape:
    """A straight line of instructions: one step of a program on a layout.

    Registers: zeros, parameters, gradient, states, then temporaries. initial gives the value of
    each state before the first step: a number, or "w" for a copy of the parameters.
    """

    layout: Layout
    instructions: tuple[Instruction, ...]
    initial: tuple[float | str, ...]
    registers: int  # how many, in all
    hyperparameters: tuple[tuple[str, float], ...]  # the values that its expressions use
    point: bool = False  # the last state is where the model is to be evaluated


class NotATape(Exception):
    """The program has a part that tapes do not carry; the text says which."""


def meaning(operation: Operation, layout: Layout) -> Callable[..., Array]:
    """Returns f(xp, *vectors), what an instruction does; vectors have shape (layout.size,)."""
    if operation.op in FUSED:
        return FUSED[operation.op][1]
    options = dict(operation.options)
    if operation.op == SELECT:
        return _select(options["leaves"], layout)
    if operation.op == LEAF_CONSTANTS:
        return _leaf_constants(options["values"], layout)
    return flat_meaning(operation, layout)


def elementwise(operation: Operation) -> bool:
    """Tells whether the operation acts entry by entry, on arrays of any shape."""
    op = operation.op
    return op in FUSED or (op in TABLE and TABLE[op].scope == ELEMENTWISE)


def _select(leaves: Any, layout: Layout) -> Callable[..., Array]:
    def select(xp: Array, a: Array, b: Array) -> Array:
        pairs = zip(layout.split(a), layout.split(b), strict=True)
        return layout.join(xp, [x if i in leaves else y for i, (x, y) in enumerate(pairs)])

    return select


def _leaf_constants(values: Any, layout: Layout) -> Callable[..., Array]:
    def constants(xp: Array, zeros: Array) -> Array:
        pairs = zip(layout.split(zeros), values, strict=True)
        return layout.join(xp, [leaf + value for leaf, value in pairs])

    return constants


def evaluate(
    expressions: Sequence[Expression], names: Mapping[str, np.ndarray]
) -> list[np.ndarray]:
    """Works expressions out in double precision; names gives arrays that broadcast."""
    known: dict[Expression, np.ndarray] = {}

    def value(expression: Expression) -> np.ndarray:
        if isinstance(expression, str):
            return names[expression]
        if not isinstance(expression, tuple):
            return np.asarray(float(expression))
        if expression not in known:
            op, *args = expression
            known[expression] = TABLE[op].meaning(np, *(value(a) for a in args))
        return known[expression]

    with np.errstate(all="ignore"):
        return [value(e) for e in expressions]


def run(
    tape: Tape,
    start: np.ndarray,
    gradients: Sequence[np.ndarray] | np.ndarray,
    lr: float,
    horizon: int,
) -> Iterator[np.ndarray]:
    """Yields the update of each step, at a fixed point `start`, for gradients handed in.

    In NumPy, for measuring a program's first steps without compiling anything.
    """
    registers = [np.zeros_like(start)] * tape.registers
    for i, value in enumerate(tape.initial):
        registers[FIRST_STATE + i] = start if value == "w" else np.full_like(start, value)
    steps = [(meaning(i.operation, tape.layout), i) for i in tape.instructions]
    count = len(gradients)
    now = {"t": np.arange(1.0, count + 1), "T": np.asarray(float(horizon)), "lr": np.asarray(lr)}
    names = {k: np.asarray(v) for k, v in tape.hyperparameters} | now
    operands = [o for i in tape.instructions for o in i.operands]
    columns = evaluate([e for o in operands for e in (o.scale, o.shift)], names)
    numbers = np.stack([np.broadcast_to(column, (count,)) for column in columns], axis=1).tolist()
    for gradient, row in zip(gradients, numbers, strict=True):
        registers[W], registers[G] = start, gradient
        column = iter(row)
        with np.errstate(all="ignore"):
            for function, instruction in steps:
                args = [_read(registers[o.register], next(column), next(column))
                        for o in instruction.operands]  # fmt: skip
                registers[instruction.target] = function(np, *args)
        yield start - registers[W]


def _read(register: np.ndarray, scale: float, shift: float) -> np.ndarray:
    """scale * register + shift, without the work that changes nothing."""
    if scale != 1.0:
        register = scale * register
    return register + shift if shift != 0.0 else register
