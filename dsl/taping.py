"""Program -> Tape: folds what the host can know, fuses what it can, then assigns registers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from primitives import TABLE
from primitives.core import ELEMENTWISE, NOISE, ORACLE
from primitives.matrices import MATRIX_RULES

from .check import kinds
from .fusing import FUSIONS, Emitter
from .layout import Form, Layout, Operation
from .linear import (
    Linear,
    fold,
    plus_linear,
    register,
    scaled,
)
from .live import without_dead
from .program import Branch, Call, Literal, Program, Ref, State, Statement
from .registers import assign
from .tape import (
    FIRST_STATE,
    LEAF_CONSTANTS,
    SELECT,
    ZERO,
    G,
    NotATape,
    Operand,
    Tape,
    W,
)

SCHEDULED = ("t", "T", "lr")  # inputs that the host knows before the step
MAX_AXES = 4


@dataclass(frozen=True, slots=True)
class Static:
    """A Python value for each parameter, known from its shape or role."""

    values: tuple[Any, ...]


Value = Linear | Static


def tape(program: Program, layout: Layout) -> Tape:
    """Returns the tape of a checked program on a layout; raises NotATape with the reason."""
    writer = _Writer(without_dead(program), layout)
    finals = writer.write()
    instructions, registers = assign(writer.instructions, finals, writer.next)
    hyperparameters = tuple(
        (h.name, h.default) for h in program.hyperparameters if isinstance(h.default, float)
    )
    initial = [_initial(state, dict(hyperparameters)) for state in writer.program.states]
    point = program.has_point
    initial += ["w"] * point
    return Tape(layout, instructions, tuple(initial), registers, hyperparameters, point)


class _Writer(Emitter):
    """Walks a program and writes its instructions."""

    def __init__(self, program: Program, layout: Layout) -> None:
        self.point = FIRST_STATE + len(program.states)  # of evaluation, after the states
        super().__init__(self.point + program.has_point)
        self.program, self.layout = program, layout
        self.states = {s.name: FIRST_STATE + i for i, s in enumerate(program.states)}
        self.uses = _uses(self.program)
        self.kinds = [kinds(self.program, ndim) for ndim in range(MAX_AXES + 1)]
        self.values: dict[Ref, Value] = {"w": register(W), "g": register(G)}
        self.values |= {name: Linear((), name) for name in SCHEDULED}
        self.values |= {name: register(r) for name, r in self.states.items()}
        for hyper in self.program.hyperparameters:
            data = isinstance(hyper.default, float)
            constant = Linear((), hyper.name if data else 0.0)
            if not data:
                constant = self.constant(hyper.default)
            self.values[hyper.name] = constant

    def write(self) -> dict[int, int]:
        """Writes one step; returns the register of the new value of each register that stays."""
        everyone = tuple(range(len(self.layout.shapes)))
        for state in self.program.states:
            if _begins_later(state):
                self.begin(state, everyone)
        self.walk(self.program.body, everyone)
        results = [(self.states[n], r) for n, r in self.program.results if n in self.states]
        results += [(self.point, r) for n, r in self.program.results if n == "w_eval"]
        finals = {s: self.materialise(self.linear(self.value(r))) for s, r in results}
        return finals | {W: self.materialise(self.new_parameters())}

    def begin(self, state: State, everyone: tuple[int, ...]) -> None:
        """An initial value that the first step works out takes the place of the 0 held until then.

        What states before it hold is not seen by it, so they are set in the order of the text.
        """
        self.walk(state.init.body, everyone)
        first = self.linear(self.value(state.init.results[0]))
        begins = self.elementwise("eq", Linear((), "t"), Linear((), 1.0))
        self.values[state.name] = register(self.materialise(
            self.elementwise("where", begins, first, register(self.states[state.name]))
        ))

    def new_parameters(self) -> Linear:
        results = dict(self.program.results)
        if "w" in results:
            return self.linear(self.value(results["w"]))
        return plus_linear(register(W), scaled(self.linear(self.value(results["return"])), -1.0))

    def constant(self, value: object) -> Value:
        if isinstance(value, bool | int | float):
            return Linear((), float(value))
        return Static((value,) * len(self.layout.shapes))

    def value(self, ref: Ref) -> Value:
        if isinstance(ref, Literal):
            return self.constant(ref.value)
        if ref not in self.values:
            raise NotATape(f"tapes do not carry the input {ref!r}")
        return self.values[ref]

    def linear(self, value: Value) -> Linear:
        """A Static value becomes a number, or a vector that holds a number for each parameter."""
        if isinstance(value, Linear):
            return value
        if len(set(value.values)) == 1:
            return Linear((), float(value.values[0]))
        options = (("values", tuple(float(v) for v in value.values)),)
        return register(self.emit(Operation(LEAF_CONSTANTS, options), (Operand(ZERO),)))

    # Statements

    def walk(self, body: tuple[Statement, ...], active: tuple[int, ...]) -> None:
        for statement in body:
            if isinstance(statement, Branch):
                self.branch(statement, active)
            else:
                self.values[statement.out] = self.settled(statement, active)

    def branch(self, branch: Branch, active: tuple[int, ...]) -> None:
        condition = self.value(branch.condition)
        if not isinstance(condition, Static):
            self.chosen(branch, condition, active)
            return
        then = tuple(i for i in active if condition.values[i])
        orelse = tuple(i for i in active if not condition.values[i])
        for block, leaves in ((branch.then, then), (branch.orelse, orelse)):
            if leaves:
                self.walk(block.body, leaves)
        for out, a, b in zip(branch.outs, branch.then.results, branch.orelse.results, strict=True):
            self.values[out] = self.joined(a, b, then, orelse)

    def chosen(self, branch: Branch, condition: Linear, active: tuple[int, ...]) -> None:
        """An `if` on a Scalar: both sides are worked out, and one is kept."""
        for block in (branch.then, branch.orelse):
            self.walk(block.body, active)
        for out, a, b in zip(branch.outs, branch.then.results, branch.orelse.results, strict=True):
            sides = self.linear(self.value(a)), self.linear(self.value(b))
            same = sides[0] == sides[1]
            self.values[out] = sides[0] if same else self.elementwise("where", condition, *sides)

    def joined(self, a: Ref, b: Ref, then: tuple[int, ...], orelse: tuple[int, ...]) -> Value:
        if not orelse or not then:
            return self.value(a if then else b)
        sides = self.value(a), self.value(b)
        if sides[0] == sides[1]:
            return sides[0]
        operands = tuple(self.operand(self.linear(side)) for side in sides)
        return register(self.emit(Operation(SELECT, (("leaves", then),)), operands))

    def settled(self, call: Call, active: tuple[int, ...]) -> Value:
        """The value of a call; one that is used again and costs work is computed here, once."""
        value = self.call(call, active)
        if isinstance(value, Static) or self.uses[call.out] < 2 or _is_cheap(value):
            return value
        return register(self.materialise(value))

    def call(self, call: Call, active: tuple[int, ...]) -> Value:
        primitive = TABLE[call.op]
        if primitive.scope in (ORACLE, NOISE) or primitive.result in MATRIX_RULES:
            raise NotATape(f"tapes do not carry {call.op}")
        args = [self.value(ref) for ref in call.args]
        if primitive.result in ("shape", "static") or (
            any(isinstance(a, Static) for a in args) and all(_known(a) for a in args)
        ):
            return self.static(call, args, active)
        lines = [self.linear(arg) for arg in args]
        if primitive.scope != ELEMENTWISE:
            operation = self.operation(call, active)
            return register(self.emit(operation, tuple(self.operand(x) for x in lines)))
        return self.elementwise(call.op, *lines, options=call.options)

    def elementwise(self, op: str, *lines: Linear, options: tuple = ()) -> Linear:
        if not any(line.terms for line in lines) and not options:
            return Linear((), fold(op, *(line.shift for line in lines)))
        fused = FUSIONS.get(op)
        value = fused(self, *lines) if fused else None
        if value is None:
            operation = Operation(op, options)
            value = register(self.emit(operation, tuple(self.operand(x) for x in lines)))
        return value

    def static(self, call: Call, args: list[Value], active: tuple[int, ...]) -> Static:
        """Parameters on another side of an `if` get the value of the first on this side."""
        meaning, options = TABLE[call.op].meaning, dict(call.options)
        found = {}
        for i in active:
            shape, leaf_args = self.layout.shapes[i], []
            for ref, arg in zip(call.args, args, strict=True):
                if isinstance(ref, Literal):
                    leaf_args.append(ref.value)
                elif isinstance(arg, Static):
                    leaf_args.append(arg.values[i])
                elif arg.terms:
                    leaf_args.append(np.broadcast_to(np.float64(0), shape))
                else:
                    leaf_args.append(arg.shift)
            value = meaning(np, *leaf_args, **options)
            found[i] = value.item() if isinstance(value, np.generic | np.ndarray) else value
        places = range(len(self.layout.shapes))
        return Static(tuple(found.get(i, found[active[0]]) for i in places))

    def operation(self, call: Call, active: tuple[int, ...]) -> Operation:
        forms = tuple(self.form(ref) for ref in call.args)
        # A reduction of several arguments broadcasts them, so one full array settles its shape.
        reduces = TABLE[call.op].result in ("reduce", "layer", "scalar")
        if all(f is None for f in forms) or (reduces and any(f is None for f in forms)):
            forms = ()
        everything = len(active) == len(self.layout.shapes)
        return Operation(call.op, call.options, forms, None if everything else active)

    def form(self, ref: Ref) -> Form:
        if isinstance(ref, Literal):
            return None
        found = [table.get(ref) for table in self.kinds]
        full = [
            kind is None or (kind.family == "Array" and len(kind.axes) == ndim)
            for ndim, kind in enumerate(found)
        ]
        if all(full):
            return None
        return tuple(found)


def _is_cheap(value: Linear) -> bool:
    return not value.terms or (len(value.terms) == 1 and isinstance(value.terms[0][0], int))


def _known(value: Value) -> bool:
    return isinstance(value, Static) or (not value.terms and isinstance(value.shift, float))


def _begins_later(state: State) -> bool:
    """Tells whether the first step works an initial value out."""
    ref = state.init.results[0]
    return bool(state.init.body) or (isinstance(ref, str) and ref in ("g", *SCHEDULED))


def _initial(state: State, hyperparameters: Mapping[str, float]) -> float | str:
    ref = state.init.results[0]
    if state.declared.kind in ("Matrix", "History"):
        raise NotATape(f"tapes do not carry the state {state.name}: {state.declared.kind}")
    if _begins_later(state):
        return 0.0
    if isinstance(ref, Literal) and isinstance(ref.value, int | float):
        return float(ref.value)
    if isinstance(ref, str) and (ref == "w" or ref in hyperparameters):
        return hyperparameters.get(ref, "w")
    raise NotATape(f"tapes do not carry the initial value of {state.name}")


def _uses(program: Program) -> Counter[Ref]:
    """How often each value is read, whichever side of an `if` reads it."""
    count: Counter[Ref] = Counter(ref for _, ref in program.results if isinstance(ref, int))
    count.update(ref for ref in _reads(program.body) if isinstance(ref, int))
    return count


def _reads(body: tuple[Statement, ...]) -> Iterator[Ref]:
    for statement in body:
        if isinstance(statement, Call):
            yield from statement.args
            continue
        yield statement.condition
        for block in (statement.then, statement.orelse):
            yield from _reads(block.body)
            # A value handed out is read by whoever reads the branch, more than once perhaps.
            yield from block.results
            yield from block.results
