"""The presets: how much is trained in each rung, and for how long."""

from __future__ import annotations

from typing import Any

from evaluators import SUITES
from evaluators.budgets import FRESH_SEEDS

# Seeds: rungs, the unseen tasks and the exam share none, so a lucky seed is never quoted.
TINY = {
    "name": "first",
    "tasks": SUITES["tiny"],
    "rates": (-0.5, 0.5),
    "seeds": tuple(range(20, 36)),
    "seeds_a_batch": 1,
    "unit": 32,
    "promote": 0.03125,
    "window": 128,
}
SMALL = {
    "name": "second",
    "tasks": SUITES["quick"],
    "rates": (-1.0, 0.0, 1.0),
    "seeds": (1, 2),
    "unit": 5,
}
HELD_OUT = {
    "name": "unseen",
    "tasks": SUITES["unseen"],
    "rates": (-1.0, 0.0, 1.0),
    "seeds": (50, 51),
    "unit": 1,
}
EXAM = {
    "name": "exam",
    "tasks": SUITES["held_out"],  # beside those of the last rung
    "rates": (),  # swept as `evaluators.exam` says
    "seeds": FRESH_SEEDS,  # those that the stored baselines were measured on
    "unit": 1,
}

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {
        "minutes": 5.0,
        "rungs": (TINY, SMALL),
        "unseen": HELD_OUT,
        "exam": EXAM,
    },
    "standard": {
        "minutes": 60.0,
        "population": 400,
        "tournament": 25,
        "rungs": (
            TINY,
            {**SMALL, "promote": 0.0625, "window": 64},
            {**SMALL, "name": "third", "seeds": tuple(range(10, 18)), "unit": 1},
        ),
        "unseen": {**HELD_OUT, "seeds": (50, 51)},
        "exam": EXAM,
    },
    "deep": {
        "minutes": 720.0,
        "population": 1000,
        "tournament": 50,
        "rungs": (
            TINY,
            {**SMALL, "promote": 0.0625, "window": 64},
            {**SMALL, "name": "third", "seeds": tuple(range(10, 18)), "unit": 1},
        ),
        "unseen": {**HELD_OUT, "seeds": (50, 51, 52)},
        "exam": EXAM,
    },
}
