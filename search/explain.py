"""Facts about a rule, measured on a small fixed model: what it feels, keeps and is bounded by."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dsl import Program, flops, state_bytes
from dsl.simulate import simulate

STEPS = 12
RATE = 0.01
SAME = 1e-6  # relative distance of updates that count as equal
SHAPES = ((5, 4), (4,), (3, 3))

Arrays = list[np.ndarray]


@dataclass(frozen=True)
class Fact:
    """One property: its name for scripts, its value, and the sentence that people read."""

    name: str
    value: bool | float | str
    sentence: str


def explain(program: Program) -> list[Fact]:
    """Returns what can be seen of a program without training: a fact a row."""
    rng = np.random.default_rng(0)
    start = [rng.normal(size=shape) for shape in SHAPES]
    gradients = [[0.3 + rng.normal(size=shape) for shape in SHAPES] for _ in range(STEPS)]
    seen = _Seen(program, start, gradients)
    return [
        _cost(program),
        _gradient_scale(seen),
        _sign_of_gradient(seen),
        _parameter_scale(seen),
        _bounded(seen),
        _memory(seen),
        _decay(seen),
        _coupling(seen),
        _time(program),
    ]


@dataclass(frozen=True)
class _Seen:
    program: Program
    start: Arrays
    gradients: list[Arrays]

    def updates(
        self,
        gradients: list[Arrays] | None = None,
        start: Arrays | None = None,
    ) -> list[Arrays]:
        """The update of every step, with other gradients or another start if given."""
        first = self.start if start is None else start
        path = [first, *simulate(self.program, first, gradients or self.gradients, lr=RATE)]
        return [
            [before - after for before, after in zip(a, b, strict=True)]
            for a, b in itertools.pairwise(path)
        ]

    def mapped(self, change: Callable[[np.ndarray], np.ndarray]) -> list[Arrays]:
        return [[change(g) for g in step] for step in self.gradients]


def _apart(a: list[Arrays], b: list[Arrays]) -> float:
    """The largest distance of two lists of updates, relative to the largest entry."""
    flat_a, flat_b = (np.concatenate([x.ravel() for s in each for x in s]) for each in (a, b))
    size = max(np.max(np.abs(flat_a)), np.max(np.abs(flat_b)), 1e-300)
    return float(np.max(np.abs(flat_a - flat_b)) / size)


def _cost(program: Program) -> Fact:
    size, work = state_bytes(program), flops(program)
    text = f"It keeps {size:g} bytes of state and does {work:.3g} operations for each parameter."
    return Fact("state_bytes_per_parameter", size, text)


def _gradient_scale(seen: _Seen) -> Fact:
    invariant = _apart(seen.updates(), seen.updates(seen.mapped(lambda g: 100 * g))) < 1e-3
    text = "The scale of the gradient {}matter{}."
    filled = text.format("does not ", "") if invariant else text.format("", "s")
    return Fact("invariant_to_gradient_scale", invariant, filled)


def _sign_of_gradient(seen: _Seen) -> Fact:
    there = seen.updates(start=[0 * w for w in seen.start])
    back = seen.updates(seen.mapped(np.negative), [0 * w for w in seen.start])
    odd = _apart(there, [[-u for u in step] for step in back]) < SAME
    text = "Turning every gradient around turns every update around."
    other = "Turning every gradient around does not turn the updates around."
    return Fact("odd", odd, text if odd else other)


def _parameter_scale(seen: _Seen) -> Fact:
    moved = _apart(seen.updates(), seen.updates(start=[10 * w for w in seen.start]))
    reads = moved > SAME
    text = "The update depends on the parameters themselves, not on the gradients alone."
    other = "The update does not read the parameters."
    return Fact("reads_parameters", reads, text if reads else other)


def _bounded(seen: _Seen) -> Fact:
    loud = seen.mapped(lambda g: g)
    loud[STEPS // 2] = [1e6 * g for g in loud[STEPS // 2]]
    sizes = [max(float(np.max(np.abs(u))) for u in step) / RATE for step in seen.updates(loud)]
    usual = max(sizes[: STEPS // 2])
    bounded = max(sizes) < 1e3 * max(usual, 1e-300)
    text = f"A gradient a million times too large moves a parameter by at most {max(sizes):.3g} lr."
    return Fact("bounded", bounded, text if bounded else "One huge gradient makes one huge update.")


def _memory(seen: _Seen) -> Fact:
    """The share of the first step's gradient that is still felt at the last one."""
    other = [list(step) for step in seen.gradients]
    other[0] = [-g for g in other[0]]
    still = [0 * w for w in seen.start]
    here, there = seen.updates(start=still), seen.updates(other, still)
    felt = [_apart([a], [b]) for a, b in zip(here, there, strict=True)]
    last = max((i for i, share in enumerate(felt) if share > 1e-3), default=0)
    if last == 0:
        return Fact("memory_steps", 0.0, "It has no memory: each step is of its own gradient.")
    end = "the end of the probe" if last == STEPS - 1 else f"step {last + 1}"
    return Fact("memory_steps", float(last), f"The first gradient is still felt at {end}.")


def _decay(seen: _Seen) -> Fact:
    """What happens to the parameters where there is no gradient."""
    quiet = [[0 * g for g in step] for step in seen.gradients]
    path = seen.updates(quiet)
    finite = all(np.all(np.isfinite(u)) for step in path for u in step)
    if not finite:
        return Fact("weight_decay", "undefined", "Without a gradient the update is not a number.")
    first = np.concatenate([u.ravel() for u in path[0]])
    w = np.concatenate([x.ravel() for x in seen.start])
    if np.max(np.abs(first)) == 0:
        return Fact("weight_decay", "none", "Without a gradient nothing moves: no weight decay.")
    rate = float(first @ w / (w @ w)) / RATE
    if np.max(np.abs(first - rate * RATE * w)) < SAME * np.max(np.abs(first)):
        text = f"Without a gradient the parameters shrink by {rate:.3g} lr a step: decoupled decay."
        return Fact("weight_decay", "decoupled", text)
    text = "Without a gradient the parameters move, but not in proportion to themselves."
    return Fact("weight_decay", "other", text)


def _coupling(seen: _Seen) -> Fact:
    """Whether an entry's update depends on other entries of its tensor, or on other tensors."""
    # At one step only: an adaptive rule would soon cancel a lasting factor.
    tensor, entry = ([list(step) for step in seen.gradients] for _ in range(2))
    tensor[1][0] = 3 * tensor[1][0]
    entry[1][0] = entry[1][0].copy()
    entry[1][0][0, 0] *= 3
    base = seen.updates()
    others = [[s[1], s[2]] for s in seen.updates(tensor)]
    if _apart([[s[1], s[2]] for s in base], others) > SAME:
        return Fact("coupling", "model", "All parameters of the model share a number.")
    same = [[s[0].ravel()[1:]] for s in seen.updates(entry)]
    if _apart([[s[0].ravel()[1:]] for s in base], same) > SAME:
        return Fact("coupling", "tensor", "The entries of a tensor act on each other.")
    return Fact("coupling", "none", "Every entry is on its own.")


def _time(program: Program) -> Fact:
    read = [name for name in ("t", "T") if name in program.inputs]
    names = {"t": "the number of the step", "T": "the length of the run"}
    if not read:
        return Fact("reads_time", "", "It reads neither the step nor the horizon.")
    return Fact("reads_time", ",".join(read), f"It reads {' and '.join(names[n] for n in read)}.")
