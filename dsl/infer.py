"""Infers the kinds of the values of a program on parameters with a given number of axes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from primitives import TABLE
from primitives.kinds import (
    CHOICE,
    LAYER,
    SCALAR,
    SHAPE,
    STATIC,
    TEXT,
    Kind,
    UpTo,
    interned,
    tensor,
)
from primitives.rules import join, kind_of
from primitives.wording import KindError, described, missing_axis

from .errors import ProgramError, nearest
from .program import Block, Branch, Call, Declared, Literal, Program, Ref, Statement, calls

# The operand that settles a logical operation whatever the other one is.
DECIDES = {"logical_and": False, "logical_or": True}
LOGICAL = ("logical_and", "logical_or", "logical_not")

BY_TYPE = {float: SCALAR, int: STATIC, bool: CHOICE, str: TEXT, type(None): TEXT, tuple: TEXT}
_UNKNOWN = object()  # a static value that only the shape, role or option of a run tells


class Fault(Exception):
    """What is wrong, and the number of the value where it is."""

    def __init__(self, sentence: str, out: int = -1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.out = out


@cache
def declared_kind(declared: Declared, ndim: int) -> Kind:
    """Returns the kind of a state on a parameter with `ndim` axes, "Missing" if it lacks one."""
    if declared.kind == "Scalar":
        return SCALAR
    if declared.kind == "Layer":
        return LAYER
    if declared.kind == "Tensor":
        return tensor(ndim)
    if declared.kind not in ("Vector", "Matrix"):
        raise ProgramError(f"A state of kind {declared.kind} is not in the language yet.")
    axes: list[Any] = []
    for entry in declared.index:
        missing = _lacking(entry, ndim)
        if missing is not None:
            return interned("Missing", (missing,))
        axes.extend(_axes(entry, ndim))
    if declared.kind == "Vector":
        return interned("Array", tuple(sorted(set(axes))))
    plain = ndim == 2 and axes == [0, 1]
    return tensor(2) if plain else interned("Matrix", tuple(axes))


def _lacking(entry: Any, ndim: int) -> int | str | None:
    """Returns the axis of a declaration's entry that a parameter with `ndim` axes lacks."""
    if isinstance(entry, UpTo):
        return 1 if ndim < 2 else None
    if isinstance(entry, str):
        return entry if ndim < 2 else None
    return entry if isinstance(entry, int) and not -ndim <= entry < ndim else None


def _axes(entry: Any, ndim: int) -> Iterable[Any]:
    """Returns the axes that an entry of a declaration stands for."""
    if isinstance(entry, tuple):
        return range(ndim)[slice(*entry)]
    return (entry % ndim if isinstance(entry, int) else entry,)


@cache
def _inputs(ndim: int) -> dict[int | str, Kind]:
    numbers = dict.fromkeys(("t", "T", "lr", "loss", "batch_size"), SCALAR)
    return {"w": tensor(ndim), "g": tensor(ndim), **numbers}


_MEMO: tuple[dict[tuple, Kind | str], ...] = tuple({} for _ in range(16))


def infer(program: Program, ndim: int) -> dict[int | str, Kind]:
    """Returns the kind of every value; raises Fault where arguments do not fit."""
    known = dict(_inputs(ndim))
    for hyper in program.hyperparameters:
        known[hyper.name] = BY_TYPE[hyper.default.__class__]
    for state in program.states:
        known[state.name] = declared_kind(state.declared, ndim)
    try:
        for state in program.states:
            if state.init.body or state.init.results[0].__class__ is str:
                _infer_init(state.init, known, known[state.name], program, ndim)
        _infer_body(program.body, known, program, ndim)
    except KeyError as error:
        raise Fault(f"The value {error.args[0]!r} is read before it is defined.") from None
    return known


def _infer_init(
    init: Block, known: dict[int | str, Kind], declared: Kind, program: Program, ndim: int
) -> None:
    if declared.family == "Missing":
        return
    seen = {**known, "eye": declared}
    _infer_body(init.body, seen, program, ndim)
    known.update((s.out, seen[s.out]) for s in init.body if isinstance(s, Call))
    if init.results[0] == "eye":
        known["eye"] = declared


def _infer_body(
    body: tuple[Statement, ...], known: dict[int | str, Kind], program: Program, ndim: int
) -> None:
    memo = _MEMO[ndim]
    for s in body:
        if s.__class__ is not Call:
            _infer_branch(s, known, program, ndim)  # type: ignore[arg-type]
            continue
        found = [
            BY_TYPE[arg.value.__class__] if arg.__class__ is Literal else known[arg]  # type: ignore
            for arg in s.args  # type: ignore[union-attr]
        ]
        key = (s.op, s.options, *map(id, found))  # type: ignore[union-attr]
        kind = memo.get(key)
        if kind is None:
            kind = memo[key] = _call_kind(s, tuple(found), ndim)  # type: ignore[arg-type]
        if kind.__class__ is str:
            raise Fault(kind, s.out)  # type: ignore[arg-type,union-attr]
        known[s.out] = kind  # type: ignore[union-attr,assignment]


def _call_kind(call: Call, found: tuple[Kind, ...], ndim: int) -> Kind | str:
    """Returns the kind of a call, or the sentence that says why it has none."""
    primitive = TABLE.get(call.op)
    if primitive is None:
        near = nearest(call.op, TABLE)
        return f"There is no function {call.op}." + (f" Did you mean {near!r}?" if near else "")
    if len(found) < primitive.arity or (len(found) > primitive.arity and not primitive.variadic):
        return f"{call.op} takes {primitive.arity} arguments, not {len(found)}."
    for option, _ in call.options:
        if option not in primitive.options:
            return f"{call.op} has no option {option}."
    for kind in found:
        if kind.family == "Missing":
            return kind
    try:
        return kind_of(primitive, found, dict(call.options), ndim)
    except KindError as error:
        return str(error)


def _infer_branch(
    branch: Branch, known: dict[int | str, Kind], program: Program, ndim: int
) -> None:
    condition = kind_of_ref(branch.condition, known)
    steers = condition.family in ("Static", "Scalar") or _is_mixed(branch.condition, known, program)
    _check_condition(branch, condition, steers, ndim)
    taken = _UNKNOWN
    if condition.family != "Scalar":
        taken = _settled(branch.condition, program, ndim)
    sides = [branch.then, branch.orelse]
    if taken is not _UNKNOWN:
        sides = sides[:1] if taken else sides[1:]
    for side in sides:
        _infer_body(side.body, known, program, ndim)
    scalars = {s.name for s in program.states if s.declared.kind == "Scalar"}
    for i, out in enumerate(branch.outs):
        pair = [kind_of_ref(side.results[i], known) for side in sides]
        both = (branch.then.results[i], branch.orelse.results[i])
        own = any(ref.__class__ is str and ref in scalars for ref in both)
        known[out] = _joint(branch, i, pair, condition, own, ndim)


def _is_mixed(condition: Ref, known: dict[int | str, Kind], program: Program) -> bool:
    """Whether a condition joins numbers for the model with facts of the shape, by and, or, not.

    The shape settles its part of it on each parameter; what is left is a number for the model.
    """
    made = {call.out: call for call in calls(program.body)}

    def holds(ref: Ref) -> bool:
        if kind_of_ref(ref, known).family in ("Static", "Scalar"):
            return True
        call = made.get(ref) if isinstance(ref, int) else None
        return call is not None and call.op in LOGICAL and all(map(holds, call.args))

    return holds(condition)


def _check_condition(branch: Branch, condition: Kind, steers: bool, ndim: int) -> None:
    at = branch.condition if isinstance(branch.condition, int) else branch.outs[0]
    if condition.family == "Missing":
        raise Fault(missing_axis(condition.axes[0], ndim), at)
    if "text" in condition.axes:
        raise Fault("An `if` takes a comparison, not text.", at)
    if not steers:
        raise Fault(
            f"An `if` takes one number for the model, and this is {described(condition, ndim)}:"
            " write where(condition, a, b).",
            at,
        )


def _joint(
    branch: Branch, i: int, pair: list[Kind], condition: Kind, own: bool, ndim: int
) -> Kind:
    """The kind of a value that an `if` sets: what both sides broadcast to.

    own: it is a Scalar state that one side leaves alone, so it belongs to the other side.
    """
    for kind in pair:
        if kind.family == "Missing":
            return kind
    try:
        kind = join(pair, "An `if`", ndim)
    except KindError as error:
        raise Fault(str(error), branch.outs[i]) from None
    if kind.family not in ("Static", "Scalar"):
        return kind
    if condition.family == "Scalar":
        return LAYER if kind is SHAPE else SCALAR
    if condition.family != "Static":
        return SCALAR if own and kind is SCALAR else LAYER
    if "shape" not in condition.axes or (own and kind is not SHAPE):
        return SCALAR if own else kind
    return LAYER if kind is SCALAR else SHAPE


def kind_of_ref(ref: Ref, known: dict[int | str, Kind]) -> Kind:
    """Returns the kind of a value or of a constant; raises KeyError if it has none."""
    return BY_TYPE[ref.value.__class__] if isinstance(ref, Literal) else known[ref]


def _settled(condition: Ref, program: Program, ndim: int) -> Any:
    """Returns the value of a static condition on parameters with `ndim` axes, if that tells it."""
    made = {call.out: call for call in calls(program.body)}

    def value(ref: Ref) -> Any:
        if isinstance(ref, Literal):
            return ref.value
        call = made.get(ref) if isinstance(ref, int) else None
        if call is None:
            return _UNKNOWN
        if call.op == "ndim":
            return ndim
        if TABLE[call.op].result == "shape":
            return _UNKNOWN
        return _combined(call.op, [value(arg) for arg in call.args])

    return value(condition)


def _combined(op: str, values: list[Any]) -> Any:
    deciding = DECIDES.get(op)
    if deciding is not None and any(v is not _UNKNOWN and bool(v) == deciding for v in values):
        return deciding
    if any(v is _UNKNOWN for v in values):
        return _UNKNOWN
    with np.errstate(all="ignore"):
        return TABLE[op].meaning(np, *values)
