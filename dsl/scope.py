"""The `def` that is being read: what its names mean, and what it was handed."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from .program import Ref


@dataclass(frozen=True)
class Bound:
    """A program that is handed to another one.

    given: numbers for its hyperparameters; defaults: new defaults of those that stay
    hyperparameters; programs: those that it takes itself; open: the `def`s that were being read
    where it was handed over; foreign: from another text.
    """

    function: ast.FunctionDef
    given: Mapping[str, Ref] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    programs: Mapping[str, Bound] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    foreign: bool = False


@dataclass(frozen=True)
class Point:
    """Where a called program, with these new parameters, wants its model evaluated."""

    program: str
    w: Ref
    at: Ref


@dataclass
class Scope:
    """One `def` that is being read: the program, or one that it calls.

    prefix keeps its names apart from those of other scopes; received maps its inputs to the values
    they came with; states maps its states to the names they have in the whole program; first holds
    the initial values that are set at the first call. programs are those that it was handed, called
    the scopes of those that it has called, open the `def`s whose text led here.
    """

    name: str
    prefix: str = ""
    received: dict[str, Ref] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)  # names that stand for so many states
    first: dict[str, Ref] = field(default_factory=dict)
    programs: Mapping[str, Bound] = field(default_factory=dict)
    called: dict[str, Scope] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    count: Ref | None = None  # its `t`, once it is asked for
    listing: bool = False
    composing: bool = False  # an expression that a user typed: its numbers are new defaults
    loops: int = 0  # over a range or a tuple, around what is being read
    begun: bool = False  # a statement has been read, so the declarations are over
    results: list[str] = field(default_factory=list)  # those of `w`, `w_eval` that it sets
    points: dict[Ref, Point] = field(default_factory=dict)  # by the update of a called program

    def changes_point(self) -> str:
        """Returns the sentence for a program that changes an update with a point of its own."""
        called = next(iter(self.points.values())).program
        return (
            f"{self.name} changes the update of {called}, which sets w_eval: set w_eval in"
            f" {self.name} too."
        )
