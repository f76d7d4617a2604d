"""Values of a program as sums over its states and over what comes from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from .program import Call, Literal, Program, Ref

ONE = Literal(1)  # what a constant is a multiple of
Form = dict[Ref, Fraction]  # a sum of coefficient * value; a state stands for its old value


@dataclass
class Forms:
    """What is known of the values of one program without `if`s, as sums.

    members: the states that count. Coefficients are constants in the text: a hyperparameter is a
    value like any other, since the sum has to hold for all that it may be.
    """

    program: Program
    members: frozenset[str]
    numbers: dict[Ref, Fraction] = field(default_factory=dict)
    forms: dict[Ref, Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for call in self.program.body:
            assert isinstance(call, Call)
            self._take(call)

    def number(self, ref: Ref) -> Fraction | None:
        """Returns the number of a constant, None of anything else."""
        if isinstance(ref, Literal):
            plain = isinstance(ref.value, int | float) and not isinstance(ref.value, bool)
            return Fraction(repr(ref.value)) if plain else None  # type: ignore[arg-type]
        return self.numbers.get(ref)

    def of(self, ref: Ref) -> Form:
        """Returns a value as a sum."""
        number = self.number(ref)
        if number is not None:
            return {ONE: number} if number else {}
        return self.forms.get(ref, {ref: Fraction(1)})

    def has_state(self, ref: Ref) -> bool:
        """Tells whether a value holds the old value of a member."""
        return any(key in self.members for key in self.of(ref) if isinstance(key, str))

    def is_linear(self, call: Call) -> bool:
        """Whether a call is a sum that holds a state, so that averages may stand for it."""
        return call.out in self.forms and self.has_state(call.out)

    def _take(self, call: Call) -> None:
        numbers = [self.number(arg) for arg in call.args]
        if None not in numbers:
            found = _folded(call.op, numbers)  # type: ignore[arg-type]
            if found is not None:
                self.numbers[call.out] = found
            return
        parts = _parts(call, numbers)
        if parts is not None:
            total: Form = {}
            for coefficient, ref in parts:
                add(total, self.of(ref), coefficient)
            self.forms[call.out] = total


def _folded(op: str, numbers: Sequence[Fraction]) -> Fraction | None:
    match op, numbers:
        case "add", (x, y):
            return x + y
        case "sub", (x, y):
            return x - y
        case "mul", (x, y):
            return x * y
        case "div", (x, y) if y:
            return x / y
        case "neg", (x,):
            return -x
    return None


def _parts(call: Call, numbers: Sequence[Fraction | None]) -> list[tuple[Fraction, Ref]] | None:
    """Returns a linear call as coefficients and arguments, None for any other."""
    one = Fraction(1)
    match call.op, call.args:
        case "add", (x, y):
            return [(one, x), (one, y)]
        case "sub", (x, y):
            return [(one, x), (-one, y)]
        case "neg", (x,):
            return [(-one, x)]
        case "mul", (x, y):
            first, second = numbers
            if first is not None:
                return [(first, y)]
            return [(second, x)] if second is not None else None
        case "div", (x, _) if numbers[1]:
            return [(1 / numbers[1], x)]
        case "lerp", (x, y, _) if numbers[2] is not None:
            return [(1 - numbers[2], x), (numbers[2], y)]
    return None


def add(total: Form, form: Form, by: Fraction) -> None:
    """Adds `by` times a sum to `total`, in place."""
    for key, coefficient in form.items():
        total[key] = total.get(key, Fraction(0)) + by * coefficient
        if not total[key]:
            del total[key]
