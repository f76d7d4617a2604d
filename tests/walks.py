"""Programs for tests: random walks of mutations from a few zoo texts."""

from __future__ import annotations

import random
from functools import cache

from dsl.load import load
from dsl.program import Program
from search.mutate import propose
from search.vocabulary import QUICK

STARTS = ("sgd", "momentum_sgd", "adamw", "lion", "signum")


@cache
def start(name: str) -> Program:
    """Returns the program of a zoo name or expression."""
    return load(name)


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
