"""What is known of a program on the parameters of a model before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .program import Program, Ref
from .shapes import Leaf, Shape


class _Unknown:
    """Marks a value that only a run can tell."""


UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a value on one parameter.

    static: its value, if that is settled before anything runs. model: it is one number for the
    whole model. condition: it may steer an `if` on this parameter. asked: an oracle gave it, which
    needs the values of all parameters.
    """

    shape: Shape
    model: bool
    static: Any = UNKNOWN
    condition: bool = True
    asked: bool = False


@dataclass
class OneLeaf:
    """A program settled on one parameter.

    sides: by the numbers that an `if` defines, the side taken; None where a run decides.
    uses: what each value is made from, by value number or by the name of a state.
    """

    leaf: Leaf
    known: dict[Ref, Known]
    sides: dict[tuple[int, ...], bool | None] = field(default_factory=dict)
    uses: dict[Ref, tuple[Ref, ...]] = field(default_factory=dict)
    live: set[Ref] = field(default_factory=set)


@dataclass(frozen=True)
class Settled:
    """A program settled on a model: one entry of `of` for each parameter, equal ones shared.

    stored: for each state that any parameter stores, which ones do. reads: the inputs that the
    live part of the program and its initial values read. applied: how calls run, by number and
    parameters, as found so far.
    """

    program: Program
    leaves: tuple[Leaf, ...]
    of: tuple[OneLeaf, ...]
    stored: Mapping[str, tuple[bool, ...]]
    reads: frozenset[str]
    applied: dict[tuple[int, tuple[int, ...]], Any] = field(default_factory=dict, compare=False)
