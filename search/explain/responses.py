"""How long a rule remembers, how fast it turns, and how much noise it lets through."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dsl.facts import Facts
from dsl.program import calls
from dsl.written import expression

from .seen import COUNTED, STEPS, Arrays, Fact, Seen, apart

LONG = 120  # steps of a run that is to show noise
MEAN, DEVIATION = 0.3, 1.0  # of the gradients there
FELT = 1e-3  # the share of a step that counts


def averages(seen: Seen) -> Fact:
    """The states that are moving averages: of what, and after how many steps half is forgotten."""
    program, facts = seen.program, Facts(seen.program)
    results, found, said = dict(program.results), {}, []
    for call in calls(program.body):
        for state in program.states:
            if call.op != "lerp" or results[state.name] != call.out or call.args[0] != state.name:
                continue
            rate = facts.value(call.args[2])
            if rate is not None and 0 < rate < 1:
                half = math.log(0.5) / math.log1p(-rate)
                found[state.name] = rate
                what = expression(call.args[1], facts.definitions)
                said.append(f"{state.name} averages {what}, of which half is forgotten in"
                            f" {half:.3g} steps")  # fmt: skip
    text = "; ".join(said) + "." if said else "None of its states is a plain moving average."
    return Fact("averages", found, text, COUNTED)


def memory(seen: Seen) -> Fact:
    """The last step, of STEPS, at which the first gradient is felt."""
    other = [list(step) for step in seen.gradients]
    other[0] = [-g for g in other[0]]
    here, there = seen.updates(start=seen.small), seen.updates(other, seen.small)
    felt = [apart([a], [b]) for a, b in zip(here, there, strict=True)]
    last = max((i for i, share in enumerate(felt) if share > FELT), default=0)
    if last == 0:
        return Fact("memory_steps", 0, "The last gradient alone gives an update its direction.")
    end = "the end of the probe" if last == STEPS - 1 else f"step {last + 1}"
    return Fact("memory_steps", last, f"The first gradient is still felt at {end}.")


def turn(seen: Seen) -> Fact:
    """After how many steps of a gradient that has turned around the update turns too."""
    ones = [[np.ones_like(g) for g in step] for step in seen.gradients]
    steps = [*ones, *[[-g for g in step] for step in ones * 3]]
    updates = seen.updates(steps, seen.small)
    signs = [float(np.sign(np.sum(step[1]))) for step in updates]
    before = signs[STEPS - 1]
    turned = next((k for k, sign in enumerate(signs[STEPS:]) if sign == -before), None)
    if turned is None or before == 0:
        return Fact("turn_steps", None, "It does not turn where a gradient turns around.")
    said = "at once" if turned == 0 else f"{turned} step{'s' * (turned > 1)} later"
    return Fact("turn_steps", turned, f"Where the gradient turns around, the update turns {said}.")


def noise(seen: Seen) -> Fact:
    """The share of the gradient's noise, relative to its mean, that is left in the updates."""
    rng = np.random.default_rng(4)
    steps = [
        [MEAN + DEVIATION * rng.normal(size=g.shape) for g in seen.gradients[0]]
        for _ in range(LONG)
    ]
    share = _unrest(seen.updates(steps, seen.small)) / _unrest(steps)
    if not np.isfinite(share):
        return Fact("noise", None, "What it leaves of the gradient's noise could not be measured.")
    return Fact("noise", share, f"It leaves {100 * share:.0f} % of the gradient's noise.")


def _unrest(steps: Sequence[Arrays]) -> float:
    """The deviation of entries over their mean, in the second half of a run."""
    late = np.array([step[0].ravel() for step in steps[LONG // 2 :]])
    with np.errstate(all="ignore"):
        return float(np.mean(np.std(late, axis=0)) / abs(np.mean(late)))
