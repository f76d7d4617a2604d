"""What a lowered program may ask of the task, out of functions of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from .errors import ProgramError
from .needs import oracles
from .trees import Model

# Which argument of `update` answers each oracle.
ANSWERED_BY = {
    "grad_at": "value_fn",
    "loss_at": "value_fn",
    "hvp": "value_fn",
    "full_grad": "full_value_fn",
    "project": "project",
    "prox": "prox",
    "lmo": "lmo",
}


def answers(
    model: Model, name: str, params: Any, given: Mapping[str, Any]
) -> Mapping[str, Callable[..., Any]]:
    """Returns the oracles of a step by name; a point is a list with an array for each parameter.

    given: what `update` was given, by the names of ANSWERED_BY: losses are functions of a tree like
    the parameters, the others take such trees and return one. Raises ProgramError if the program
    called `name` asks an oracle that nothing given answers.
    """
    asked = oracles(model.settled.program)
    if not asked:
        return {}
    for oracle in asked:
        if params is None or given.get(ANSWERED_BY[oracle]) is None:
            argument = ANSWERED_BY[oracle]
            raise ProgramError(f"{name} asks for {oracle}: pass params and {argument}= to update")
    value_fn, full_value_fn = given.get("value_fn"), given.get("full_value_fn")
    dtypes = [leaf.dtype for leaf in jax.tree.leaves(params)]

    def tree(point: list[jax.Array]) -> Any:
        leaves = [jnp.asarray(x, dtype) for x, dtype in zip(point, dtypes, strict=True)]
        return model.treedef.unflatten(leaves)

    def hvp(vector: list[jax.Array]) -> list[jax.Array]:
        return model.flat(jax.jvp(jax.grad(value_fn), (params,), (tree(vector),))[1])  # type: ignore[arg-type]

    def constraint(name: str) -> Callable[..., Any]:
        return lambda *points: model.flat(given[name](*map(tree, points)))

    return {
        "grad_at": lambda point: model.flat(jax.grad(value_fn)(tree(point))),  # type: ignore[arg-type]
        "loss_at": lambda point: jnp.asarray(value_fn(tree(point)), model.dtype),  # type: ignore[misc]
        "hvp": hvp,
        "full_grad": lambda point: model.flat(jax.grad(full_value_fn)(tree(point))),  # type: ignore[arg-type]
        **{name: constraint(name) for name in ("project", "prox", "lmo")},
    }
