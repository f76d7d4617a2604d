"""Programs for tests: random walks of mutations from a few zoo texts."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dsl.fixed_loss import constraint
from dsl.load import load
from dsl.needs import oracles as asked
from dsl.program import Program, calls
from dsl.zoo import programs
from primitives import NOISE, TABLE
from search.mutate import propose
from search.vocabulary import QUICK


def _draws(program: Program) -> bool:
    return any(TABLE[call.op].scope == NOISE for call in calls(program.body))


# Those of the zoo that ask for nothing beside the gradient and draw no noise: they run everywhere.
SILENT = tuple(
    name
    for name, program in programs()
    if not (asked(program) or _draws(program) or "loss" in program.inputs)
)
# Those that ask for nothing beside the gradient and draw noise.
NOISY = tuple(
    name
    for name, program in programs()
    if _draws(program) and not asked(program) and "loss" not in program.inputs
)
STARTS = ("sgd", "momentum_sgd", "adamw", "lion", "signum")


@cache
def start(name: str) -> Program:
    """Returns the program of a zoo name or expression."""
    return load(name)


def oracles(t: int, w: list[np.ndarray]) -> dict[str, Callable]:
    """What the loss below answers in NumPy, at any step, with the parameters at w."""
    del t
    return {
        "loss_at": lambda x: sum(float(np.sum(a * a / 2 + np.cos(a))) for a in x),
        "grad_at": lambda x: [a - np.sin(a) for a in x],
        "hvp": lambda x: [(1 - np.cos(a)) * b for a, b in zip(w, x, strict=True)],
        "third": lambda x: sum(
            float(np.sum(np.sin(a) * b**3)) for a, b in zip(w, x, strict=True)
        ),
        "full_grad": lambda x: [a - np.sin(a) for a in x],
        "half_grad": lambda x: [a - np.sin(a) for a in x],
        "aux_loss": lambda x: sum(float(np.sum(a * a / 2 + np.cos(a))) for a in x),
        "aux_grad": lambda x: [a - np.sin(a) for a in x],
        "aux_hvp": lambda x: [(1 - np.cos(a)) * b for a, b in zip(w, x, strict=True)],
        **constraint(np),
    }


def real_loss(params: Any) -> Any:
    """The loss of `oracles` as a function of a pytree."""
    return sum((a * a / 2 + jnp.cos(a)).sum() for a in jax.tree.leaves(params))


def answered() -> dict[str, Callable]:
    """What `update` takes to answer as `oracles` does, on any pytree."""

    def on_trees(function: Callable) -> Callable:
        def answer(*points: Any) -> Any:
            form = jax.tree.structure(points[0])
            return form.unflatten(function(*map(jax.tree.leaves, points)))

        return answer

    names = ("value_fn", "full_value_fn", "half_value_fn", "aux_value_fn")
    losses = dict.fromkeys(names, real_loss)
    return {**losses, **{name: on_trees(one) for name, one in constraint(jnp).items()}}


@cache
def walk(count: int, seed: int = 0, least: int = 6, most: int = 20) -> tuple[Program, ...]:
    """Returns children of `least` to `most` calls, each a few mutations away from the starts."""
    rng = random.Random(seed)
    pool = [start(name) for name in STARTS] * 8
    found: list[Program] = []
    while len(found) < count:
        child, _ = propose(rng.choice(pool), rng, QUICK)
        if least <= len(child.body) <= most:
            pool[rng.randrange(len(pool))] = child
            found.append(child)
    return tuple(found)
