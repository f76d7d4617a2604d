"""Noise: numbers that depend on the seed, the step, the parameter and the stream, and on no state.

The bits are those of Threefry-2x32 with 20 rounds (Salmon et al., 2011, Parallel Random Numbers: As
Easy as 1, 2, 3), in whole numbers only, so NumPy and JAX draw the same. Whoever runs a program adds
`key`: seed, step and the number of the parameter, -1 for a number of the whole model.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import ModuleType

import numpy as np

from .core import NOISE, Array, Primitive

Key = tuple[Array, Array, int]
MAX_STREAM = 2**15  # streams are numbered below it
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)


def threefry(xp: ModuleType, key: tuple[Array, Array], counter: tuple[Array, Array]) -> list[Array]:
    """Returns two arrays of random bits for two arrays of counters, all of them uint32."""
    keys = (*key, key[0] ^ key[1] ^ _PARITY)
    x, y = counter[0] + keys[0], counter[1] + keys[1]
    for turn in range(5):
        for rotation in _ROTATIONS[turn % 2]:
            x = x + y
            y = ((y << np.uint32(rotation)) | (y >> np.uint32(32 - rotation))) ^ x
        x = x + keys[(turn + 1) % 3]
        y = y + keys[(turn + 2) % 3] + np.uint32(turn + 1)
    return [xp.asarray(x), xp.asarray(y)]


def _word(xp: ModuleType, number: Array) -> Array:
    """Returns a number modulo 2**32, as an array with one entry."""
    if isinstance(number, int):
        number = np.uint32(number % 2**32)
    return xp.reshape(xp.asarray(number).astype(np.uint32), (1,))


def _bits(xp: ModuleType, x: Array, stream: int, key: Key) -> list[Array]:
    """Returns two arrays of 24 random bits in the shape of x."""
    made = (_drawn_before if xp is np else _drawn)(xp, math.prod(x.shape), stream, key)
    return [xp.reshape(bits >> np.uint32(8), x.shape).astype(x.dtype) for bits in made]


def _drawn(xp: ModuleType, size: int, stream: int, key: Key) -> list[Array]:
    seed, step, place = key
    count = xp.arange(size, dtype=np.uint32)
    which = xp.zeros_like(count) + np.uint32((stream << 16) + place + 1)
    return threefry(xp, (_word(xp, seed), _word(xp, step)), (count, which))


_drawn_before = lru_cache(maxsize=512)(_drawn)  # programs are compared on the same noise


def normal(xp: ModuleType, x: Array, *, stream: int, key: Key) -> Array:
    """Box and Muller's method, 1958."""
    a, b = _bits(xp, x, stream, key)
    return xp.sqrt(-2 * xp.log((a + 0.5) * 2.0**-24)) * xp.cos(2 * math.pi * 2.0**-24 * b)


def uniform(xp: ModuleType, x: Array, *, stream: int, key: Key) -> Array:
    return _bits(xp, x, stream, key)[0] * 2.0**-24


def rademacher(xp: ModuleType, x: Array, *, stream: int, key: Key) -> Array:
    return xp.where(_bits(xp, x, stream, key)[0] < 2.0**23, -1.0, 1.0).astype(x.dtype)


PRIMITIVES = (
    Primitive(
        "normal", normal, 1, NOISE, "like", options=("stream",), flops=40.0,
        doc="Normal noise of mean 0 and deviation 1, as large as x; new at each step.",
    ),
    Primitive(
        "uniform", uniform, 1, NOISE, "like", options=("stream",), flops=30.0,
        doc="Uniform noise from 0 to 1, as large as x; new at each step.",
    ),
    Primitive(
        "rademacher", rademacher, 1, NOISE, "like", options=("stream",), flops=30.0,
        doc="Noise of -1 and 1 with equal chances, as large as x; new at each step.",
    ),
)  # fmt: skip
