"""What a rule itself makes of a small model: the numbers that a generated file is compared with.

Start and gradients are (2 * (3**i mod 257) - 257) / 128 for i = 0, 1, ...: exact in every library,
never 0. A rule that reads the loss or asks an oracle gets those of a loss written out, with d the
distance of the parameters from the numbers of the step: the sum of d**2 / 2 + d**4 / 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from primitives import ORACLE, TABLE

from ..program import Program, calls

STEPS = 12
RATE = 0.01
TOLERANCE = 1e-9  # beside 1, or the largest parameter where that is more
NUDGE = 2.0**-50  # of starts and gradients, as small as rounding
MATRIX_AND_VECTOR = ((2, 3), (3,))
SQUARES = ((3, 3), (2, 2))  # elsewhere a basis is not settled by the gradients
_BASES = {"eigenvectors", "inverse_root", "orthogonal", "singular_vectors"}


@dataclass(frozen=True)
class Conformance:
    """The shapes of a small model and its parameters after STEPS steps, one after another.

    nudged: where they are if start and gradients differ as little as rounding makes them.
    """

    shapes: tuple[tuple[int, ...], ...]
    expected: tuple[float, ...]
    nudged: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many numbers the parameters have."""
        return sum(math.prod(shape) for shape in self.shapes)

    @property
    def tolerance(self) -> float:
        """The largest difference that still agrees."""
        return TOLERANCE * max(1.0, *map(abs, self.expected))

    @property
    def finite(self) -> bool:
        """Whether the rule stays within the numbers."""
        return all(map(math.isfinite, self.expected))

    @property
    def settled(self) -> bool:
        """Whether rounding alone does not decide where the rule goes."""
        pairs = zip(self.expected, self.nudged, strict=True)
        return all(abs(a - b) <= self.tolerance for a, b in pairs)


def asks(program: Program) -> bool:
    """Tells whether a program reads the loss or asks an oracle."""
    return "loss" in program.inputs or any(
        TABLE[call.op].scope == ORACLE for call in calls(program.body)
    )


@lru_cache(maxsize=1024)
def conformance(program: Program, out: int) -> Conformance:
    """Runs the lowered program in float64; `out` is the axis of outputs, as in `lower`."""
    import jax

    bases = any(call.op in _BASES for call in calls(program.body))
    shapes = SQUARES if bases else MATRIX_AND_VECTOR
    with jax.enable_x64(True):
        ends = _followed(program, out, shapes)
    expected, nudged = (tuple(float(x) for w in end for x in np.ravel(w)) for end in ends)
    return Conformance(shapes, expected, nudged)


def rows(shapes: tuple[tuple[int, ...], ...]) -> list[list[np.ndarray]]:
    """Returns the start and then the gradients of every step."""
    size = sum(map(math.prod, shapes))
    numbers = np.array([pow(3, i, 257) for i in range((1 + STEPS) * size)]) / 64 - 257 / 128
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    parts = [np.split(row, ends) for row in numbers.reshape(1 + STEPS, size)]
    return [[a.reshape(s) for a, s in zip(part, shapes, strict=True)] for part in parts]


def _followed(program: Program, out: int, shapes: tuple[tuple[int, ...], ...]) -> list[Any]:
    """Returns the parameters after all steps, and those after steps with all numbers nudged."""
    import jax
    import optax

    from ..lower import lower

    start, *steps = rows(shapes)
    rule = lower(program, RATE, T=STEPS, out=out)

    @jax.jit
    def step(x: Any, state: Any, w: Any) -> Any:
        g = jax.grad(_loss)(w, x) if asks(program) else x
        updates, state = rule.update(g, state, w, **_answers(program, x))
        return optax.apply_updates(w, updates), state

    ends: list[Any] = []
    for nudge in (0, NUDGE):
        w: Any = _nudged(start, nudge)
        state = rule.init(w)
        for x in steps:
            w, state = step(_nudged(x, nudge), state, w)
        ends.append(w)
    return ends


def _nudged(arrays: list[np.ndarray], share: float) -> list[Any]:
    """Returns arrays with every third entry a little larger, every third one a little smaller."""
    import jax.numpy as jnp

    return [jnp.asarray(x * (1 + share * (np.arange(x.size) % 3 - 1).reshape(x.shape)))
            for x in arrays]


def _loss(w: Any, x: Any) -> Any:
    apart = [a - b for a, b in zip(w, x, strict=True)]
    return sum((d**2 / 2 + d**4 / 4).sum() for d in apart)


def _answers(program: Program, x: Any) -> Mapping[str, Callable[..., Any]]:
    """Returns what `update` is given: the loss of this step, that over all data, constraints."""
    import jax.numpy as jnp

    from ..fixed_loss import constraint

    given: dict[str, Any] = {}
    if asks(program):
        given["value_fn"] = lambda w: _loss(w, x)
        given["full_value_fn"] = lambda w: _loss(w, [0 * a for a in w])
    if any(TABLE[call.op].scope == ORACLE for call in calls(program.body)):
        given |= constraint(jnp)
    return given
