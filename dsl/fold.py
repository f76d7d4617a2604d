"""Numbers known before a step runs: expressions of hyperparameters, and those of t, T and lr.

The first are folded once, in double precision with IEEE division. The second are worked out once a
step; among them `1 - b**t`, which loses five digits in single precision for b near 1, is
`-expm1(t * log(b))`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from primitives import TABLE
from primitives.core import ELEMENTWISE

from .program import Call, Literal, Program, Ref, calls

STEP_INPUTS = frozenset({"t", "T", "lr"})


def depends_on_only(program: Program, names: Iterable[str]) -> tuple[Call, ...]:
    """Returns the calls, in order, whose value follows from constants and the given names."""
    known: set[Ref] = set(names)
    found = []
    for call in calls(program.body):
        elementwise = TABLE[call.op].scope == ELEMENTWISE
        if elementwise and all(isinstance(arg, Literal) or arg in known for arg in call.args):
            known.add(call.out)
            found.append(call)
    return tuple(found)


def hyperparameter_calls(program: Program) -> tuple[Call, ...]:
    """Returns the calls, in order, that depend on hyperparameters and constants only."""
    return depends_on_only(program, [hyper.name for hyper in program.hyperparameters])


def step_calls(program: Program) -> tuple[Call, ...]:
    """Returns the calls, in order, that depend on hyperparameters, constants, t, T and lr only."""
    names = {hyper.name for hyper in program.hyperparameters}
    return depends_on_only(program, names | STEP_INPUTS)


def fold(program: Program, values: Mapping[str, Any]) -> dict[int, Any]:
    """Returns the values of all calls that depend on `values` and constants only.

    values: Python numbers (or arrays of one number a step) by name. Double precision; a number
    comes back as a Python float, so that it takes the precision of what it meets.
    """
    env: dict[Ref, Any] = {name: _double(value) for name, value in values.items()}
    folded = depends_on_only(program, values)
    with np.errstate(all="ignore"):
        for call in folded:
            args = [arg.value if isinstance(arg, Literal) else env[arg] for arg in call.args]
            meaning = TABLE[call.op].meaning
            env[call.out] = _double(meaning(np, *map(_double, args), **dict(call.options)))
    return {call.out: env[call.out] for call in folded}


def _double(value: Any) -> Any:
    """Makes NumPy numbers plain Python ones and leaves arrays, text and truth values alone."""
    single = isinstance(value, np.generic | np.ndarray) and np.ndim(value) == 0
    return value.item() if single else value


@lru_cache(maxsize=256)
def complements(program: Program) -> dict[int, tuple[Ref, Ref]]:
    """Returns base and exponent of each value `1 - base**exponent` that is a number of the step.

    The base depends on hyperparameters only, the exponent on the step.
    """
    names = {hyper.name for hyper in program.hyperparameters}
    fixed: set[Ref] = names | {call.out for call in hyperparameter_calls(program)}
    step = {call.out: call for call in step_calls(program)}
    found = {}
    for call in step.values():
        power = step.get(call.args[1]) if _is_one_minus(call) else None  # type: ignore[arg-type]
        if power is None or power.op != "pow":
            continue
        base, exponent = power.args
        if base in fixed and not isinstance(exponent, Literal) and exponent not in fixed:
            found[call.out] = (base, exponent)
    return found


def _is_one_minus(call: Call) -> bool:
    return call.op == "sub" and isinstance(call.args[0], Literal) and call.args[0].value == 1


def complement(xp: ModuleType, base: Any, exponent: Any) -> Any:
    """Returns `1 - base**exponent`, exact for a base near 1."""
    if isinstance(base, int | float):
        if not base > 0:
            return 1 - xp.power(float(base), exponent)
        with np.errstate(all="ignore"):
            return -xp.expm1(exponent * float(np.log(base)))
    positive = base > 0
    log = xp.log(xp.where(positive, base, 1))
    return xp.where(positive, -xp.expm1(exponent * log), 1 - xp.power(base, exponent))
