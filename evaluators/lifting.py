"""How far a lifted program and the transformation that it was lifted from are apart.

`python -m evaluators.lifting` prints a line for each function of optax in `ALIASES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import starmap
from typing import Any

import jax
import numpy as np
import optax

from dsl import Program
from dsl.lift import Lifted, lifted
from dsl.lower import lower
from dsl.recognition import recognized

from .conformance import NARROW, TOLERANCE, distance
from .following import follow
from .problems import OUTLIER, problem, rate

RATE = 0.05  # the first learning rate where the transformation is a function of it


def apart(transformation: Any, lifted: Lifted, asks: bool = False) -> float:
    """Returns how far the two are apart at most after any step, relative to the distance moved.

    On the fixed problem of five parameters and on the same with an outlier, in double precision.
    transformation: what was lifted; one that is a function of the learning rate is called with a
    schedule. asks: it needs a real loss.
    """
    given = [problem(outlier) for outlier in (None, OUTLIER)]
    with jax.enable_x64(True):
        theirs, lr = _at_a_rate(transformation, lifted)
        others = follow(theirs, given, asks)
        mine = follow(lower(lifted.program, lr), given, asks)
    return max(
        distance(other, own, one.start)
        for other, own, one in zip(others, mine, given, strict=True)
    )


def asks_for_loss(program: Program) -> bool:
    """Tells whether a program reads the loss."""
    return "loss" in program.inputs


def matches(error: float, lifted: Lifted) -> bool:
    """Tells whether a program does what it was lifted from, but for rounding."""
    return bool(np.isfinite(error)) and error <= (NARROW if lifted.narrow else TOLERANCE)


def _at_a_rate(transformation: Any, lifted: Lifted) -> tuple[Any, float | Callable[[Any], Any]]:
    if hasattr(transformation, "update"):
        return transformation, 1.0 if lifted.rate is None else lifted.rate
    if lifted.open_rate and lifted.rate is None:
        schedule = rate(RATE)
        return transformation(schedule), schedule
    made = transformation(RATE) if lifted.open_rate else transformation()
    return made, 1.0 if lifted.rate is None else lifted.rate


# What of optax is lifted: the function, its arguments beside the learning rate, and the known rule
# that the program is; "" if it is none as it is written.
ALIASES: tuple[tuple[str, Mapping[str, Any], str], ...] = (
    ("adabelief", {}, "adabelief"),
    ("adadelta", {}, "adadelta"),
    ("adagrad", {}, "adagrad_optax"),
    ("adam", {}, "adam"),
    ("adam", {"nesterov": True}, "nadam_optax"),
    ("adam", {"b1": 0.8, "b2": 0.95, "eps": 1e-4, "eps_root": 1e-3}, ""),
    ("adamw", {}, "adamw"),
    ("adamw", {"nesterov": True}, "nadamw"),
    ("adamax", {}, "adamax"),
    ("adamaxw", {}, "adamaxw"),
    ("adan", {}, ""),
    ("amsgrad", {}, "amsgrad_optax"),
    ("fromage", {}, ""),
    ("lamb", {}, ""),
    ("lars", {}, "lars"),
    ("lars", {"weight_decay": 0.1, "nesterov": True}, ""),
    ("lion", {}, "lion"),
    ("nadam", {}, "nadam_optax"),
    ("nadamw", {}, "nadamw"),
    ("novograd", {}, "novograd"),
    ("optimistic_adam_v2", {}, ""),
    ("optimistic_gradient_descent", {}, "optimistic_gd"),
    ("polyak_sgd", {}, ""),
    ("radam", {}, ""),
    ("rmsprop", {}, "rmsprop_optax"),
    ("rmsprop", {"eps_in_sqrt": False}, "rmsprop"),
    ("rmsprop", {"centered": True}, ""),
    ("rmsprop", {"momentum": 0.9}, ""),
    ("rmsprop", {"momentum": 0.9, "nesterov": True}, ""),
    ("rmsprop", {"bias_correction": True}, ""),
    ("rprop", {}, ""),
    ("sgd", {}, "sgd"),
    ("sgd", {"momentum": 0.9}, "momentum_sgd"),
    ("sgd", {"momentum": 0.9, "nesterov": True}, "nesterov_sgd"),
    ("sign_sgd", {}, "sign_sgd"),
    ("signum", {}, "signum"),
    ("yogi", {}, "yogi"),
    ("contrib.acprop", {}, "acprop"),
    ("contrib.ademamix", {}, "ademamix"),
    ("contrib.adopt", {}, ""),
    ("contrib.cocob", {}, ""),
    ("contrib.dadapt_adamw", {}, "dadapt_adam"),
    ("contrib.dog", {}, ""),
    ("contrib.dowg", {}, ""),
    ("contrib.madgrad", {}, ""),
    ("contrib.momo", {}, ""),
    ("contrib.momo_adam", {}, ""),
    ("contrib.prodigy", {}, ""),
    ("contrib.schedule_free_adamw", {}, ""),
    ("contrib.schedule_free_sgd", {}, ""),
    ("contrib.simplified_ademamix", {}, "simplified_ademamix"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One function of optax: the program, how far apart the two are, the known rule that it is."""

    label: str
    apart: float
    matches: bool
    known: str
    expected: str


def row(name: str, arguments: Mapping[str, Any], expected: str) -> Row:
    """Lifts a function of optax at a learning rate and measures the program."""
    transformation = made(name, arguments)
    found = lifted(transformation)
    error = apart(transformation, found, asks_for_loss(found.program))
    known = recognized(found.program)
    label = ", ".join([name, *(f"{key}={value}" for key, value in arguments.items())])
    return Row(label, error, matches(error, found), str(known or ""), expected)


def made(name: str, arguments: Mapping[str, Any]) -> Any:
    """Returns what a function of optax makes at a learning rate."""
    function: Any = reduce(getattr, name.split("."), optax)
    return function(RATE, **arguments)


if __name__ == "__main__":
    for one in starmap(row, ALIASES):
        said = "matches" if one.matches else "differs"
        print(f"{one.label:44}{said} {one.apart:8.1e}  {one.known or '-'}", flush=True)
