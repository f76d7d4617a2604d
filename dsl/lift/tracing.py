"""Traces a transformation on a small model and reads what it computes into expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.tree_util import DictKey, GetAttrKey, tree_flatten_with_path

from primitives import TABLE

from ..names import INPUTS, is_free
from ..program import Declared
from .nodes import INPUT, STATE, Node, node
from .reading import NOISE, Reader, Unknown
from .unify import Leaves, Shape
from .values import PLACE, Dims, LiftError, Parts, Value

# Parameters of every number of axes but 0, no two of whose lengths are equal: what belongs to
# which parameter and axis can be told by its shape, sums of one from those of the whole model.
SHAPES = ((13,), (7, 11), (3, 5, 17))
WIDE = ((1300,), (700, 1100), (300, 500, 170))  # to see whether sizes alone change the rule
RATES = ("learning_rate", "lr")

Make = Callable[[Any], optax.GradientTransformation]  # from a learning rate


@dataclass(frozen=True)
class TracedState:
    """A state, the value that it begins with and the one that it has after a step."""

    name: str
    declared: Declared
    init: Node
    after: Node


@dataclass(frozen=True)
class Traced:
    """What a transformation adds to the parameters, and its states; narrow: it computes a part in
    single precision."""

    update: Node
    states: tuple[TracedState, ...]
    narrow: bool = False


@dataclass
class _Group:
    """The arrays of one state: of the model under the key None, else of each parameter."""

    name: str
    places: dict[int | None, int] = field(default_factory=dict)


def traced(make: Make, rated: bool, shapes: tuple[Shape, ...] = SHAPES) -> Traced:
    """Returns what the transformation computes; rated: its learning rate is an input, `lr`.

    Raises LiftError for what the language cannot say, or what differs between parameters.
    """
    try:
        with jax.enable_x64(True):
            return _Trace(make, rated, Leaves(shapes)).result()
    except LiftError as error:  # a place that is not known is not told
        raise LiftError(error.sentence.replace(PLACE, ".")) from None


class _Trace:
    """One traced transformation."""

    def __init__(self, make: Make, rated: bool, leaves: Leaves) -> None:
        self.make, self.leaves = make, leaves
        self.params = {f"parameter {k}": jax.ShapeDtypeStruct(shape, jnp.float64)
                       for k, shape in enumerate(leaves.shapes)}
        self.number = jax.ShapeDtypeStruct((), jnp.float64)
        self.rates = [self.number] if rated else []
        self.given = [Value(node(INPUT, detail="lr"))] if rated else []

    def transform(self, rate: Any) -> optax.GradientTransformationExtraArgs:
        made = self.make(rate)
        if not (hasattr(made, "init") and hasattr(made, "update")):
            raise LiftError(
                f"Expected an optax transformation, with init and update, not {made!r:.60}."
            )
        return optax.with_extra_args_support(made)

    def init(self, rate: Any, params: Any) -> Any:
        return self.transform(rate).init(params)

    def update(self, rate: Any, updates: Any, state: Any, params: Any, value: Any) -> Any:
        return self.transform(rate).update(updates, state, params, value=value)

    def result(self) -> Traced:
        first, held = self.jaxpr(self.init, self.params)
        arrays, tree = jax.tree.flatten(held)
        if not all(hasattr(array, "shape") for array in arrays):
            raise LiftError("Its state holds Python objects beside arrays.")
        step, (_, after) = self.jaxpr(self.update, self.params, held, self.params, self.number)
        if jax.tree.structure(after) != tree:
            raise LiftError("Its state has another structure after a step than before it.")
        groups = self.groups(held)
        reader = Reader(self.leaves)
        weights = self.arrays("w")
        begun = reader.read(first.jaxpr, first.consts, [*self.given, *weights])
        given = [*self.given, *self.arrays("g"), *self.states(groups, arrays), *weights]
        outs = reader.read(step.jaxpr, step.consts, [*given, Value(node(INPUT, detail="loss"))])
        count = len(self.params)
        update = self.one(outs[:count], "update")
        states = tuple(
            self.state(group, arrays, begun, outs[count:]) for group in groups
            if not isinstance(begun[next(iter(group.places.values()))], Unknown)
        )  # fmt: skip
        return Traced(update, states, reader.narrow)

    def jaxpr(self, function: Callable[..., Any], *args: Any) -> tuple[Any, Any]:
        """Returns the jaxpr of a function, and the tree of shapes that it gives."""
        try:
            asked = function if self.rates else partial(function, None)
            return jax.make_jaxpr(asked, return_shape=True)(*self.rates, *args)
        except LiftError:
            raise
        except Exception as error:
            raise LiftError(_explained(error)) from error

    def arrays(self, name: str) -> list[Value]:
        """The input `w` or `g`, of each parameter."""
        return [Value(node(INPUT, detail=name), _whole(shape), leaf)
                for leaf, shape in enumerate(self.leaves.shapes)]

    def groups(self, held: Any) -> list[_Group]:
        """Puts together the arrays that are one state of each parameter."""
        found: dict[tuple, _Group] = {}
        keys = list(self.params)
        for place, (path, _) in enumerate(tree_flatten_with_path(held)[0]):
            leaf = next((keys.index(entry.key) for entry in path
                         if isinstance(entry, DictKey) and entry.key in keys), None)
            rest = tuple(e for e in path if not (isinstance(e, DictKey) and e.key in keys))
            group = found.setdefault(rest, _Group(_name(rest)))
            group.places[leaf] = place
        for path, group in found.items():
            group.name = _free(group.name, [g.name for p, g in found.items() if p != path])
        return list(found.values())

    def states(self, groups: list[_Group], arrays: list[Any]) -> list[Any]:
        """What each array of the state is, in the order in which they are handed over."""
        values: dict[int, Any] = {}
        for group in groups:
            for leaf, place in group.places.items():
                values[place] = self.held(group.name, leaf, arrays[place])
        return [values[place] for place in range(len(arrays))]

    def held(self, name: str, leaf: int | None, array: Any) -> Any:
        one = node(STATE, detail=name)
        if jnp.issubdtype(array.dtype, jax.dtypes.prng_key):
            return Unknown(f"{NOISE} by hand.")
        if jnp.issubdtype(array.dtype, jnp.floating) and array.dtype.itemsize < 4:
            return Unknown(
                f"It keeps {name} in {array.dtype.name}: lift it in full precision, and pass"
                f' state_dtype="{array.dtype.name}" to lower.'
            )
        if leaf is None:
            known = Value(one) if not array.shape else None
        else:
            dims = _along(array.shape, self.leaves.shapes[leaf])
            known = None if dims is None else Value(one, dims, leaf)
        return known or Unknown(
            f"Its state {name} has an array of shape {tuple(array.shape)}, which is neither one"
            " number nor along the axes of a parameter."
        )

    def state(
        self, group: _Group, arrays: list[Any], begun: list[Any], after: list[Any]
    ) -> TracedState:
        places = group.places
        if None in places:
            (place,) = places.values()
            declared = Declared("Scalar")
            found = [begun[place]], [after[place]]
        else:
            if len(places) < len(self.leaves.shapes):
                raise LiftError(f"Its state {group.name} is kept for some parameters only.")
            order = [places[leaf] for leaf in range(len(self.leaves.shapes))]
            declared = self.declared(group, arrays)
            found = [begun[k] for k in order], [after[k] for k in order]
        name = group.name
        return TracedState(name, declared, self.one(found[0], name), self.one(found[1], name))

    def declared(self, group: _Group, arrays: list[Any]) -> Declared:
        """Returns the kind of a state of every parameter."""
        kept = set()
        for leaf, place in group.places.items():
            shape = self.leaves.shapes[leaf or 0]
            dims = _along(arrays[place].shape, shape) or ()
            kept.add((sum(map(bool, dims)), len(shape)))
        if all(count == 0 for count, _ in kept):
            return Declared("Layer")
        if all(count == whole for count, whole in kept):
            return Declared("Tensor")
        raise LiftError(f"Its state {group.name} is kept along some axes of a parameter only.")

    def one(self, each: list[Any], name: str) -> Node:
        """Returns the expression that an array of every parameter has."""
        for value in each:
            if isinstance(value, Unknown):
                raise LiftError(value.sentence)
            if isinstance(value, Parts):
                raise LiftError(f"Its {name} joins some parameters and not the others.")
        found = self.leaves.unified([value.node for value in each])
        if found is None:
            raise LiftError(
                f"Its {name} is computed otherwise for one parameter than for another, by their"
                " shapes, names or order."
            )
        return found


def _whole(shape: Shape) -> Dims:
    return tuple((axis,) for axis in range(len(shape)))


def _along(shape: Shape, whole: Shape) -> Dims | None:
    """Returns the axes of a parameter that those of an array lie along; None if one does not."""
    if not all(length == 1 or length in whole for length in shape):
        return None
    return tuple(() if length == 1 else (whole.index(length),) for length in shape)


def _name(path: tuple) -> str:
    """Returns the name of the field that holds a state."""
    for entry in reversed(path):
        said = getattr(entry, "name", None) if isinstance(entry, GetAttrKey) else None
        said = said or (str(entry.key) if isinstance(entry, DictKey) else None)
        if said and said.isidentifier():
            return said
    return "state"


def _free(name: str, others: list[str]) -> str:


    base = name if is_free(name) and name not in INPUTS and name not in TABLE else f"{name}_state"
    return next(n for n in (base, *(f"{base}_{k}" for k in range(2, 99))) if n not in others)


def _explained(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    said = lines[0].rstrip(".")
    if isinstance(error, TypeError) and "required" in said and "argument" in said:
        return f"Its update asks for more than gradients, state, parameters and value: {said}."
    concrete = jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError
    if isinstance(error, concrete):
        return f"It decides in Python by the numbers it is given, so it cannot be traced: {said}."
    return f"It cannot be traced: {type(error).__name__}: {said}."
