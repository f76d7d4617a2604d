"""Programs without regions as a list of NumPy calls on flat vectors: what proposals are run by.

A value of the whole model is one vector of the layout's size, so that an element-wise primitive is
one call; a Layer is held broadcast to it. Numbers that depend on hyperparameters, t, T and lr only
are worked out for all steps at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from primitives import ORACLE, TABLE

from .flat_calls import DIRECT, WHOLE
from .layout import Layout, Operation, flat_meaning
from .program import Branch, Call, Literal, Program, Ref

NUMBER, LAYER, FULL = range(3)  # how much of the model a value covers
LIMIT = 1e60  # of the squared length of an update
_KINDS = {"Scalar": NUMBER, "Layer": LAYER, "Tensor": FULL}
Step = tuple[Callable, int, tuple[int, ...]]  # function, output register, argument registers


@dataclass(frozen=True, slots=True)
class Flat:
    """One step of a program: calls on registers.

    columns: registers set from a list at each step. results: registers by role. states: the
    registers of old and new value, and the value before the first step.
    """

    registers: list[Any]
    code: list[Step]
    columns: list[tuple[int, list[np.ndarray]]]
    inputs: dict[str, int]
    states: list[tuple[int, int, Any]]
    results: dict[str, int]


class NotFlat(Exception):
    """The program has regions or kinds that flat vectors do not carry."""


class NotFinite(Exception):
    """An update is not finite. grew: since parameters have grown, as a smaller rate may avoid."""

    def __init__(self, update: np.ndarray, w: np.ndarray) -> None:
        super().__init__()
        self.grew = bool(np.abs(w).max() > 1e6 or np.abs(update).max() > 1e6)


def flat(program: Program, layout: Layout, start: np.ndarray, steps: int, lr: float) -> Flat:
    """Returns the program as calls on vectors of shape (layout.size,), or raises NotFlat."""
    return _Compiler(program, layout, start, steps, lr).flat()


class _Compiler:
    def __init__(
        self, program: Program, layout: Layout, start: np.ndarray, steps: int, lr: float
    ) -> None:
        self.program, self.layout, self.start, self.steps = program, layout, start, steps
        self.registers: list[Any] = []
        self.where: dict[int | str, int] = {}  # register of a value or name
        self.extent: list[int] = []  # of a register
        self.host: dict[int, Any] = {}  # registers known beforehand: a number, or one a step
        self.code: list[Step] = []
        named = {"t": np.arange(1.0, steps + 1), "T": float(steps), "lr": lr}
        for name in program.inputs:
            if name in named:
                self.where[name] = self._host(named[name])
            elif name in ("w", "g"):
                self.where[name] = self._new(FULL)
            elif name == "loss":
                self.where[name] = self._new(NUMBER)
            else:
                raise NotFlat(name)
        for item in program.hyperparameters:
            self.where[item.name] = self._host(item.default)

    def _new(self, extent: int, value: Any = None) -> int:
        self.registers.append(value)
        self.extent.append(extent)
        return len(self.registers) - 1

    def _host(self, value: Any) -> int:
        register = self._new(NUMBER, value)
        self.host[register] = self.registers[register]
        return register

    def _at(self, ref: Ref) -> int:
        return self._host(ref.value) if isinstance(ref, Literal) else self.where[ref]

    def flat(self) -> Flat:
        program = self.program
        begin = [self._declare(state) for state in program.states]
        for statement in program.body:
            if statement.__class__ is Branch:
                raise NotFlat("if")
            self._call(statement)  # type: ignore[arg-type]
        after = {role: self._at(ref) for role, ref in program.results}
        states = []
        for state, (register, first) in zip(program.states, begin, strict=True):
            new = after.pop(state.name)
            if self.extent[new] < self.extent[register]:
                raise NotFlat(state.name)  # a number that becomes an array
            states.append((register, new, first))
        inputs = {name: self.where[name] for name in ("w", "g", "loss") if name in self.where}
        return Flat(self.registers, self.code, self._columns(), inputs, states, after)

    def _columns(self) -> list[tuple[int, list[np.ndarray]]]:
        """The numbers that are known beforehand, as arrays, which NumPy reads faster."""
        columns = []
        for register, value in self.host.items():
            if isinstance(value, np.ndarray):
                columns.append((register, [np.asarray(one) for one in value]))
            else:
                self.registers[register] = np.asarray(value)
        return columns

    def _declare(self, state: Any) -> tuple[int, Any]:
        """Returns the register of a state and its value before the first step."""
        extent = _KINDS.get(state.declared.kind)
        (ref,) = state.init.results
        if extent is None or state.init.body:
            raise NotFlat(state.name)
        register = self.where[state.name] = self._new(extent)
        if isinstance(ref, Literal):
            value = ref.value
        elif ref == "w":
            return register, self.start
        else:
            value = self.host.get(self.where[ref])
        if not isinstance(value, int | float):
            raise NotFlat(state.name)
        return register, np.full(self.layout.size, float(value)) if extent == FULL else float(value)

    def _call(self, call: Call) -> None:
        args = tuple([self._at(ref) for ref in call.args])
        result = TABLE[call.op].result
        host = self.host
        if result == "join":
            function = _elementwise(call.op)
            for arg in args:
                if arg not in host:
                    break
            else:
                self.where[call.out] = self._host(_double(function(*[host[arg] for arg in args])))
                return
            out = self._new(max([self.extent[arg] for arg in args]))
        else:
            if any(self.extent[arg] != FULL for arg in args):
                raise NotFlat(call.op)
            function = _whole(call.op, call.options, self.layout)
            out = self._new(_RESULT[result])
        self.code.append((function, out, args))
        self.where[call.out] = out


def _double(value: Any) -> Any:
    """Makes one number a Python float, a truth value too; leaves a number a step alone."""
    return value if value.__class__ is np.ndarray and value.ndim else float(value)


@lru_cache
def _elementwise(op: str) -> Callable:
    return DIRECT.get(op) or partial(TABLE[op].meaning, np)


_RESULT = {"reduce": LAYER, "quantile": LAYER, "scalar": NUMBER, "tensor": FULL}


@lru_cache
def _whole(op: str, options: tuple, layout: Layout) -> Callable:
    """Returns a primitive on whole parameters or the whole model as a function of flat vectors."""
    result = TABLE[op].result
    if result not in _RESULT or options or TABLE[op].scope == ORACLE:
        raise NotFlat(op)
    fast = WHOLE.get(op)
    if fast is not None:
        return fast(layout)
    call = partial(flat_meaning(Operation(op), layout), np)
    return (lambda *args: float(call(*args)[0])) if result == "scalar" else call


def run(
    compiled: Flat,
    start: np.ndarray,
    steps: int,
    gradient: Callable,
    loss: Callable,
    moving: bool = True,
) -> list[tuple[np.ndarray, np.ndarray, Any]]:
    """Returns gradient, update and point of evaluation of each step.

    moving: take the updates off the parameters, which stay where they are otherwise.

    Raises NotFinite where an update is not, or so large that the loss is about to overflow.
    """
    registers, code, inputs = list(compiled.registers), compiled.code, compiled.inputs
    out, path, w = compiled.results, [], start
    for old, _, first in compiled.states:
        registers[old] = first
    for t in range(1, steps + 1):
        g = gradient(t, w)
        for name, value in (("w", w), ("g", g)):
            if name in inputs:
                registers[inputs[name]] = value
        if "loss" in inputs:
            registers[inputs["loss"]] = loss(t, w)
        for register, column in compiled.columns:
            registers[register] = column[t - 1]
        for function, target, args in code:
            if len(args) == 2:
                first, second = args
                registers[target] = function(registers[first], registers[second])
            else:
                registers[target] = function(*[registers[arg] for arg in args])
        update = registers[out["return"]] if "return" in out else w - registers[out["w"]]
        if update.__class__ is not np.ndarray or not update.ndim:
            update = np.full(len(w), float(update))
        if not update.dot(update) < LIMIT:
            raise NotFinite(update, w)
        values = [registers[new] for _, new, _ in compiled.states]
        for (old, _, _), value in zip(compiled.states, values, strict=True):
            registers[old] = value
        w = w - update if moving else w
        point = np.broadcast_to(registers[out["w_eval"]], w.shape) if "w_eval" in out else None
        path.append((g, update, point))
    return path
