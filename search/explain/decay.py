"""What a rule does to the parameters themselves."""

from __future__ import annotations

import numpy as np

from .seen import RATE, SAME, Arrays, Fact, Seen, flat

MOST = 64.0  # the largest coupled decay that is looked for
HALVINGS = 60
FEW = 4  # steps in which a decay that is remembered shows


def weight_decay(seen: Seen) -> Fact:
    """Whether weights shrink apart from the gradient, as a part of it, or not at all."""
    quiet = [[0 * g for g in step] for step in seen.gradients]
    first = flat(seen.updates(quiet)[:1])
    if not np.all(np.isfinite(first)):
        return Fact("weight_decay", "undefined", "Without a gradient the update is not a number.")
    w = np.concatenate([x.ravel() for x in seen.start])
    if np.max(np.abs(first)) == 0:
        return Fact("weight_decay", "none", "Without a gradient nothing moves: no weight decay.")
    coupled = _coupled(seen)
    if coupled is not None:
        text = f"{coupled:.3g} times the weights is added to the gradient: coupled decay."
        return Fact("weight_decay", "coupled", text)
    rate = float(first @ w / (w @ w)) / RATE
    if np.max(np.abs(first - rate * RATE * w)) < SAME * np.max(np.abs(first)):
        text = f"Without a gradient the parameters shrink by {rate:.3g} lr a step: decoupled decay."
        return Fact("weight_decay", "decoupled", text)
    # Where a tensor is brought back to a size the share is another for one twice as large.
    rates, twice = _of_tensors(seen, seen.start), _of_tensors(seen, [2 * x for x in seen.start])
    if rates is not None and twice is not None and np.allclose(rates, twice):
        text = (f"Without a gradient each tensor shrinks in proportion to itself, by"
                f" {min(rates):.3g} to {max(rates):.3g} lr a step: decoupled decay.")  # fmt: skip
        return Fact("weight_decay", "decoupled", text)
    text = "Without a gradient the parameters move, but not in proportion to themselves."
    return Fact("weight_decay", "other", text)


def _of_tensors(seen: Seen, start: Arrays) -> list[float] | None:
    """The share of each tensor that its update is, in units of the rate; None where it is none."""
    update = seen.updates(seen.mapped(lambda g: 0 * g), start)[0]
    pairs = list(zip(update, start, strict=True))
    rates = [float(np.sum(u * w) / np.sum(w * w)) / RATE for u, w in pairs]
    fits = [np.max(np.abs(u - rate * RATE * w)) <= SAME * np.max(np.abs(u))
            for rate, (u, w) in zip(rates, pairs, strict=True)]  # fmt: skip
    return rates if all(fits) else None


def _coupled(seen: Seen) -> float | None:
    """The c for which a gradient of -c * w leaves the rule standing still, if there is one."""
    w = np.concatenate([x.ravel() for x in seen.start])

    def along(c: float) -> tuple[float, float]:
        """The first update along w, and its size, where the gradient is -c * w."""
        update = flat(seen.updates([[-c * x for x in seen.start]]))
        return float(update @ w), float(np.max(np.abs(update)))

    low, high = 0.0, MOST
    if not along(low)[0] > 0 > along(high)[0]:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if along(middle)[0] > 0 else (low, middle)
    usual = along(MOST)[1]
    # A decoupled decay is balanced by some gradient too, but of each entry at another one.
    return middle if along(middle)[1] < 1e-6 * usual and _shared(seen) else None


def _shared(seen: Seen) -> bool:
    """Whether the decay passes through what the gradient passes through: it is remembered, too."""
    quiet = [[0 * w for w in seen.start]] * FEW
    alone, led = (_sizes(seen, steps) for steps in (quiet, [seen.start] * FEW))
    return bool(np.allclose(alone, led, rtol=0.05))


def _sizes(seen: Seen, gradients: list[Arrays]) -> np.ndarray:
    """The size of each update, in units of the first."""
    sizes = np.array([np.linalg.norm(flat([step])) for step in seen.updates(gradients)])
    return sizes / sizes[0]
