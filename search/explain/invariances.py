"""Changes of scale and of coordinates that a rule does not feel, or follows."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .seen import NEARLY, SAME, STEPS, Arrays, Fact, Seen, apart, flat

POWERS = (0.0, 1.0, -1.0, 0.5, 2.0)


def gradient_scale(seen: Seen) -> Fact:
    """The power of the gradient's scale that updates grow with; None if there is no such power."""
    base = seen.updates(start=seen.small)
    loud = seen.updates(seen.mapped(lambda g: 100 * g), seen.small)
    power = _power(100.0, base, loud)
    if power == 0:
        return Fact("gradient_scale", 0.0, "The scale of the gradient does not matter.")
    if power is None:
        return Fact("gradient_scale", None, "The scale of the gradient matters, by no one power.")
    said = "in proportion to the gradient" if power == 1 else f"as its power {power:g}"
    return Fact("gradient_scale", power, f"The scale of the gradient matters: updates are {said}.")


def _power(factor: float, base: list[Arrays], other: list[Arrays]) -> float | None:
    sizes = [np.linalg.norm(flat(one)) for one in (base, other)]
    with np.errstate(all="ignore"):
        own = float(np.log(sizes[1] / sizes[0]) / np.log(factor))
    for power in (*POWERS, round(own, 2) if math.isfinite(own) else 0.0):
        if apart([[factor**power * u for u in step] for step in base], other) < NEARLY:
            return power
    return None


def entry_scale(seen: Seen) -> Fact:
    """The power of each entry's own scale of gradient that its update grows with."""
    rng = np.random.default_rng(1)
    scales = [10 ** rng.uniform(-1, 1, size=w.shape) for w in seen.start]
    changed = [[d * g for d, g in zip(scales, step, strict=True)] for step in seen.gradients]
    base, other = seen.updates(start=seen.small), seen.updates(changed, seen.small)
    for power, said in (
        (0.0, "The scale of each entry's gradient does not matter."),
        (1.0, "Each entry's update is in proportion to its own gradient."),
        (-1.0, "It is invariant to a change of scale of each parameter, as Newton's method is."),
    ):
        wanted = [[d**power * u for d, u in zip(scales, step, strict=True)] for step in base]
        if apart(wanted, other) < NEARLY:
            return Fact("entry_scale", power, said)
    return Fact("entry_scale", None, "The scale of an entry's gradient matters to it otherwise.")


def parameter_scale(seen: Seen) -> Fact:
    """The power of the parameters' scale that the first update grows with, weight decay apart."""
    steps = 1 if np.any(flat(_by_gradient(seen, seen.start, 1))) else STEPS  # some begin late
    base = _by_gradient(seen, seen.start, steps)
    other = _by_gradient(seen, [100 * w for w in seen.start], steps)
    power = _power(100.0, base, other) if np.any(flat(base)) else None
    if power == 0:
        return Fact("parameter_scale", 0.0, "The size of the parameters does not matter.")
    if power == 1:
        text = "Updates are in proportion to the size of the parameters."
        return Fact("parameter_scale", 1.0, text)
    return Fact("parameter_scale", None, "The size of the parameters matters.")


def _by_gradient(seen: Seen, start: Arrays, steps: int) -> list[Arrays]:
    """The first updates, less what they would be without a gradient."""
    updates = seen.updates(seen.gradients[:steps], start)
    alone = seen.updates(seen.mapped(lambda g: 0 * g)[:steps], start)
    return [
        [u - np.nan_to_num(v) for u, v in zip(step, still, strict=True)]
        for step, still in zip(updates, alone, strict=True)
    ]


def rotations(seen: Seen) -> Fact:
    """Whether a rule follows orthogonal changes of coordinates on the sides of a matrix."""
    rng = np.random.default_rng(2)
    left = [np.linalg.qr(rng.normal(size=(n, n)))[0] for n, *_ in map(np.shape, seen.start)]
    right = [np.linalg.qr(rng.normal(size=(n, n)))[0] for *_, n in map(np.shape, seen.start)]

    def both(x: np.ndarray, k: int) -> np.ndarray:
        return left[k] @ x @ right[k].T if x.ndim == 2 else left[k] @ x

    def one(x: np.ndarray, k: int) -> np.ndarray:
        return left[k] @ x

    if _follows(seen, both, matrices=True):
        return Fact("rotations", "both sides", "It does not feel rotations of a matrix's sides.")
    if _follows(seen, one, matrices=True):
        return Fact("rotations", "one side", "It does not feel rotations of a matrix's first side.")
    return Fact("rotations", "none", "Rotations change what it does: the axes matter to it.")


def permutations(seen: Seen) -> Fact:
    """Whether the entries of a tensor, or its rows and columns, may change places."""
    rng = np.random.default_rng(3)
    entries = [rng.permutation(w.size) for w in seen.start]
    rows = [rng.permutation(w.shape[0]) for w in seen.start]
    columns = [rng.permutation(w.shape[-1]) for w in seen.start]

    def entry(x: np.ndarray, k: int) -> np.ndarray:
        return x.ravel()[entries[k]].reshape(x.shape)

    def line(x: np.ndarray, k: int) -> np.ndarray:
        return x[rows[k]][:, columns[k]] if x.ndim == 2 else x[rows[k]]

    if _follows(seen, entry):
        return Fact("permutations", "entries", "The entries of a tensor may change places.")
    if _follows(seen, line):
        text = "The rows and columns of a matrix may change places, but not its entries."
        return Fact("permutations", "rows and columns", text)
    return Fact("permutations", "none", "The places of entries matter to it.")


def odd(seen: Seen) -> Fact:
    """Whether turning gradients and parameters around turns updates around."""
    there = seen.updates(start=seen.small)
    back = seen.updates(seen.mapped(np.negative), [-w for w in seen.small])
    turned = apart(there, [[-u for u in step] for step in back]) < SAME
    text = "Turning every gradient around turns every update around."
    other = "Turning every gradient around does not turn the updates around."
    return Fact("odd", turned, text if turned else other)


def _follows(
    seen: Seen, change: Callable[[np.ndarray, int], np.ndarray], matrices: bool = False
) -> bool:
    """Whether changing start and gradients changes the updates, or a matrix's, in the same way."""

    def changed(step: Arrays) -> Arrays:
        return [change(x, k) for k, x in enumerate(step)]

    base = seen.updates(start=seen.small)
    other = seen.updates([changed(step) for step in seen.gradients], changed(seen.small))
    pairs = [
        [(a, b) for a, b in zip(changed(step), there, strict=True) if a.ndim == 2 or not matrices]
        for step, there in zip(base, other, strict=True)
    ]
    found = apart(*([[pair[k] for pair in step] for step in pairs] for k in (0, 1)))
    return math.isfinite(found) and found < NEARLY
