"""Numbers that tell rules apart, worked out from what they did in the experiments.

Each block answers one question; its numbers are between about -1 and 1, so that no block drowns
another. Sizes are compared as logarithms, and only shapes of responses count, so that a rule with
other constants has nearly the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .archetypes import REFERENCES
from .experiments import CHANGE, ENTRIES, JUMP, LAB, LOUD, PUSH, RATE, SHAPES, Seen, joined, split

Updates = Mapping[str, np.ndarray]
TINY = 1e-12
STILL = 1e-9 * RATE  # an entry of an update below this stays where it is
LOOKS = (0, 1, 2, 4, 7, 11, 17, 23)  # the steps whose sizes are kept
TURNS = (0, 2, 7, 23)  # those whose directions are
LATE = (24, 50, 79, 90, 120, 180, 249)  # of the long experiment
SKETCH = 10  # random projections of a direction
ORACLES = (
    ("grad_at", "full_grad", "half_grad", "aux_grad"), ("loss_at", "aux_loss"),
    ("hvp", "third", "aux_hvp"), ("project", "prox", "lmo"),
)  # fmt: skip
WIDE = 4.0  # powers of ten: sizes further apart count as this far


def features(seen: Seen) -> dict[str, np.ndarray]:
    """Returns the blocks by name; each has the same length for every program."""
    with np.errstate(all="ignore"):
        found = {name: block(seen.updates) for name, block in BLOCKS.items()}
    asked = [sum(seen.asked.get(name, 0) for name in names) for names in ORACLES]
    found["asked"] = np.log1p(np.array(asked)) / 2
    return {name: np.clip(np.nan_to_num(x, nan=-1.0), -1, 1) for name, x in found.items()}


# --- measures


def _unit(rows: np.ndarray) -> np.ndarray:
    size = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.nan_to_num(np.where(size > 0, rows / np.maximum(size, 1e-300), 0))


def _power(rows: np.ndarray, unit: float = 1.0) -> np.ndarray:
    """The logarithm to base 10 of root mean squares, in units of `unit`."""
    size = np.sqrt(np.mean(np.nan_to_num(rows) ** 2, axis=-1)) / unit
    return np.clip(np.log10(np.maximum(size, 1e-30)), -30, 30)


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    """The mean cosine of rows."""
    return float(np.mean(np.sum(_unit(a) * _unit(b), axis=-1)))


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """How far apart two lists of updates are, relative to their size, 0 to 1."""
    a, b = np.nan_to_num(a), np.nan_to_num(b)
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size > 0 else 0.0


def _soft(share: float, floor: float = 1e-4) -> float:
    """A share between 0 and 1 on a scale of powers of ten down to a floor, as 0 to 1."""
    return float(1 - np.log10(max(min(share, 1.0), floor)) / np.log10(floor))


def _changed(base: np.ndarray, other: np.ndarray, factor: float) -> list[float]:
    """The power of a factor that updates grew with, and how far they turned."""
    power = np.median(_power(other) - _power(base)) / np.log10(factor)
    return [float(power) / 2, 1 - _cosine(base, other)]


# --- blocks


def _late(seen: Updates) -> np.ndarray:
    """What begins late: sizes, and how steadily updates go on, in a longer run."""
    u = seen["long"]
    powers = _power(u)
    steady = [_cosine(u[k - 8 : k], u[k - 9 : k - 1]) for k in LATE]
    along = [float(np.sum(_unit(u[k]) * _unit(u[10]))) for k in LATE]
    return np.array([*((powers[list(LATE)] - powers[10]) / WIDE), *steady, *along])


def _sparse(seen: Updates) -> np.ndarray:
    """What it does to entries whose gradient is 0, and to the others."""
    u, gaps = np.nan_to_num(seen["sparse"]), np.array([joined(g) == 0 for g in LAB.gaps])
    size = np.abs(u).mean(axis=1) + TINY
    idle = [float((np.abs(u) * gaps).mean(axis=1)[k] / size[k]) for k in (4, 12, 23)]
    still = float(np.mean(np.abs(u[gaps]) < STILL))
    powers = _power(u)[[2, 12, 23]] - _power(seen["calm"])[[2, 12, 23]]
    return np.array([*idle, still, *powers, _cosine(u, seen["calm"])])


def _archetypes(seen: Updates) -> np.ndarray:
    """How nearly updates go the way of gradients, signs, averages, orthogonal factors..."""
    u = seen["usual"]
    return np.array([_cosine(u[1:], one[1:]) for one in REFERENCES.values()])


def _directions(name: str) -> Callable[[Updates], np.ndarray]:
    """A sketch of directions: distances of sketches are near those of the directions."""

    def block(seen: Updates) -> np.ndarray:
        unit = _unit(seen[name])[list(TURNS)]
        return np.ravel(unit @ _SKETCH) / np.sqrt(SKETCH)

    return block


def _sizes(name: str) -> Callable[[Updates], np.ndarray]:
    """Sizes of updates in units of the learning rate, over steps and from tensor to tensor."""

    def block(seen: Updates) -> np.ndarray:
        u = seen[name]
        powers = _power(u, RATE)
        usual = np.median(powers)
        tensors = [_power(_tensor(u[12:], k)).mean() for k in range(len(SHAPES))]
        parts = [[usual], powers[list(LOOKS)] - usual, np.array(tensors[1:]) - tensors[0]]
        return np.concatenate(parts) / WIDE

    return block


def _tensor(rows: np.ndarray, k: int) -> np.ndarray:
    sizes = [int(np.prod(shape)) for shape in SHAPES]
    return np.split(rows, np.cumsum(sizes)[:-1], axis=-1)[k]


def _scales(seen: Updates) -> np.ndarray:
    """Powers of the scales of gradients, of one gradient, of parameters and of the rate."""
    return np.array([
        *_changed(seen["calm"], seen["loud"], LOUD),
        *_changed(seen["usual"], seen["large"], 10),
        *_changed(seen["calm"], seen["fast"], 10),
        *_changed(seen["surface"], seen["raised"], 10),
        *_changed(seen["calm"], seen["usual"], 1e6),
        *_of_entries(seen),
    ])  # fmt: skip


def _of_entries(seen: Updates) -> list[float]:
    """The power of each entry's own scale of gradient that its updates grow with."""
    scales = np.log10(joined(LAB.scales))
    size = [np.log10(np.maximum(np.abs(seen[k]).mean(axis=0), 1e-30)) for k in ("calm", "entries")]
    slope, _ = np.polyfit(scales, np.nan_to_num(size[1] - size[0]), 1)
    return [float(slope) / 2]


def _symmetries(seen: Updates) -> np.ndarray:
    """How far a rule is from following changes of coordinates, on a scale of powers of ten."""
    u = seen["calm"]

    def moved(change: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
        return np.array([joined([change(x, k) for k, x in enumerate(split(r))]) for r in u])

    pairs = [
        (moved(lambda x, k: LAB.left[k] @ x), seen["rotated"]),
        (moved(lambda x, k: x.ravel()[LAB.order[k]].reshape(x.shape)), seen["shuffled"]),
        (moved(lambda x, k: x[LAB.rows[k]]), seen["rows"]),
        (-u, seen["turned"]),
        (seen["usual"], seen["seed"]),
    ]
    return np.array([_soft(_apart(*pair)) for pair in pairs])


def _couplings(seen: Updates) -> np.ndarray:
    """How much a push of one tensor, or of one entry, moves the others."""
    base, first = seen["calm"][:CHANGE], int(np.prod(SHAPES[0]))
    pairs = ((base[:, first:], seen["tensor"][:, first:]), (base[:, 1:first],
             seen["entry"][:, 1:first]))  # fmt: skip
    return np.array([_soft(_apart(*pair)) for pair in pairs])


def _horizon(seen: Updates) -> np.ndarray:
    """How much a run twice as long changes the first updates."""
    parts = [slice(0, 4), slice(4, 12), slice(12, None)]
    return np.array([_soft(_apart(seen["usual"][p], seen["longer"][p])) for p in parts])


def _still(seen: Updates) -> np.ndarray:
    """What it does without gradients: whether parameters shrink, and how fast."""
    w, u = joined(LAB.start), seen["quiet"]
    rows = np.tile(w, (len(u), 1))
    broken = float(np.mean(~np.isfinite(u)))
    return np.array([_cosine(u, rows), broken, *((_power(u, RATE)[[0, -1]] + 4) / 8)])


def _along(rows: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    return np.nan_to_num(rows) @ pattern / (pattern @ pattern)


def _signed_log(values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log1p(np.abs(values) * 10) / np.log(1 + 10 * JUMP)


def _response(name: str, other: bool = False) -> Callable[[Updates], np.ndarray]:
    """Updates along the pattern of the gradients, in units of those before the change."""

    def block(seen: Updates) -> np.ndarray:
        pattern = joined(LAB.pattern)
        u = _along(seen[name], pattern)
        usual = max(abs(u[CHANGE - 1]), TINY)
        if other:  # what a push across leaves
            return _signed_log(_along(seen[name][CHANGE:], joined(LAB.other)) / usual / PUSH)
        return _signed_log(u / usual)

    return block


def _spike(seen: Updates) -> np.ndarray:
    """How one huge gradient is felt: sizes from it on, in units of the same without it."""
    powers = _power(seen["spike"]) - _power(seen["calm"])
    turned = np.sum(_unit(seen["spike"]) * _unit(seen["calm"]), axis=-1)
    return np.concatenate([powers[CHANGE:] / 2, 1 - turned[CHANGE:]])


def _flatness(seen: Updates) -> np.ndarray:
    """How far entries, and singular values, are from one size: signs and orthogonal factors."""
    out = []
    for name in ("usual", "surface"):
        u = np.nan_to_num(seen[name], posinf=0, neginf=0)
        still = np.median((np.abs(u) < STILL).mean(axis=1))
        values = np.linalg.svd(_tensor(u, 0).reshape(-1, *SHAPES[0]), compute_uv=False)
        out += [_uneven(np.abs(u)), float(still), _uneven(values)]
    return np.array(out)


def _uneven(rows: np.ndarray) -> float:
    """How far the numbers of a row are from being equal, on a scale of powers of ten."""
    most = rows.max(axis=1, keepdims=True)
    rows = rows / np.maximum(most, TINY)  # squares of what runs away are no numbers
    mean = rows.mean(axis=1) / np.maximum(np.sqrt((rows**2).mean(axis=1)), TINY)
    return _soft(float(np.median(1 - mean)), floor=1e-3)


def _noise(seen: Updates) -> np.ndarray:
    """How much of the gradient's noise is left, and how alike neighbouring updates are."""
    u = np.nan_to_num(seen["calm"])[8:]
    rest = np.std(u, axis=0).mean() / max(abs(np.mean(u)), TINY)
    after = [_cosine(u[k:], u[:-k]) for k in (1, 2, 4)]
    return np.array([np.log10(max(rest, 1e-3)) / 3, *after])


Block = Callable[[Updates], np.ndarray]
_SKETCH = np.random.RandomState(11).normal(size=(ENTRIES, SKETCH))
BLOCKS: dict[str, Block] = {
    "archetypes": _archetypes,
    "directions": _directions("usual"),
    "surface directions": _directions("surface"),
    "sizes": _sizes("usual"),
    "surface sizes": _sizes("surface"),
    "scales": _scales,
    "symmetries": _symmetries,
    "couplings": _couplings,
    "horizon": _horizon,
    "still": _still,
    "flip": _response("flip"),
    "step": _response("step"),
    "impulse": _response("impulse", other=True),
    "spike": _spike,
    "flatness": _flatness,
    "noise": _noise,
    "late": _late,
    "sparse": _sparse,
}
