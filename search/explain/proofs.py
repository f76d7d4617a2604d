"""What the calls of a program prove of its update, by the names of the facts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dsl import Program
from dsl.canonical import canonical
from dsl.live import live, live_calls
from dsl.program import Branch, Statement
from primitives import ELEMENTWISE, NOISE, ORACLE, TABLE

from .algebra import Property, of_update
from .degrees import BUT_FOR_AN_EPS, DEGREES
from .magnitudes import LIMIT, magnitudes
from .parity import ODD, PARITY
from .seen import PROVEN, PROVEN_BUT_EPS, RATE, SHAPES

_OF_SHAPES = ("shape", "static")  # results that are known from shapes alone


def proven(program: Program) -> dict[str, tuple[Any, str]]:
    """Returns of each fact that the calls prove the value, and how: PROVEN, or PROVEN_BUT_EPS.

    "bound": no entry is larger, in units of the rate, weight decay apart.
    """
    whole = canonical(program)
    exact = {name: prove(whole, DEGREES) for name, prove in PROOFS.items()}
    nearly = {name: prove(whole, BUT_FOR_AN_EPS) for name, prove in PROOFS.items()}
    found = {name: (value, PROVEN_BUT_EPS) for name, value in nearly.items() if value is not None}
    return found | {name: (v, PROVEN) for name, v in exact.items() if v is not None}


def _same(program: Program, table: Property) -> Any:
    """The property of the updates of parameters of all shapes, None if they differ."""
    values = [of_update(program, shape, table) for shape in SHAPES]
    return values[0] if values.count(values[0]) == len(values) else None


def _asks(program: Program) -> bool:
    """Whether it reads more of the task than gradients."""
    scopes = {TABLE[call.op].scope for call in live_calls(program)}
    return ORACLE in scopes or "loss" in live(program)


def _gradient_scale(program: Program, degrees: Property) -> float | None:
    degree = None if _asks(program) else _same(program, degrees)
    # Parameters that go other ways at another scale are no longer as they were.
    known = isinstance(degree, float) and (degree == 0 or "w" not in live(program))
    return degree + 0.0 if known else None  # type: ignore[operator]


def _odd(program: Program, _: Property) -> bool | None:
    return True if not _asks(program) and _same(program, PARITY) == ODD else None


def _coupling(program: Program, _: Property) -> str | None:
    """No call takes an entry from another one."""
    scopes = {TABLE[call.op].scope for call in live_calls(program)
              if TABLE[call.op].result not in _OF_SHAPES}  # fmt: skip
    alone = not _asks(program) and scopes <= {ELEMENTWISE, NOISE}
    return "none" if alone and not _branches(program.body) else None


def _branches(body: tuple[Statement, ...]) -> bool:
    return any(isinstance(one, Branch) for one in body)


def _permutations(program: Program, degrees: Property) -> str | None:
    noisy = any(TABLE[call.op].scope == NOISE for call in live_calls(program))
    return "entries" if _coupling(program, degrees) and not noisy else None


def _parameter_scale(program: Program, _: Property) -> float | None:
    return 0.0 if "w" not in live(program) and not _asks(program) else None


def _memory(program: Program, _: Property) -> int | None:
    kept = {"w", *(state.name for state in program.states)} & live(program)
    return None if kept or _asks(program) else 0


def _width(program: Program, degrees: Property) -> str | None:
    degree, alone = _gradient_scale(program, degrees), _coupling(program, degrees)
    if alone is None or _parameter_scale(program, degrees) is None:
        return None
    return {0.0: "adam", 1.0: "sgd"}.get(-1.0 if degree is None else degree)


def _bound(program: Program, _: Property) -> float | None:
    """A bound in proportion to the learning rate: the same in its units at two rates."""
    found = [max(of_update(program, shape, magnitudes(rate)) for shape in SHAPES) / rate
             for rate in (1.0, RATE)]  # fmt: skip
    alike = math.isclose(*found, rel_tol=1e-9)
    return found[0] if found[0] < LIMIT and alike else None


def _horizon(program: Program, _: Property) -> float | None:
    return None if "T" in live(program) else 0.0


PROOFS: dict[str, Callable[[Program, Property], Any]] = {
    "coupling": _coupling,
    "width_scaling": _width,
    "gradient_scale": _gradient_scale,
    "parameter_scale": _parameter_scale,
    "permutations": _permutations,
    "odd": _odd,
    "bound": _bound,
    "memory_steps": _memory,
    "horizon": _horizon,
}
