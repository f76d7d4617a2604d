"""What a lowered program may ask of the loss, out of one function of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from .errors import ProgramError
from .needs import oracles
from .trees import Model


def answers(
    model: Model, name: str, params: Any, value_fn: Callable[[Any], Any] | None
) -> Mapping[str, Callable[[list[jax.Array]], Any]]:
    """Returns the oracles of a step by name; a point is a list with an array for each parameter.

    value_fn: the loss on the batch of the step. Raises ProgramError if the program called `name`
    asks an oracle and there is no value_fn.
    """
    asked = oracles(model.settled.program)
    if not asked:
        return {}
    if value_fn is None or params is None:
        raise ProgramError(f"{name} asks for {asked[0]}: pass params and value_fn= to update")
    dtypes = [leaf.dtype for leaf in jax.tree.leaves(params)]

    def tree(point: list[jax.Array]) -> Any:
        leaves = [jnp.asarray(x, dtype) for x, dtype in zip(point, dtypes, strict=True)]
        return model.treedef.unflatten(leaves)

    def hvp(vector: list[jax.Array]) -> list[jax.Array]:
        return model.flat(jax.jvp(jax.grad(value_fn), (params,), (tree(vector),))[1])

    return {
        "grad_at": lambda point: model.flat(jax.grad(value_fn)(tree(point))),
        "loss_at": lambda point: jnp.asarray(value_fn(tree(point)), model.dtype),
        "hvp": hvp,
    }
