"""The record of a primitive: its name, its meaning, its algebra and its cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Array = Any  # a NumPy or a JAX array, or a Python number

# What a meaning is applied to.
ELEMENTWISE = "elementwise"  # entry by entry; arguments broadcast
LEAF = "leaf"  # one whole array of one parameter at a time
MODEL = "model"  # the arrays of all parameters at once, as a list; gives one number
ORACLE = "oracle"  # the same, asked of the task; gives one number or an array for each parameter
NOISE = "noise"  # drawn as large as the argument, whose entries do not matter


@dataclass(frozen=True, slots=True)
class Primitive:
    """A function that a program may call.

    meaning(xp, *args, **options) takes the array namespace first (`numpy` or `jax.numpy`), so that
    one definition serves proposals, keys, lowered programs and populations. With scope "leaf" the
    arguments are the arrays of one parameter; with scope "model" each is the list of all of them.
    """

    name: str
    meaning: Callable[..., Array]
    arity: int
    scope: str = ELEMENTWISE
    result: str = "join"  # how the kind follows, a key of `primitives.rules.RULES`
    variadic: bool = False  # takes `arity` arguments or more
    options: tuple[str, ...] = ()  # keyword options it accepts
    context: tuple[str, ...] = ()  # keywords that whoever runs it adds: "out", "role", "short"
    commutative: bool = False
    operator: str = ""  # how it is written between its arguments
    flops: float = 1.0  # operations an entry
    gradients: float = 0.0  # evaluations of the gradient that it costs
    doc: str = ""  # one sentence
