"""The data types of a program: calls in single assignment, with regions for `if`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant in the text. A float is data (it may be fitted); any other value is structure."""

    value: float | int | bool | str | tuple | None


# What a call may take: the number of an earlier value, the name of an input, of a hyperparameter
# or of a state (its value before this step), or a constant.
Ref = int | str | Literal


@dataclass(frozen=True, slots=True)
class Call:
    """Applies one primitive: `out = op(*args, **options)`."""

    out: int  # the number of the value it defines, unique in the program
    op: str  # a name in `primitives.TABLE`
    args: tuple[Ref, ...]
    options: tuple[tuple[str, object], ...] = ()  # structure known from the text: (("axis", -1),)
    name: str = field(default="", compare=False)  # the variable it was assigned to, for display


@dataclass(frozen=True, slots=True)
class Block:
    """Statements in order and the values they hand out."""

    body: tuple[Statement, ...]
    results: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """An `if`: both blocks hand out one value for each number in `outs`."""

    outs: tuple[int, ...]
    condition: Ref
    then: Block
    orelse: Block
    names: tuple[str, ...] = field(default=(), compare=False)


Statement = Call | Branch


@dataclass(frozen=True, slots=True)
class Declared:
    """The kind that a state declares: `Tensor`, `Vector[:-2, -1]`, `Matrix[rows, rank]`."""

    kind: str
    index: tuple = ()  # an int, a name, an UpTo, or a pair (start, stop) for a slice


@dataclass(frozen=True, slots=True)
class State:
    """A value that lives from step to step; `init` hands out its value before the first step."""

    name: str
    declared: Declared
    init: Block


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """A keyword-only argument; a float default is data, any other is structure."""

    name: str
    default: float | int | bool | str | tuple | None


@dataclass(frozen=True)
class Program:
    """An update rule.

    `results` pairs each state with its value after the step, in the order of `states`, then
    either `("return", update)` (w <- w - update) or `("w", new_parameters)`, and last, if the
    program declares another point of evaluation, `("w_eval", point)`.
    """

    name: str
    inputs: tuple[str, ...]  # in the order asked for: ("w", "g", "t", "lr")
    hyperparameters: tuple[Hyperparameter, ...]
    states: tuple[State, ...]
    body: tuple[Statement, ...]
    results: tuple[tuple[str, Ref], ...]
    doc: str = field(default="", compare=False)

    @property
    def has_point(self) -> bool:
        """Whether it wants its model evaluated elsewhere than at its parameters."""
        return any(name == "w_eval" for name, _ in self.results)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Worked out once: caches ask for it at every call that they save.
        return hash(tuple(getattr(self, one.name) for one in fields(self) if one.compare))

    def __getstate__(self) -> dict[str, object]:
        # Another process has other hashes of strings.
        return {one.name: getattr(self, one.name) for one in fields(self)}


def calls(body: tuple[Statement, ...]) -> Iterator[Call]:
    """Yields every call of `body` in order, those inside regions included."""
    for statement in body:
        if isinstance(statement, Call):
            yield statement
        else:
            yield from calls(statement.then.body)
            yield from calls(statement.orelse.body)


def branches(body: tuple[Statement, ...]) -> Iterator[Branch]:
    """Yields every `if` of `body` in order, those inside others behind them."""
    for statement in body:
        if isinstance(statement, Branch):
            yield statement
            yield from branches(statement.then.body)
            yield from branches(statement.orelse.body)
