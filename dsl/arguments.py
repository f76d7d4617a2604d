"""What a user hands to a program: hyperparameters by name, and roles for the model's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from numbers import Real
from typing import Any

from .errors import ProgramError, nearest
from .program import Program

Roles = Callable[[str, Any], str] | Mapping[str, str] | None


@dataclass(frozen=True)
class Arguments:
    """A program with its structure set, and its float hyperparameters.

    numbers: those that are numbers. later: tracers, arrays, and schedules (functions of the number
    of steps taken). by_role: other values for some roles, by role and by name.
    """

    program: Program
    numbers: Mapping[str, float]
    later: Mapping[str, Any]
    by_role: Mapping[str, Mapping[str, Any]]

    @property
    def per_leaf(self) -> frozenset[str]:
        """The hyperparameters that are not the same for all parameters."""
        return frozenset(name for values in self.by_role.values() for name in values)


def bind(
    program: Program,
    given: Mapping[str, Any],
    by_role: Mapping[str, Mapping[str, Any]] | None = None,
) -> Arguments:
    """Checks hyperparameters by name and sorts them into structure, numbers and the rest.

    Raises ProgramError for an unknown name or a value of the wrong sort.
    """
    defaults = {hyper.name: hyper.default for hyper in program.hyperparameters}
    for name in given:
        _check_name(program, name, defaults)
    floats = [name for name, default in defaults.items() if isinstance(default, float)]
    for values in (by_role or {}).values():
        for name in values:
            _check_name(program, name, floats)
    program = _with_structure(program, {n: v for n, v in given.items() if n not in floats})
    settled = {name: number_or_schedule(name, given.get(name, defaults[name])) for name in floats}
    numbers = {name: value for name, value in settled.items() if isinstance(value, float)}
    later = {name: value for name, value in settled.items() if name not in numbers}
    return Arguments(program, numbers, later, by_role or {})


def _check_name(program: Program, name: str, known: Any) -> None:
    if name in known:
        return
    listed = ", ".join(known) or "none"
    raise ProgramError(
        f"expected a hyperparameter of {program.name} ({listed}), not {name!r}.",
        nearest=nearest(name, known),
    )


def number_or_schedule(name: str, value: Any) -> Any:
    """Makes a number a float; leaves tracers, arrays of one number and schedules alone.

    Raises ProgramError for anything else.
    """
    if isinstance(value, Real):
        return float(value)
    if callable(value) or getattr(value, "shape", None) == ():
        return value
    raise ProgramError(f"expected a number or a schedule for {name}, not {value!r}")


def _with_structure(program: Program, given: Mapping[str, Any]) -> Program:
    """Returns the program with other values for hyperparameters that are structure."""
    if not given:
        return program
    chosen = []
    for hyper in program.hyperparameters:
        value = given.get(hyper.name, hyper.default)
        if hyper.default is not None and type(value) is not type(hyper.default):
            wanted = type(hyper.default).__name__
            raise ProgramError(f"expected {wanted} for {hyper.name}, not {value!r}")
        chosen.append(replace(hyper, default=value))
    return replace(program, hyperparameters=tuple(chosen))


def role_of(roles: Roles, path: str, array: Any) -> str:
    """Returns the role of a parameter, "" if none is told.

    path: its place in the model, `layers/0/bias`. A mapping goes from patterns to roles, the
    first that matches wins.
    """
    if roles is None:
        return ""
    if callable(roles):
        return roles(path, array)
    return next((role for pattern, role in roles.items() if fnmatch(path, pattern)), "")
