"""Lifts an optax transformation: the program that does what it does."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..check import check
from ..program import Program
from ..spell import literal
from .naming import held_numbers, named
from .nodes import NUMBER, Node
from .rate import counted, descending, evaluated, rated
from .tidying import tidy
from .tracing import RATES, WIDE, traced
from .values import LiftError
from .writing import written

USUAL_RATE = 0.05  # at which a function of the learning rate is called to find its constants' names


@dataclass(frozen=True)
class Lifted:
    """A program, and the learning rate at which it does what was lifted.

    rate: a number, a schedule (a function of the steps taken), or None if none is known. open_rate:
    a function of the learning rate was lifted, so that any rate will do. narrow: what was lifted
    computes a part in single precision.
    """

    program: Program
    rate: float | Callable[[Any], Any] | None
    open_rate: bool = False
    narrow: bool = False


def lift(transformation: Any, name: str = "lifted") -> Program:
    """Returns the program that does what an optax transformation does.

    transformation: `(init, update)`, or a function from a learning rate to that. `lr` is an input
    of the program: where that function is given, exactly what depends on it; else the outermost
    factor of the update. Raises LiftError, with the operation that the language does not have.
    """
    return lifted(transformation, name).program


def lifted(transformation: Any, name: str = "lifted") -> Lifted:
    """Returns the same as `lift`, with the learning rate that the transformation has."""
    make, open_rate = _made(transformation)
    found = traced(make, open_rate)
    if found != traced(make, open_rate, WIDE):
        raise LiftError(
            "What it does to a parameter depends on how long the axes are (as adafactor's"
            " min_dim_size_to_factor does), so no one program says it."
        )
    found, carried = counted(found)
    found, rate = rated(descending(tidy(found)))
    rate = rate or carried
    found, hyperparameters = named(found, list(held_numbers(make(USUAL_RATE))))
    program = written(found, hyperparameters, name, _doc(rate))
    check(program)
    return Lifted(program, _rate(rate), open_rate, found.narrow)


def _made(transformation: Any) -> tuple[Callable[[Any], Any], bool]:
    """Returns a function from a learning rate, and whether it reads it."""
    if hasattr(transformation, "init") and hasattr(transformation, "update"):
        return lambda rate: transformation, False
    if not callable(transformation):
        raise LiftError(
            "Expected an optax transformation or a function that makes one, not"
            f" {type(transformation).__name__}."
        )
    given = inspect.signature(transformation).parameters.values()
    needed = [one for one in given if one.default is one.empty and one.kind < one.VAR_POSITIONAL]
    rates = [one for one in given if one.name in RATES]
    if len(needed) > 1 or (needed and not rates):
        asked = ", ".join(one.name for one in needed)
        raise LiftError(f"Expected a function of nothing or of learning_rate, not of {asked}.")
    if rates and needed:
        return lambda rate: transformation(**{rates[0].name: rate}), True
    return lambda rate: transformation(), False


def _rate(rate: Node | None) -> float | Callable[[Any], Any] | None:
    if rate is None:
        return None
    if rate.op == NUMBER:
        return float(rate.detail)  # type: ignore[arg-type]
    return lambda count: evaluated(rate, count + 1)


def _doc(rate: Node | None) -> str:
    if rate is None:
        return "Lifted from an optax transformation."
    said = literal(rate.detail) if rate.op == NUMBER else "a schedule"
    return f"Lifted from an optax transformation, whose learning rate was {said}."
