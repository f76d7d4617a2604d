"""What one large gradient leaves in each state, and how long."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dsl.frame import Value

from .curves import CHANGE, HALF, LENGTH, PUSH, Curve
from .seen import Fact, Seen

SHOWN = 4  # states that are told or drawn
NOTHING = 1e-9  # of a state's size


def state_memory(seen: Seen) -> Fact:
    """For each state: the step at which half of what one gradient did to it is gone.

    0 if the gradient did nothing; infinite if more than half is left at the end; None if the state
    is no number.
    """
    found = {name: _half(effect) for name, effect in _effects(seen).items()}
    told = [_told(name, steps) for name, steps in list(found.items())[:SHOWN]]
    more = f" (and {len(found) - SHOWN} more states)" if len(found) > SHOWN else ""
    text = f"One gradient {PUSH:g} times as large: {'; '.join(told)}{more}."
    return Fact("state_memory", found, text if found else "It has no states.")


def state_curves(seen: Seen) -> tuple[Curve, ...]:
    """Returns what one large gradient leaves in each of the first states, in units of the most."""
    return tuple(
        Curve(f"state_{name}", f"One large gradient, in {name}",
              "How far the state is from where it would be, over the farthest.",
              (), (0.0,) * CHANGE + tuple(map(float, effect)), name)
        for name, effect in list(_effects(seen).items())[:SHOWN]
    )  # fmt: skip


def _told(name: str, steps: float | None) -> str:
    if steps is None:
        return f"{name} is no number"
    if steps == 0:
        return f"{name} does not feel it"
    if not np.isfinite(steps):
        return f"{name} holds more than half of it {LENGTH - CHANGE} steps later"
    return f"{name} has forgotten half of it {steps:.0f} step{'s' * (steps > 1)} later"


def _half(effect: np.ndarray) -> float | None:
    if not np.all(np.isfinite(effect)):
        return None
    if not np.any(effect):
        return 0
    last = int(np.max(np.nonzero(effect >= HALF)[0]))
    return last + 1 if last + 1 < len(effect) else float("inf")


def _effects(seen: Seen) -> dict[str, np.ndarray]:
    """Returns, of each state, how far the push has moved it from the push on, over the farthest."""
    usual, pushed = _states(seen, 1.0), _states(seen, PUSH)
    return {name: _apart(usual[name], pushed[name]) for name in usual}


def _apart(usual: np.ndarray, pushed: np.ndarray) -> np.ndarray:
    far = np.linalg.norm(pushed - usual, axis=1)[CHANGE:]
    size = np.linalg.norm(usual, axis=1).max()
    return np.zeros(len(far)) if far.max() <= NOTHING * size else far / far.max()


def _states(seen: Seen, size: float) -> dict[str, np.ndarray]:
    """Returns the numbers of each state after every step, with a gradient of that size among 1s."""
    kept: list[Mapping[str, Value]] = []
    sizes = [size if step == CHANGE else 1.0 for step in range(LENGTH)]
    steps = [[k * np.abs(one) for one in seen.direction] for k in sizes]
    seen.updates(steps, seen.small, told=kept.append)
    return {name: np.array([_flat(states[name]) for states in kept]) for name in kept[0]}


def _flat(value: Value) -> np.ndarray:
    parts = value if isinstance(value, list) else [value]
    return np.concatenate([np.ravel(part) for part in parts if part is not None])
