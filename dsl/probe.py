"""What a program does in twelve steps on a small fixed model: its behavioural key, and whether it
descends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from .fixed_loss import (
    LAYOUT,
    START,
    STEPS,
    constraint,
    curvature,
    full_gradient,
    gradient,
    loss,
    third,
)
from .flat import LIMIT, NotFinite, NotFlat, flat, run
from .frame import Frame, choose_now
from .initial import initial
from .program import Program
from .run import step
from .settle import settle
from .shapes import Leaf

RATE = 0.01  # the learning rate of the probe
# Those of further tries, for updates so large that the loss grew without bound.
SLOWER = (1e-6, 1e-12)
_DIGITS = 2.0**20  # values are told apart by six digits
_NOTHING = 1e-12  # of the largest entry of an update: what is left of numbers that cancel

Path = list[tuple[np.ndarray, np.ndarray, Any]]  # gradient, update, point of evaluation


@dataclass(frozen=True, slots=True)
class Probe:
    """What was seen.

    key: None where an update is not finite, or where a program has an `if` on a number that took
    one side only. cosine: of update and gradient, the mean over the steps.
    """

    key: str | None
    finite: bool
    moved: bool
    cosine: float
    max_update_rms: float  # at learning rate `rate`
    rate: float = RATE
    reason: str = ""

    @property
    def descends(self) -> bool:
        """Whether the updates point down the gradient on the whole."""
        return self.cosine > 0


NOT_FINITE = Probe(None, False, False, 0.0, float("nan"), reason="not finite")


def behavioural_key(program: Program) -> str | None:
    """Returns 32 hexadecimal digits, equal for programs that do the same on the probe.

    The same to six digits, that is. None where there are none, see `Probe`.
    """
    return probe(program).key


def probe(program: Program) -> Probe:
    """Runs twelve steps in NumPy, in double precision, at the defaults of the hyperparameters."""
    for rate in (RATE, *SLOWER):
        try:
            with np.errstate(all="ignore"):
                path, switched = _path(program, rate)
        except NotFinite as error:
            if not error.grew:
                break
        else:
            return _seen(path, rate, switched)
    return NOT_FINITE


def _path(program: Program, rate: float) -> tuple[Path, bool]:
    """Returns the path, and whether every `if` on a number switched; may raise NotFinite."""
    try:
        compiled = flat(program, LAYOUT, START, STEPS, rate)
    except NotFlat:
        return _interpreted(program, rate)
    return run(compiled, START, STEPS, gradient, loss), True


def _seen(path: Path, rate: float, switched: bool) -> Probe:
    gradients, updates = _rows([g for g, _, _ in path]), _rows([u for _, u, _ in path])
    lengths = np.sqrt(np.einsum("ti,ti->t", updates, updates))
    scale = lengths * np.sqrt(np.einsum("ti,ti->t", gradients, gradients))
    products = np.einsum("ti,ti->t", updates, gradients)
    cosine = float((products / np.where(scale == 0, 1, scale)).mean())
    largest = float(lengths.max())
    return Probe(
        _key(updates, path, rate) if switched else None,
        True,
        largest > 0,
        cosine,
        largest / LAYOUT.size**0.5,
        rate,
        "" if switched else "an `if` took one side only",
    )


def _key(updates: np.ndarray, path: Path, rate: float) -> str:
    digest = hashlib.blake2b(_rounded(updates), digest_size=16)
    if rate != RATE:
        digest.update(repr(rate).encode())
    if path[0][2] is not None:
        digest.update(_rounded(_rows([point for _, _, point in path])))
    return digest.hexdigest()


def _rows(vectors: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(vectors).reshape(len(vectors), -1)  # sooner done than np.array


def _rounded(rows: np.ndarray) -> bytes:
    """Returns the rows to six significant digits, entry by entry."""
    size = np.abs(rows)
    kept = np.where(size > _NOTHING * size.max(axis=1, keepdims=True), rows, 0.0)
    mantissa, exponent = np.frexp(kept)
    digits = np.rint(mantissa * _DIGITS).astype(np.int64)
    return (digits + (exponent.astype(np.int64) << 32)).tobytes()


def _interpreted(program: Program, rate: float) -> tuple[Path, bool]:
    """Runs a program with regions, matrices or axes by the reference interpreter."""
    leaves = tuple(Leaf(shape) for shape in LAYOUT.shapes)
    choices: list[list[bool]] = []

    def choose(condition: Any, then: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
        choices[-1].append(bool(condition))
        return choose_now(condition, then, orelse)

    blank = Frame(
        np, settle(program, leaves), (np.float64,) * len(leaves), np.float64, choose=choose
    )
    fixed: dict[str, Any] = {item.name: item.default for item in program.hyperparameters}
    fixed |= {"T": float(STEPS), "lr": rate}
    w, states, path = START, None, []
    for t in range(1, STEPS + 1):
        choices.append([])
        g = gradient(t, w)
        names = fixed | {"w": LAYOUT.split(w), "g": LAYOUT.split(g), "t": np.float64(t)}
        names["loss"] = np.float64(loss(t, w))
        if states is None:
            first = replace(blank, env=dict(names))
            stored = [s for s in program.states if s.name in blank.settled.stored]
            states = {state.name: initial(first, state) for state in stored}
        states, update = step(replace(blank, env={**names, **states}, oracles=_oracles(t, w)))
        moved = LAYOUT.join(np, update)
        if not moved.dot(moved) < LIMIT:
            raise NotFinite(moved, w)
        w = w - moved
        path.append((g, moved, None))
    return path, _switched(choices) and "w_eval" not in dict(program.results)


def _oracles(t: int, w: np.ndarray) -> dict[str, Callable[[list[np.ndarray]], Any]]:
    """What the fixed loss of step t answers, with the parameters at w."""
    split, join = LAYOUT.split, partial(LAYOUT.join, np)
    later = t % STEPS + 1  # the step whose loss stands for the task's second one
    return {
        "grad_at": lambda x: split(gradient(t, join(x))),
        "loss_at": lambda x: np.float64(loss(t, join(x))),
        "hvp": lambda x: split(curvature(t, w, join(x))),
        "third": lambda x: np.float64(third(t, w, join(x))),
        "full_grad": lambda x: split(full_gradient(join(x))),
        "half_grad": lambda x: split(gradient(t, join(x)) + gradient(later, join(x)) / 2),
        "aux_loss": lambda x: np.float64(loss(later, join(x))),
        "aux_grad": lambda x: split(gradient(later, join(x))),
        "aux_hvp": lambda x: split(curvature(later, w, join(x))),
        **constraint(np),
    }


def _switched(choices: list[list[bool]]) -> bool:
    """Whether every choice of a step went both ways in some steps."""
    width = max(map(len, choices))
    columns = [{row[k] for row in choices if k < len(row)} for k in range(width)]
    return all(len(column) == 2 for column in columns)
