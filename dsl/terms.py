"""Terms that rules are written with: Python expressions over unknowns, read as patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from primitives import TABLE


class _Algebra:
    """Lets a term be written with operators."""

    def __add__(self, other: Pattern) -> Term:
        return Term("add", (self, other))  # type: ignore[arg-type]

    def __sub__(self, other: Pattern) -> Term:
        return Term("sub", (self, other))  # type: ignore[arg-type]

    def __rsub__(self, other: Pattern) -> Term:
        return Term("sub", (other, self))  # type: ignore[arg-type]

    def __mul__(self, other: Pattern) -> Term:
        return Term("mul", (self, other))  # type: ignore[arg-type]

    def __truediv__(self, other: Pattern) -> Term:
        return Term("div", (self, other))  # type: ignore[arg-type]

    def __rtruediv__(self, other: Pattern) -> Term:
        return Term("div", (other, self))  # type: ignore[arg-type]

    def __pow__(self, other: Pattern) -> Term:
        return Term("pow", (self, other))  # type: ignore[arg-type]

    def __neg__(self) -> Term:
        return Term("neg", (self,))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Unknown(_Algebra):
    """Matches any value, always the same within one rule; a `constant` one matches numbers only."""

    name: str
    constant: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Term(_Algebra):
    """Matches a call of `op`; the arguments of a commutative op match in both orders."""

    op: str
    args: tuple[Pattern, ...]

    def __str__(self) -> str:
        return _written(self)


Pattern = Term | Unknown | int | float


@dataclass(frozen=True)
class Fact:
    """What has to be known of an unknown: that it is above 0, or not below."""

    name: str
    strict: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The unknown."""
        return (self.name,)

    def __str__(self) -> str:
        return f"{self.name} {'>' if self.strict else '>='} 0"


@dataclass(frozen=True)
class Shares:
    """What has to be known of two constants: that they add up to 1, the second 1/2 at most."""

    first: str
    second: str

    @property
    def names(self) -> tuple[str, ...]:
        """The constants."""
        return self.first, self.second

    def __str__(self) -> str:
        return f"{self.first} + {self.second} = 1"


@dataclass(frozen=True)
class Numbers:
    """What has to be known of two unknowns: that each is one number for the model."""

    first: str
    second: str

    @property
    def names(self) -> tuple[str, ...]:
        """The unknowns."""
        return self.first, self.second

    def __str__(self) -> str:
        return f"{self.first}, {self.second} numbers"


Known = Fact | Shares | Numbers


@dataclass(frozen=True)
class Rule:
    """An equation to be used from left to right.

    It holds, but for rounding, wherever the left side and all its parts are finite; and, if it has
    a caveat, where that says.
    """

    left: Term
    right: Pattern
    facts: tuple[Known, ...] = field(default=())
    caveat: str = ""

    def __str__(self) -> str:
        return ", ".join([f"{self.left} = {self.right}", *map(str, self.facts)])


def function(name: str) -> Callable[..., Term]:
    """Returns what makes terms of a primitive."""
    assert name in TABLE, name
    return lambda *args: Term(name, args)


def rule(left: Term, right: Pattern, *facts: Known) -> Rule:
    """Makes a row of the table."""
    return Rule(left, right, facts)


def above_zero(unknown: Unknown) -> Fact:
    """The fact that an unknown is greater than 0."""
    return Fact(unknown.name, True)


def numbers(first: Unknown, second: Unknown) -> Numbers:
    """The fact that two unknowns are numbers, not arrays."""
    return Numbers(first.name, second.name)


def shares(first: Unknown, second: Unknown) -> Shares:
    """The fact that two constants are the two shares of a whole."""
    return Shares(first.name, second.name)


def not_below_zero(unknown: Unknown) -> Fact:
    """The fact that an unknown is 0 or greater."""
    return Fact(unknown.name, False)


_STRENGTH = {"add": 1, "sub": 1, "mul": 2, "div": 2, "neg": 3, "pow": 4}
_SHOWN = {"maximum": "max", "minimum": "min"}


def _written(pattern: Pattern, strength: int = 0) -> str:
    if not isinstance(pattern, Term):
        return str(pattern)
    own = _STRENGTH.get(pattern.op, 0)
    if not own:
        name = _SHOWN.get(pattern.op, pattern.op)
        return f"{name}({', '.join(_written(arg) for arg in pattern.args)})"
    if pattern.op == "neg":
        text = f"-{_written(pattern.args[0], own + 1)}"
    else:
        first, second = pattern.args
        sign = TABLE[pattern.op].operator
        space = "" if pattern.op == "pow" else " "
        text = f"{_written(first, own)}{space}{sign}{space}{_written(second, own + 1)}"
    return f"({text})" if own < strength else text
