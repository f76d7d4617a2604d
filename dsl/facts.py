"""What is known of the values of a program beforehand: numbers, and signs that never change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from primitives import TABLE
from primitives.kinds import Kind

from .check import kinds
from .program import Call, Literal, Program, Ref, State, calls
from .terms import Fact

NEGATIVE, NOT_BELOW_ZERO, ABOVE_ZERO = range(3)  # NEGATIVE: nothing is known

_ALWAYS = {
    **dict.fromkeys(
        ("square", "abs", "sqrt", "sqrt_abs", "power_abs", "norm", "rms", "global_norm",
         "global_rms", "gt", "lt", "ge", "le", "eq", "ne", "relu", "isfinite"),
        NOT_BELOW_ZERO,
    ),
    **dict.fromkeys(("exp", "exp2", "exp10", "cosh", "sigmoid", "softplus"), ABOVE_ZERO),
}  # fmt: skip
# Functions that are above zero or not below it wherever all their arguments are.
_KEEPS = frozenset({"add", "mul", "div", "divide_no_nan", "maximum", "minimum"})
_KEEPS_WEAKLY = frozenset({"tanh", "cbrt", "cube", "arctan", "arcsinh", "sum", "mean", "sign"})


class Facts:
    """Looks things up in one program: what defines a value, its number, its sign."""

    def __init__(self, program: Program) -> None:
        every = list(calls(program.body))
        self.definitions: dict[int, Call] = {call.out: call for call in every}
        numbers = [0, *(ref for ref in self.definitions)]
        outs = [ref for _, ref in program.results if isinstance(ref, int)]
        self.fresh = 1_000_000 + max(numbers + outs)  # above the results of `if`s too
        self._numbers: dict[Ref, float] = {}
        self._hyperparameters = {item.name: item.default for item in program.hyperparameters}
        for call in every:
            self._work_out(call)
        self.signs: dict[Ref, int] = {}
        self._program = program
        self._find_signs(program, every)

    def holds(self, fact: Fact, ref: Ref) -> bool:
        """Whether a fact is known of a value."""
        return self.sign(ref) >= (ABOVE_ZERO if fact.strict else NOT_BELOW_ZERO)

    @cached_property
    def _kinds(self) -> dict[int | str, Kind]:
        return kinds(self._program, 2)

    def is_number(self, ref: Ref) -> bool:
        """Whether a value is one number for the model."""
        if isinstance(ref, Literal):
            return ref.value.__class__ in (int, float)
        known = self._kinds.get(ref)
        return known is not None and known.family == "Scalar"

    def sign(self, ref: Ref) -> int:
        """What is known of the sign of a value."""
        value = self.value(ref)
        if value is None:
            if ref in ("t", "T"):
                return ABOVE_ZERO
            return NEGATIVE if isinstance(ref, Literal) else self.signs.get(ref, NEGATIVE)
        return ABOVE_ZERO if value > 0 else NOT_BELOW_ZERO if value == 0 else NEGATIVE

    def value(self, ref: Ref) -> float | None:
        """The number of a literal, or of an expression of hyperparameters at their defaults."""
        known: object = None
        if isinstance(ref, Literal):
            known = ref.value
        elif ref in self._numbers:
            known = self._numbers[ref]
        elif isinstance(ref, str):
            known = self._hyperparameters.get(ref)
        return float(known) if isinstance(known, int | float) else None

    def _work_out(self, call: Call) -> None:
        values = [self.value(ref) for ref in call.args]
        if None not in values and TABLE[call.op].result == "join":
            found = number(call.op, values)
            if found is not None:
                self._numbers[call.out] = found.value  # type: ignore[assignment]

    def _find_signs(self, program: Program, every: list[Call]) -> None:
        """Takes the best for granted of each state and gives up what an update contradicts."""
        after = dict(program.results)
        held = {state.name: self._first_sign(state) for state in program.states}
        while True:
            self.signs = {**held}
            for call in every:
                self.signs[call.out] = self._sign_of(call)
            kept = {name: min(sign, self.sign(after[name])) for name, sign in held.items()}
            if kept == held:
                return
            held = kept

    def _first_sign(self, state: State) -> int:
        return self.sign(state.init.results[0]) if not state.init.body else NEGATIVE

    def _sign_of(self, call: Call) -> int:
        if call.op in _ALWAYS:
            return _ALWAYS[call.op]
        signs = [self.sign(ref) for ref in call.args]
        if call.op == "add" and min(signs) == NOT_BELOW_ZERO:
            return max(signs)
        if call.op == "maximum":
            return max(signs)
        if call.op in _KEEPS:
            return min(signs)
        if call.op in _KEEPS_WEAKLY:
            return min(*signs, NOT_BELOW_ZERO)
        if call.op == "lerp":
            share = self.value(call.args[2])
            inside = share is not None and 0 <= share <= 1
            return min(*signs[:2]) if inside else NEGATIVE
        return NEGATIVE


def number(op: str, values: Sequence[object]) -> Literal | None:
    """Returns a primitive of numbers as a literal of at most twelve digits, None if not finite."""
    with np.errstate(all="ignore"):
        result = TABLE[op].meaning(np, *values)
    if not isinstance(result, int | float | np.number) or not math.isfinite(result):
        return None
    whole = all(isinstance(value, int) for value in values) and float(result).is_integer()
    return Literal(int(result)) if whole else Literal(float(f"{float(result):.12g}"))
