"""What a lowered program may ask of the task, out of functions of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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
    "third": "value_fn",
    "full_grad": "full_value_fn",
    "half_grad": "half_value_fn",
    "aux_loss": "aux_value_fn",
    "aux_grad": "aux_value_fn",
    "aux_hvp": "aux_value_fn",
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
    dtypes = [leaf.dtype for leaf in jax.tree.leaves(params)]

    def tree(point: list[jax.Array]) -> Any:
        leaves = [jnp.asarray(x, dtype) for x, dtype in zip(point, dtypes, strict=True)]
        return model.treedef.unflatten(leaves)

    def answer(oracle: str) -> Callable[..., Any]:
        function: Any = given[ANSWERED_BY[oracle]]
        match oracle.removeprefix("aux_"):
            case "loss" | "loss_at":
                return lambda point: jnp.asarray(function(tree(point)), model.dtype)
            case "grad" | "grad_at" | "full_grad" | "half_grad":
                return lambda point: model.flat(jax.grad(function)(tree(point)))
            case "hvp":
                return lambda way: model.flat(_along(jax.grad(function), params, tree(way)))
            case "third":
                return lambda way: jnp.asarray(_third(function, params, tree(way)), model.dtype)
        return lambda *points: model.flat(function(*map(tree, points)))

    return {oracle: answer(oracle) for oracle in asked}


def _along(function: Callable[[Any], Any], point: Any, way: Any) -> Any:
    """Returns the derivative of a function at a point along a way, both trees."""
    return jax.jvp(function, (point,), (way,))[1]


def _third(function: Callable[[Any], Any], point: Any, way: Any) -> Any:
    slope = partial(_along, function, way=way)
    curve = partial(_along, slope, way=way)
    return _along(curve, point, way)
