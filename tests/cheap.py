"""A cheap language and a cheap trainer: programs are numbers, training is arithmetic.

`trained` writes every program that it trains to the file named by CHEAP_LOG, so that a test can
tell what was trained in which life of a search, and by which process.
"""

from __future__ import annotations

import math
import os
import random
import signal
import time
from collections.abc import Sequence

from search.breed import NO_DESCENT, NOT_FINITE, Breeder, Keys, Unfit
from search.config import Config, Rung
from search.records import Row, Rows, Unit

POISON = "666"  # the program that ends whoever trains it


def propose(program: str, rng: random.Random) -> tuple[str, str]:
    """Adds a little to a number: many children are duplicates, and some are not finite."""
    step = rng.randint(-400, 600)
    return str(int(program) + step), "up" if step > 0 else "down"


def marks(program: str) -> tuple[str, str]:
    return f"c{program}", f"s{int(program) // 100}"


def keys(program: str, marks: tuple[str, str]) -> Keys | Unfit:
    number = int(program)
    if number % 17 == 0:
        return NOT_FINITE
    if number % 19 == 0:
        return NO_DESCENT
    behaviour = f"b{number // 2}"  # pairs of programs do the same
    return Keys(*marks, behaviour, 1 + number % 9, 4.0 * (number % 3))


BREEDER = Breeder(propose, str, str, str, marks, keys)


def speedup(program: str, task: str, seed: int, rate: float) -> float:
    """A smooth hill with a peak at 30000, best at a rate near 1, with a little noise by seed."""
    number = int(program)
    noise = random.Random(f"{program}/{task}/{seed}").gauss(0, 0.02)
    hill = -abs(number - 30000) / 10000 - 0.1 * (rate - 1) ** 2
    return math.exp(hill + noise) if number >= 0 else 0.0


def measured(program: str, multiplier: float, task: str, unit: Unit) -> Row:
    rates = [multiplier + offset for offset in unit.rates]
    table = [[speedup(program, task, seed, rate) for seed in unit.seeds] for rate in rates]
    best = max(range(len(rates)), key=lambda place: sum(table[place]))
    if min(table[best]) <= 0:
        return Row(task, "diverged", seeds=unit.seeds)
    mean = math.exp(sum(map(math.log, table[best])) / len(unit.seeds))
    losses = tuple(tuple(1 / value for value in line) for line in table)
    return Row(
        task, "ok", mean, tuple(table[best]), False, rates[best], tuple(rates), unit.seeds, losses,
        losses, (), 0.001, str(os.getpid()),
    )  # fmt: skip


def train(unit: Unit) -> Sequence[Rows]:
    return [
        tuple(measured(program, multiplier, task, unit) for task in unit.tasks)
        for program, multiplier in zip(unit.programs, unit.multipliers, strict=True)
    ]


def trained(unit: Unit) -> Sequence[Rows]:
    """Trains slowly enough to be killed, and tells the file CHEAP_LOG about it first."""
    with open(os.environ["CHEAP_LOG"], "a") as log:
        log.write("".join(f"{os.getpid()} {unit.rung} {name}\n" for name in unit.programs))
    time.sleep(float(os.environ.get("CHEAP_SECONDS", "0.02")))
    return train(unit)


def deadly(unit: Unit) -> Sequence[Rows]:
    """Dies like a crashed worker when it meets the poison."""
    if POISON in unit.programs:
        os.kill(os.getpid(), signal.SIGKILL)
    return train(unit)


def config(**fields: object) -> Config:
    """A small search: two rungs, unseen tasks, four batches under way."""
    first = Rung(
        name="first", tasks=("a", "b"), rates=(-0.5, 0.5), seeds=(0, 4, 5),
        seeds_a_batch=1, unit=8, promote=0.1, window=20,
    )  # fmt: skip
    second = Rung(
        name="second", tasks=("a", "b", "c"), rates=(-1.0, 0.0, 1.0), seeds=(1, 2, 3), unit=2
    )
    unseen = Rung(name="unseen", tasks=("d",), rates=(0.0,), seeds=(9,), unit=1)
    given = {
        "start": ("10010",), "seed": 3, "workers": 0, "population": 40, "tournament": 6,
        "batch": 16, "lag": 4, "rungs": (first, second), "unseen": unseen, "exam": None,
    }  # fmt: skip
    if "minutes" not in fields:
        given["programs"] = 400
    return Config(**{**given, **fields})
