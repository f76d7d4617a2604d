"""A model's parameters and a program's states, between pytrees and flat lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax.tree_util import keystr, tree_flatten_with_path

from .arguments import Roles, role_of
from .known import Settled
from .program import Program, State
from .settle import settle
from .shapes import Leaf


@dataclass(frozen=True)
class Model:
    """The parameters of a model and a program settled on them.

    dtypes: what each parameter is computed in; dtype: what numbers for the whole model are.
    """

    treedef: Any
    settled: Settled
    dtypes: tuple[Any, ...]
    dtype: Any

    def flat(self, tree: Any) -> list[jax.Array]:
        """Returns the arrays of a tree like the parameters, in the dtypes of the arithmetic."""
        arrays = self.treedef.flatten_up_to(tree)
        return [jnp.asarray(a, dtype) for a, dtype in zip(arrays, self.dtypes, strict=True)]

    def kept(self) -> list[State]:
        """Returns the states that at least one parameter stores."""
        return [s for s in self.settled.program.states if s.name in self.settled.stored]

    def packed(self, state: State, value: Any, narrow: Any = None) -> Any:
        """Returns a state as it is kept: a number, or a pytree like the parameters.

        narrow: the dtype of Tensor states between steps, if not that of the arithmetic.
        """
        if state.declared.kind == "Scalar":
            return value
        if narrow is not None and state.declared.kind == "Tensor":
            value = [None if a is None else a.astype(narrow) for a in value]
        return self.treedef.unflatten(value)

    def unpacked(self, state: State, value: Any) -> Any:
        """Undoes `packed`."""
        if state.declared.kind == "Scalar":
            return value
        pairs = zip(self.treedef.flatten_up_to(value), self.dtypes, strict=True)
        return [None if a is None else jnp.asarray(a, dtype) for a, dtype in pairs]


def model_of(
    program: Program, params: Any, roles: Roles, out: int, per_leaf: frozenset[str]
) -> Model:
    """Settles a program on the parameters of a pytree; raises TypeError unless all are real."""
    pairs, treedef = tree_flatten_with_path(params)
    named = [(keystr(path, simple=True, separator="/"), array) for path, array in pairs]
    dtypes = tuple(_arithmetic(path, array) for path, array in named)
    leaves = tuple(
        Leaf(jnp.shape(array), role_of(roles, path, array), _output(out, jnp.ndim(array)))
        for path, array in named
    )
    settled = settle(program, leaves, per_leaf)
    return Model(treedef, settled, dtypes, jnp.result_type(jnp.float32, *dtypes))


def _output(out: int, ndim: int) -> int:
    """Returns the output axis, the last where a parameter lacks the one that was asked for."""
    return out if -ndim <= out < ndim else -1


def _arithmetic(path: str, array: Any) -> Any:
    """Returns the dtype to compute in: float32, or that of the parameter if wider."""
    dtype = jnp.result_type(array)
    if not jnp.issubdtype(dtype, jnp.floating):
        raise TypeError(f"expected parameters of a real dtype, not {dtype} at {path or 'the root'}")
    return jnp.promote_types(jnp.float32, dtype)
