"""jax.numpy as programs see it: a square root with slope 0 at 0, and lazy choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


@jax.custom_jvp
def _sqrt(x: jax.Array) -> jax.Array:
    return jnp.sqrt(x)


@_sqrt.defjvp
def _sqrt_jvp(primals: tuple, tangents: tuple) -> tuple[jax.Array, jax.Array]:
    (x,), (dx,) = primals, tangents
    root = _sqrt(x)
    slope = jnp.where(x == 0, 0, 0.5 / jnp.where(x == 0, 1, root))
    return root, slope * dx


class _Numpy:
    """jax.numpy, but for a square root whose slope at 0 is 0."""

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)

    def sqrt(self, x: Any) -> jax.Array:
        return _sqrt(x)


NUMPY: Any = _Numpy()


def choose(condition: Any, then: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
    """Runs one side of an `if`, lazily even under jit."""
    if isinstance(condition, bool | int | float):
        return then() if condition else orelse()
    return jax.lax.cond(condition != 0, then, orelse)


def repeat(round_of: Callable[[Any], Any], start: Any, rounds: int) -> Any:
    """Applies a function to its own result, again and again; compiled once, differentiable."""
    return jax.lax.scan(lambda carry, _: (round_of(carry), None), start, length=rounds)[0]
