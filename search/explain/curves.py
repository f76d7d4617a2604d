"""How a rule answers to plain changes of the gradient: a push, a step, a turn, noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .seen import Arrays, Fact, Seen, flat

LENGTH, CHANGE = 48, 12  # steps of a curve; the step at which something changes
PUSH, JUMP = 5.0, 10.0
MEAN, DEVIATION = 0.3, 1.0
HALF, FELT = 0.5, 0.01  # of an effect that is told; FELT: of the usual update


@dataclass(frozen=True)
class Curve:
    """A response: the gradient of one entry and its update, step by step, in units of before.

    title: what it shows; note: how it is read. of: the state that `update` is of; then there is no
    gradient.
    """

    name: str
    title: str
    note: str
    gradient: tuple[float, ...]
    update: tuple[float, ...]
    of: str = "update"


def curves(seen: Seen) -> tuple[Curve, ...]:
    """Returns the four responses, of the model's mean update along gradients that are all alike."""
    ones = np.ones(LENGTH)
    after = np.arange(LENGTH) >= CHANGE
    noise = MEAN + DEVIATION * np.random.default_rng(5).normal(size=LENGTH)
    pushed = np.where(np.arange(LENGTH) == CHANGE, PUSH, ones)
    return (
        _curve(seen, "impulse", "One large gradient",
               f"Gradients of 1, and one of {PUSH:g}.", pushed),
        _curve(seen, "step", "Gradients that grow for good",
               f"Gradients of 1, then of {JUMP:g}.", np.where(after, JUMP, ones)),
        _curve(seen, "flip", "Gradients that change their sign",
               "Gradients of 1, then of -1.", np.where(after, -ones, ones)),
        _curve(seen, "noise", "Gradients with noise",
               f"Gradients of mean {MEAN:g} and deviation {DEVIATION:g}.", noise),
    )  # fmt: skip


def _curve(seen: Seen, name: str, title: str, note: str, sizes: np.ndarray) -> Curve:
    steps = [[size * np.abs(one) for one in seen.direction] for size in sizes]
    ways = np.concatenate([np.abs(one).ravel() for one in seen.direction])
    updates = np.array([_along(step, ways) for step in seen.updates(steps, seen.small)])
    usual = abs(updates[CHANGE - 1]) if name != "noise" else np.nanmax(np.abs(updates))
    with np.errstate(all="ignore"):
        shown = updates / usual if usual else updates
    return Curve(name, title, note, tuple(map(float, sizes)), tuple(map(float, shown)))


def _along(step: Arrays, ways: np.ndarray) -> float:
    return float(flat([step]) @ ways / (ways @ ways))


def impulse(seen: Seen) -> Fact:
    """How many steps after a gradient PUSH times the others half of its effect is gone."""
    ones = np.ones(LENGTH)
    pushed = np.where(np.arange(LENGTH) == CHANGE, PUSH, ones)
    with_it, without = (_curve(seen, "", "", "", sizes).update for sizes in (pushed, ones))
    effect = np.abs(np.array(with_it) - np.array(without))[CHANGE:]
    if not np.all(np.isfinite(effect)):
        return Fact("impulse_steps", None, "What one larger gradient does is no number.")
    top = float(effect.max())
    if top < FELT:
        return Fact("impulse_steps", None, "One larger gradient leaves the updates as they are.")
    last = int(np.max(np.nonzero(effect >= HALF * top)[0]))
    if last == len(effect) - 1:
        text = f"What one gradient {PUSH:g} times as large does lasts to the end of the probe."
    else:
        text = f"Half of what one gradient {PUSH:g} times as large does is gone"
        text += f" {last + 1} steps on."
    return Fact("impulse_steps", last + 1, text)


def growth(seen: Seen) -> Fact:
    """What updates become where gradients grow JUMP times for good: at once, at most, at last."""
    found = next(one for one in curves(seen) if one.name == "step")
    after = np.abs(np.array(found.update[CHANGE:]))
    if not np.all(np.isfinite(after)):
        return Fact("step_response", None, "Where gradients grow, updates are no numbers.")
    value = tuple(round(float(x), 3) for x in (after[0], after.max(), after[-1]))
    text = (f"Where gradients grow {JUMP:g} times, updates grow {value[0]:.3g} times at once,"
            f" {value[1]:.3g} times at most and {value[2]:.3g} times"
            f" {LENGTH - CHANGE} steps later.")  # fmt: skip
    return Fact("step_response", value, text)


def horizon(seen: Seen) -> Fact:
    """How much of the first updates changes in a run that is twice as long."""
    base = flat(seen.updates())
    longer = flat(seen.updates([*seen.gradients, *seen.gradients])[: len(seen.gradients)])
    size = np.linalg.norm(base)
    share = float(np.linalg.norm(longer - base) / size) if size else 0.0
    if not math.isfinite(share):
        return Fact("horizon", None, "What a longer run changes could not be measured.")
    if share == 0:
        return Fact("horizon", 0.0, "How long the run is to be does not matter.")
    text = f"In a run twice as long the same steps differ by {share:.0%}."
    return Fact("horizon", share, text)


BARS = "▁▂▃▄▅▆▇█"


def bars(values: Sequence[float]) -> str:
    """Returns a curve as a line of bars for a terminal, its least value lowest."""
    array = np.array(values, float)
    fine = np.isfinite(array)
    if not fine.any():
        return ""
    low, high = min(0.0, array[fine].min()), array[fine].max()
    share = np.where(fine, (array - low) / max(high - low, 1e-300), 0)
    return "".join(BARS[round(float(x) * (len(BARS) - 1))] for x in share)
