"""Facts about a rule, measured on a small fixed model, proven or counted off its calls.

No probe sees a name or a docstring.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from dsl import Program

from .bounds import bound, singular_values
from .constants import sensitivity
from .costs import flops_per_parameter, reads_time, state_bytes_per_parameter
from .coupling import coupling, width_scaling
from .curves import Curve, curves, growth, horizon, impulse
from .decay import weight_decay
from .invariances import (
    entry_scale,
    gradient_scale,
    odd,
    parameter_scale,
    permutations,
    rotations,
)
from .proofs import proven
from .responses import averages, memory, noise, turn
from .seen import MEASURED, PROVEN, PROVEN_BUT_EPS, Fact, Seen, seen
from .settled import settled
from .state_memory import state_curves, state_memory

PROBES: tuple[Callable[[Seen], Fact], ...] = (
    state_bytes_per_parameter, flops_per_parameter, reads_time, coupling, width_scaling,
    gradient_scale, entry_scale, parameter_scale, rotations, permutations, odd, bound,
    singular_values, averages, memory, state_memory, impulse, growth, turn, noise, horizon, settled,
    weight_decay, sensitivity,
)  # fmt: skip


def explain(program: Program) -> list[Fact]:
    """Returns what can be seen of a program without training: a fact a row."""
    looked, certain = seen(program), proven(program)
    with np.errstate(all="ignore"):  # a rule may leave the finite numbers
        return [_with_proof(probe(looked), certain) for probe in PROBES]


def _with_proof(fact: Fact, certain: dict[str, tuple[Any, str]]) -> Fact:
    """Says of a fact that it is proven; a bound is, where the largest entry seen reaches it."""
    if fact.name not in certain:
        return fact
    value, how = certain[fact.name]
    reached = fact.name == "bound" and math.isclose(fact.value, value, rel_tol=0.01)
    return replace(fact, how=how) if reached or fact.value == value else fact


def responses(program: Program) -> tuple[Curve, ...]:
    """Returns how a program answers to a push, a step, a turn and noise; states, to a push."""
    with np.errstate(all="ignore"):
        looked = seen(program)
        return *curves(looked), *state_curves(looked)


__all__ = [
    "MEASURED",
    "PROBES",
    "PROVEN",
    "PROVEN_BUT_EPS",
    "Curve",
    "Fact",
    "explain",
    "responses",
]
