"""The fixed experiments that a fingerprint is taken from: what a rule does on chosen gradients."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from dsl import Program
from dsl.fixed_loss import constraint
from dsl.simulate import Oracles, simulate

from ..linear_loss import linear_loss

SHAPES = ((5, 4), (4,), (3, 3))
ENTRIES = sum(int(np.prod(shape)) for shape in SHAPES)
STEPS = 24
LONG, FADE, FAINT = 250, 80, 0.03  # steps of the long experiment; gradients fade after these
CHANGE = 8  # the step after which a constant gradient turns, grows or is pushed once
FEW = 8  # steps of experiments about a single push
RATE = 0.01
SMALL = 1e-6  # the size of a start whose weight decay is not felt
NUDGE = 2.0**-50
LOUD, JUMP, PUSH, SPIKE = 100.0, 10.0, 4.0, 50.0

Arrays = list[np.ndarray]
Answers = Callable[[int, Arrays], Oracles]


@dataclass(frozen=True)
class Experiment:
    """A start, gradients and what else a rule may read; `steps` of it are run.

    asks: gradients come from the surface of the loss.
    """

    start: Arrays
    gradients: list[Arrays]
    steps: int = STEPS
    rate: float = RATE
    seed: int = 0
    asks: bool = False
    offset: float = 0.0  # of the loss


@dataclass(frozen=True)
class Seen:
    """What a program did: the updates of each experiment, [steps, entries], and what it asked."""

    updates: Mapping[str, np.ndarray]
    asked: Mapping[str, float]  # how often a step, by oracle, both surfaces together


def observed(program: Program, nudge: int = 0) -> Seen:
    """Runs all experiments on a program, in NumPy, in double precision.

    nudge: which of the changes as small as rounding is made to the gradients; 0: none.
    """
    asked: Counter[str] = Counter()
    experiments = {name: _nudged(one, nudge) for name, one in LAB.experiments.items()}
    with np.errstate(all="ignore"):  # a rule may run away from the surface
        updates = {name: _run(program, one, asked) for name, one in experiments.items()}
    return Seen(updates, {name: count / STEPS for name, count in asked.items()})


def _nudged(one: Experiment, nudge: int) -> Experiment:
    if nudge == 0:
        return one
    draw = np.random.RandomState(nudge)
    # The same at every step: gradients that are all alike stay so.
    factors = [1 + NUDGE * draw.choice([-1, 1], size=shape) for shape in SHAPES]
    steps = [[x * f for x, f in zip(step, factors, strict=True)] for step in one.gradients]
    return replace(one, gradients=steps)


def _run(program: Program, one: Experiment, asked: Counter[str]) -> np.ndarray:
    count = itertools.count(1)
    answers = _surface(one, asked) if one.asks else _linear(one)
    path = simulate(
        program, one.start, one.gradients, lr=one.rate, oracles=answers, asks=one.asks,
        seed=one.seed, until=lambda ws: next(count) == one.steps,
    )  # fmt: skip
    flat = np.array([joined(ws) for ws in [one.start, *path]])
    return flat[:-1] - flat[1:]


def joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """All entries, one after another."""
    return np.concatenate([np.ravel(x) for x in arrays])


def split(entries: np.ndarray) -> Arrays:
    """The arrays of the model that have these entries."""
    sizes = [int(np.prod(shape)) for shape in SHAPES]
    pieces = np.split(entries, np.cumsum(sizes)[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, SHAPES, strict=True)]


def _linear(one: Experiment) -> Answers:
    return lambda t, w: linear_loss(one.gradients[t - 1], w)


def _surface(one: Experiment, asked: Counter[str]) -> Answers:
    """A bowl of unequal curvature that grows steeper, whose centre moves a little each step."""
    bowl = LAB.bowl

    def slope(x: Arrays, shift: np.ndarray) -> Arrays:
        d = joined(x) - shift
        return split(bowl * d + 0.1 * d**3)

    def height(x: Arrays, shift: np.ndarray) -> float:
        d = joined(x) - shift
        return one.offset + float(np.sum(bowl * d**2 / 2 + 0.1 * d**4 / 4))

    def answers(t: int, w: Arrays) -> Oracles:
        shift = joined(one.gradients[t - 1])
        centre = np.mean([joined(g) for g in one.gradients], axis=0)
        curve = bowl + 0.3 * (joined(w) - shift) ** 2
        told = {
            "grad_at": lambda x: slope(x, shift),
            "loss_at": lambda x: height(x, shift),
            "hvp": lambda x: split(curve * joined(x)),
            "third": lambda x: float(np.sum(0.6 * (joined(w) - shift) * joined(x) ** 3)),
            "full_grad": lambda x: slope(x, centre),
            "half_grad": lambda x: slope(x, 0.9 * shift),
            "aux_loss": lambda x: height(x, -centre),
            "aux_grad": lambda x: slope(x, -centre),
            "aux_hvp": lambda x: split(bowl * joined(x)),
            **constraint(np),
        }
        return {name: _counted(name, answer, asked) for name, answer in told.items()}

    return answers


def _counted(name: str, answer: Callable, asked: Counter[str]) -> Callable:
    def counting(*points: Any) -> Any:
        asked[name] += 1
        return answer(*points)

    return counting


class _Lab:
    """The numbers of all experiments, drawn once."""

    def __init__(self) -> None:
        # RandomState and not a newer generator: its numbers are the same in every NumPy.
        draw = np.random.RandomState(7)
        self.start = [draw.normal(size=shape) for shape in SHAPES]
        self.small = [SMALL * draw.normal(size=shape) for shape in SHAPES]
        self.noisy = _noisy(draw, STEPS)
        self.pattern, self.other = ([_pattern(draw, shape) for shape in SHAPES] for _ in range(2))
        self.scales = [10 ** draw.uniform(-1, 1, size=shape) for shape in SHAPES]
        self.bowl = np.exp(draw.uniform(-2, 1, size=ENTRIES))
        self.left = [np.linalg.qr(draw.normal(size=(s[0], s[0])))[0] for s in SHAPES]
        self.order = [draw.permutation(int(np.prod(shape))) for shape in SHAPES]
        self.rows = [draw.permutation(shape[0]) for shape in SHAPES]
        factors = [1.0 if step < FADE else FAINT for step in range(LONG)]
        self.many = _scaled(_noisy(draw, LONG), factors)
        self.gaps = [[x * (draw.uniform(size=x.shape) < 0.5) for x in g] for g in self.noisy]

    @cached_property
    def experiments(self) -> Mapping[str, Experiment]:
        calm = Experiment(self.small, self.noisy)
        usual = Experiment(self.start, self.noisy)
        return {
            "usual": usual,
            "calm": calm,
            "loud": replace(calm, gradients=_scaled(self.noisy, [LOUD] * STEPS)),
            "spike": replace(calm, gradients=_scaled(self.noisy, _once(SPIKE))),
            "entries": replace(calm, gradients=self._each(self.noisy, np.multiply, self.scales)),
            "large": replace(usual, start=[10 * w for w in self.start]),
            "fast": replace(calm, rate=10 * RATE),
            "quiet": replace(usual, gradients=_scaled(self.noisy, [0.0] * STEPS), steps=FEW),
            "turned": replace(
                calm, start=[-w for w in self.small],
                gradients=_scaled(self.noisy, [-1.0] * STEPS),
            ),
            "rotated": self._changed(calm, lambda x, k: self.left[k] @ x),
            "shuffled": self._changed(
                calm, lambda x, k: x.ravel()[self.order[k]].reshape(x.shape)
            ),
            "rows": self._changed(calm, lambda x, k: x[self.rows[k]]),
            "tensor": replace(calm, gradients=self._pushed(whole=True), steps=FEW),
            "entry": replace(calm, gradients=self._pushed(whole=False), steps=FEW),
            "longer": replace(usual, gradients=self.noisy * 2),
            "seed": replace(usual, seed=1),
            "flip": replace(usual, gradients=self._constant([1.0] * CHANGE + [-1.0] * 16)),
            "step": replace(
                usual, gradients=self._constant([1.0] * CHANGE + [JUMP] * 8 + [1 / JUMP] * 8)
            ),
            "impulse": replace(usual, gradients=self._impulse()),
            "surface": replace(usual, asks=True),
            "raised": replace(usual, asks=True, offset=100.0),
            "long": replace(calm, gradients=self.many, steps=LONG),
            "sparse": replace(calm, gradients=self.gaps),
        }  # fmt: skip

    def _each(self, steps: list[Arrays], function: Callable, others: Arrays) -> list[Arrays]:
        return [[function(a, b) for a, b in zip(step, others, strict=True)] for step in steps]

    def _changed(self, one: Experiment, change: Callable) -> Experiment:
        def each(step: Arrays) -> Arrays:
            return [change(x, k) for k, x in enumerate(step)]

        return replace(one, start=each(one.start), gradients=[each(g) for g in one.gradients])

    def _pushed(self, whole: bool) -> list[Arrays]:
        """The first tensor's gradient, or its first entry, three times as large at step 2."""
        steps = [[x.copy() for x in step] for step in self.noisy]
        if whole:
            steps[1][0] *= 3
        else:
            steps[1][0][0, 0] *= 3
        return steps

    def _constant(self, factors: list[float]) -> list[Arrays]:
        return [[f * x for x in self.pattern] for f in factors]

    def _impulse(self) -> list[Arrays]:
        steps = self._constant([1.0] * STEPS)
        pairs = zip(self.pattern, self.other, strict=True)
        steps[CHANGE] = [a + PUSH * b for a, b in pairs]
        return steps


def _pattern(draw: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Entries of either sign and of sizes around 1."""
    return draw.choice([-1.0, 1.0], size=shape) * np.exp(0.5 * draw.normal(size=shape))


def _noisy(draw: Any, steps: int) -> list[Arrays]:
    return [[0.3 + draw.normal(size=shape) for shape in SHAPES] for _ in range(steps)]


def _scaled(steps: list[Arrays], factors: list[float]) -> list[Arrays]:
    return [[f * x for x in step] for f, step in zip(factors, steps, strict=True)]


def _once(factor: float) -> list[float]:
    return [factor if step == CHANGE else 1.0 for step in range(STEPS)]


LAB = _Lab()
