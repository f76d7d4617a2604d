"""Settles a program on the parameters of a model: which side of each shape `if` a parameter takes,
the shapes of its values, and what it has to compute and to store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from primitives import TABLE
from primitives.core import ELEMENTWISE, MODEL, NOISE, ORACLE

from .errors import ProgramError
from .infer import DECIDES, LOGICAL
from .known import UNKNOWN, Known, OneLeaf, Settled
from .needs import mark_live, reads, refs_of, stored_on
from .program import Branch, Call, Literal, Program, Ref
from .shapes import Leaf, Shape, result_shape, state_shape

INPUTS_PER_LEAF = ("w", "g")


@lru_cache(maxsize=256)
def settle(
    program: Program, leaves: tuple[Leaf, ...], per_leaf: frozenset[str] = frozenset()
) -> Settled:
    """Settles `program` on `leaves`; `per_leaf` names the hyperparameters given per parameter.

    Raises ProgramError where a live statement needs an axis that a parameter lacks.
    """
    distinct = {leaf: _settle_leaf(program, leaf, per_leaf) for leaf in dict.fromkeys(leaves)}
    mark_live(program, list(distinct.values()))
    of = tuple(distinct[leaf] for leaf in leaves)
    stored = stored_on(program, of)
    return Settled(program, leaves, of, stored, reads(program, of, stored))


# --- one parameter, forwards: shapes, static values, sides


def _settle_leaf(program: Program, leaf: Leaf, per_leaf: frozenset[str]) -> OneLeaf:
    one = OneLeaf(leaf, _names(program, leaf, per_leaf))
    _walk(one, program.body)
    for state in program.states:
        one.uses[state.name] = (dict(program.results)[state.name],)
    return one


def _names(program: Program, leaf: Leaf, per_leaf: frozenset[str]) -> dict[Ref, Known]:
    known: dict[Ref, Known] = {}
    for name in program.inputs:
        per = name in INPUTS_PER_LEAF
        known[name] = Known(leaf.shape if per else (), not per, condition=not per)
    for hyper in program.hyperparameters:
        per = hyper.name in per_leaf
        static = UNKNOWN if isinstance(hyper.default, float) else hyper.default
        known[hyper.name] = Known((), not per, static, condition=not per)
    for state in program.states:
        shape = state_shape(state, leaf)
        scalar = state.declared.kind == "Scalar"
        known[state.name] = Known(shape or (), scalar, condition=scalar)
    return known


def _walk(one: OneLeaf, body: Iterable[Call | Branch]) -> None:
    for statement in body:
        if isinstance(statement, Call):
            one.known[statement.out] = known = _call(one, statement)
            settled = known.static is not UNKNOWN
            one.uses[statement.out] = () if settled else refs_of(statement.args)
        else:
            _branch(one, statement)


def look(one: OneLeaf, ref: Ref) -> Known:
    """Returns what is known of `ref` on the parameter of `one`."""
    return Known((), True, ref.value) if isinstance(ref, Literal) else one.known[ref]


def _branch(one: OneLeaf, branch: Branch) -> None:
    condition = look(one, branch.condition)
    if not condition.condition:
        raise ProgramError(
            "expected a condition that is one number for the model, or known from the shape; "
            "for one that differs from entry to entry use where(condition, a, b)"
        )
    decided = condition.static is not UNKNOWN
    one.sides[branch.outs] = bool(condition.static) if decided else None
    blocks = (branch.then, branch.orelse)
    taken = (blocks[0 if condition.static else 1],) if decided else blocks
    for block in taken:
        _walk(one, block.body)
    for place, out in enumerate(branch.outs):
        refs = tuple(block.results[place] for block in taken)
        one.uses[out] = refs_of(refs) if decided else refs_of((*refs, branch.condition))
        one.known[out] = _joined(one, [look(one, ref) for ref in refs], condition, decided)


def _joined(one: OneLeaf, sides: Sequence[Known], condition: Known, decided: bool) -> Known:
    """Joins the values of the sides of an `if`; a split of the model turns a number to a Layer."""
    model = condition.model and all(side.model for side in sides)
    shape = _joint([side.shape for side in sides])
    if not model and not shape:
        shape = (1,) * len(one.leaf.shape)
    static = sides[0].static if decided else UNKNOWN
    can_steer = model or static is not UNKNOWN
    return Known(shape, model, static, can_steer)


def _joint(shapes: Sequence[Shape]) -> Shape:
    """Returns the shape after broadcasting, mostly that of all that are no numbers."""
    distinct = {shape for shape in shapes if shape}
    return distinct.pop() if len(distinct) == 1 else np.broadcast_shapes(*distinct)


def _call(one: OneLeaf, call: Call) -> Known:
    primitive = TABLE[call.op]
    args = [look(one, ref) for ref in call.args]
    if primitive.scope == MODEL:
        return Known((), True)
    if primitive.scope == ORACLE:
        number = primitive.result == "scalar"
        return Known(() if number else one.leaf.shape, number, condition=number, asked=True)
    if primitive.scope == NOISE:
        return Known(args[0].shape, args[0].model, condition=args[0].model)
    if primitive.result == "shape":
        return _of_shape(one, call, args)
    if primitive.scope == ELEMENTWISE:
        return _elementwise(one, call, args)
    shape = result_shape(call, one.leaf, [arg.shape for arg in args])
    return Known(shape, False, condition=False)


@dataclass(frozen=True)
class _Shaped:
    """Stands for an array where only its shape matters."""

    shape: Shape

    @property
    def ndim(self) -> int:
        return len(self.shape)


def context(one: OneLeaf, op: str) -> dict[str, Any]:
    """Returns the options that the parameter of `one` adds to the primitive `op`."""
    return {name: getattr(one.leaf, name) for name in TABLE[op].context}


def _of_shape(one: OneLeaf, call: Call, args: Sequence[Known]) -> Known:
    given = [_Shaped(args[0].shape), *(arg.static for arg in args[1:])]
    value = _evaluate(call, given, context(one, call.op))
    return Known((), False, value)


def _elementwise(one: OneLeaf, call: Call, args: Sequence[Known]) -> Known:
    model = all(arg.model for arg in args)
    statics = [arg.static for arg in args]
    if all(value is not UNKNOWN for value in statics):
        return Known((), model, _evaluate(call, statics, {}))
    decides = DECIDES.get(call.op)
    if decides is not None and any(
        value is not UNKNOWN and bool(value) is decides for value in statics
    ):
        return Known((), model, decides)
    shape = _joint([arg.shape for arg in args])
    joins = call.op in LOGICAL and all(arg.condition for arg in args)
    return Known(shape, model, condition=model or joins)


def _evaluate(call: Call, args: Sequence[Any], extra: Mapping[str, Any]) -> Any:
    """Returns the static value of a call, a plain Python one."""
    with np.errstate(all="ignore"):
        value = TABLE[call.op].meaning(np, *args, **dict(call.options), **extra)
    return value.item() if isinstance(value, np.generic | np.ndarray) else value
