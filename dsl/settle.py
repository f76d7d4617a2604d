"""Settles a program on the parameters of a model: which side of each shape `if` a parameter takes,
the shapes of its values, and what it has to compute and to store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from primitives import TABLE
from primitives.core import ELEMENTWISE, MODEL

from .errors import ProgramError
from .infer import DECIDES, LOGICAL
from .program import Block, Branch, Call, Literal, Program, Ref
from .shapes import Leaf, Shape, lacking_axis, missing_axis, result_shape, state_shape

INPUTS_PER_LEAF = ("w", "g")


class _Unknown:
    """Marks a value that only a run can tell."""


UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a value on one parameter.

    static: its value, if that is settled before anything runs. model: it is one number for the
    whole model. condition: it may steer an `if` on this parameter.
    """

    shape: Shape
    model: bool
    static: Any = UNKNOWN
    condition: bool = True


@dataclass
class OneLeaf:
    """A program settled on one parameter.

    sides: by the numbers that an `if` defines, the side taken; None where a run decides.
    uses: what each value is made from, by value number or by the name of a state.
    """

    leaf: Leaf
    known: dict[Ref, Known]
    sides: dict[tuple[int, ...], bool | None] = field(default_factory=dict)
    uses: dict[Ref, tuple[Ref, ...]] = field(default_factory=dict)
    live: set[Ref] = field(default_factory=set)


@dataclass(frozen=True)
class Settled:
    """A program settled on a model: one entry of `of` for each parameter, equal ones shared.

    stored: for each state that any parameter stores, which ones do. reads: the inputs that the
    live part of the program and its initial values read.
    """

    program: Program
    leaves: tuple[Leaf, ...]
    of: tuple[OneLeaf, ...]
    stored: Mapping[str, tuple[bool, ...]]
    reads: frozenset[str]


@lru_cache(maxsize=256)
def settle(
    program: Program, leaves: tuple[Leaf, ...], per_leaf: frozenset[str] = frozenset()
) -> Settled:
    """Settles `program` on `leaves`; `per_leaf` names the hyperparameters given per parameter.

    Raises ProgramError where a live statement needs an axis that a parameter lacks.
    """
    distinct = {leaf: _settle_leaf(program, leaf, per_leaf) for leaf in dict.fromkeys(leaves)}
    _mark_live(program, list(distinct.values()))
    of = tuple(distinct[leaf] for leaf in leaves)
    stored = _stored(program, of)
    return Settled(program, leaves, of, stored, _reads(program, of, stored))


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
            one.uses[statement.out] = () if settled else _refs(statement.args)
        else:
            _branch(one, statement)


def look(one: OneLeaf, ref: Ref) -> Known:
    """Returns what is known of `ref` on the parameter of `one`."""
    return Known((), True, ref.value) if isinstance(ref, Literal) else one.known[ref]


def _refs(refs: Iterable[Ref]) -> tuple[Ref, ...]:
    return tuple(ref for ref in refs if not isinstance(ref, Literal))


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
        one.uses[out] = _refs(refs) if decided else _refs((*refs, branch.condition))
        one.known[out] = _joined(one, [look(one, ref) for ref in refs], condition, decided)


def _joined(one: OneLeaf, sides: Sequence[Known], condition: Known, decided: bool) -> Known:
    """Joins the values of the sides of an `if`; a split of the model turns a number to a Layer."""
    model = condition.model and all(side.model for side in sides)
    shape = np.broadcast_shapes(*(side.shape for side in sides))
    if not model and not shape:
        shape = (1,) * len(one.leaf.shape)
    static = sides[0].static if decided else UNKNOWN
    can_steer = model or static is not UNKNOWN
    return Known(shape, model, static, can_steer)


def _call(one: OneLeaf, call: Call) -> Known:
    primitive = TABLE[call.op]
    args = [look(one, ref) for ref in call.args]
    if primitive.scope == MODEL:
        return Known((), True)
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
    facts = {"out": one.leaf.out, "role": one.leaf.role}
    return {name: facts[name] for name in TABLE[op].context}


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
    shape = np.broadcast_shapes(*(arg.shape for arg in args))
    joins = call.op in LOGICAL and all(arg.condition for arg in args)
    return Known(shape, model, condition=model or joins)


def _evaluate(call: Call, args: Sequence[Any], extra: Mapping[str, Any]) -> Any:
    """Returns the static value of a call, a plain Python one."""
    with np.errstate(all="ignore"):
        value = TABLE[call.op].meaning(np, *args, **dict(call.options), **extra)
    return value.item() if isinstance(value, np.generic | np.ndarray) else value


# --- all parameters, backwards: what is live and what is stored


def _mark_live(program: Program, ones: Sequence[OneLeaf]) -> None:
    """Marks what reaches the result through any number of steps.

    A number for the whole model that one parameter needs is needed of all that share in it.
    """
    names = {state.name for state in program.states}
    roots = [ref for name, ref in program.results if name not in names]
    for one in ones:
        _reach(one, _refs(roots))
    shared: set[Ref] = set()
    while True:
        found = {ref for one in ones for ref in one.live if one.known[ref].model}
        if found == shared:
            return
        shared = found
        for one in ones:
            _reach(one, [ref for ref in shared if ref in one.uses])


def _reach(one: OneLeaf, refs: Iterable[Ref]) -> None:
    waiting = [ref for ref in refs if ref not in one.live]
    while waiting:
        ref = waiting.pop()
        if ref in one.live:
            continue
        one.live.add(ref)
        waiting.extend(one.uses.get(ref, ()))


def _stored(program: Program, of: Sequence[OneLeaf]) -> dict[str, tuple[bool, ...]]:
    stored = {}
    for state in program.states:
        marks = tuple(state.name in one.live for one in of)
        if any(marks):
            stored[state.name] = marks
        for one in of:
            if state.name in one.live and state_shape(state, one.leaf) is None:
                ndim = len(one.leaf.shape)
                raise missing_axis(lacking_axis(state.declared.index, ndim), ndim)
    return stored


def _reads(
    program: Program, of: Sequence[OneLeaf], stored: Mapping[str, object]
) -> frozenset[str]:
    refs = {ref for one in of for ref in one.live}
    for state in program.states:
        if state.name in stored:
            refs.update(block_reads(state.init))
    if any(name == "w" for name, _ in program.results):
        refs.add("w")
    return frozenset(name for name in program.inputs if name in refs)


def block_reads(block: Block) -> set[Ref]:
    """Returns what the statements and results of a block refer to."""
    refs = set(_refs(block.results))
    for statement in block.body:
        if isinstance(statement, Call):
            refs.update(_refs(statement.args))
        else:
            refs.update(_refs((statement.condition,)))
            refs |= block_reads(statement.then) | block_reads(statement.orelse)
    return refs
