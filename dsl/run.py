"""The reference interpreter: one step of a program on the arrays of a model's parameters.

A value that differs between parameters is a list with one entry for each (None where a parameter
does not compute it); anything else is one number for the whole model. All parameters go through
the program in lock-step, so that a reduction over the model sees those on its side of a shape
`if`, and only those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from primitives.core import Array

from . import rolling
from .applied import applied
from .frame import Frame, Value, full, spread
from .known import OneLeaf
from .program import Block, Branch, Call, Literal, Ref, State, Statement
from .shapes import state_shape


def step(frame: Frame) -> tuple[dict[str, Value], list[Array]]:
    """Runs the body; returns the states after the step and the update, to be subtracted from w.

    frame.env holds the inputs, the hyperparameters, the states and any folded values.
    """
    program = frame.settled.program
    everyone = tuple(range(len(frame.settled.leaves)))
    run_body(frame, program.body, everyone)
    results = dict(program.results)
    states = {
        state.name: shaped(frame, state, _own(frame, state, results[state.name]))
        for state in program.states
        if state.name in frame.settled.stored
    }
    return states, [_update(frame, results, place) for place in everyone]


def run_body(frame: Frame, body: Sequence[Statement], active: tuple[int, ...]) -> None:
    """Runs statements in order on the parameters `active`; sets their values in frame.env."""
    place = 0
    for loop in rolling.loops(body, frame.settled, active, frame.env) if frame.repeat else ():
        _straight(frame, body[place : loop.start], active)
        _rounds(frame, body, loop, active)
        place = loop.end
    _straight(frame, body[place:], active)


def _straight(frame: Frame, body: Sequence[Statement], active: tuple[int, ...]) -> None:
    for statement in body:
        if isinstance(statement, Call):
            _call(frame, statement, active)
        else:
            _branch(frame, statement, active)


def _rounds(
    frame: Frame, body: Sequence[Statement], loop: rolling.Loop, active: tuple[int, ...]
) -> None:
    """Runs the rounds of a loop as one, its second, that is applied to its own results."""
    assert frame.repeat is not None
    second = loop.start + loop.period
    names = {
        start: [_out(body[start + offset]) for offset, _ in loop.carried]
        for start in (loop.start, second, loop.end - loop.period)
    }

    def round_of(values: list[Value]) -> list[Value]:
        inner = frame.copy()
        inner.env.update(zip(names[loop.start], values, strict=True))
        _straight(inner, body[second : second + loop.period], active)
        return [_filled(inner, ref, inner.value(ref), active) for ref in names[second]]

    pairs = zip(names[loop.start], loop.carried, strict=True)
    start = [_filled(frame, ref, frame.value(first), active) for ref, (_, first) in pairs]
    values = frame.repeat(round_of, start, loop.rounds)
    frame.env.update(zip(names[loop.end - loop.period], values, strict=True))


def _out(statement: Statement) -> int:
    assert isinstance(statement, Call)
    return statement.out


# --- calls


def _call(frame: Frame, call: Call, active: tuple[int, ...]) -> None:
    if call.out in frame.env:
        return
    found = frame.settled.applied
    key = (call.out, active)
    if key not in found:
        found[key] = applied(frame.settled, call, active)
    apply = found[key]
    if apply is None:
        return
    if frame.watch is not None and call.op == "where" and call.args[0] in frame.env:
        condition = frame.value(call.args[0])
        if not isinstance(condition, list):
            frame.watch(call.out, bool(condition))
    frame.env[call.out] = apply(frame)


# --- branches


def _branch(frame: Frame, branch: Branch, active: tuple[int, ...]) -> None:
    """Runs an `if`: sides known beforehand by parameter, others by the condition's number."""
    of = frame.settled.of
    live = [place for place in active if any(out in of[place].live for out in branch.outs)]
    results: list[tuple[list[int], list[Value]]] = []
    for side in (True, False, None):
        group = [place for place in live if of[place].sides[branch.outs] is side]
        if group and side is None:
            results.append((group, _choice(frame, branch, group)))
        elif group:
            block = branch.then if side else branch.orelse
            if frame.watch is not None:
                frame.watch(branch.outs[0], bool(side))
            results.append((group, _block(frame, block, group)))
    for index, out in enumerate(branch.outs):
        _hand_out(frame, out, [(group, values[index]) for group, values in results])


def _block(frame: Frame, block: Block, group: Sequence[int]) -> list[Value]:
    inner = frame.copy()
    run_body(inner, block.body, tuple(group))
    return [inner.env.get(ref) if not isinstance(ref, Literal) else ref.value
            for ref in block.results]


def _choice(frame: Frame, branch: Branch, group: Sequence[int]) -> list[Value]:
    """Runs one side; both give the same shapes and dtypes, whichever is taken."""
    condition = frame.value(branch.condition)
    if isinstance(condition, list):
        condition = condition[group[0]]
    if frame.watch is not None:
        frame.watch(branch.outs[0], bool(condition))

    def side(block: Block) -> Callable[[], list[Value]]:
        def run() -> list[Value]:
            values = _block(frame, block, group)
            pairs = zip(branch.outs, values, strict=True)
            return [_filled(frame, out, value, group) for out, value in pairs]

        return run

    return frame.choose(condition, side(branch.then), side(branch.orelse))


def _filled(frame: Frame, out: int, value: Value, group: Sequence[int]) -> Value:
    """Gives a value the full shape that it has after the `if`."""
    of = frame.settled.of
    live = [place for place in group if out in of[place].live]
    if not live:
        return None
    if of[live[0]].known[out].model:
        return frame.xp.asarray(value, frame.dtype)
    filled: list[Array] = [None] * len(of)
    for place in live:
        array = frame.xp.asarray(frame.at(value, place), frame.dtypes[place])
        filled[place] = spread(frame.xp, array, of[place].known[out].shape)
    return filled


def _hand_out(frame: Frame, out: int, groups: Sequence[tuple[Sequence[int], Value]]) -> None:
    """Sets a value after an `if` from those of the sides; a number becomes a Layer in a split."""
    of = frame.settled.of
    live = [(place, value) for group, value in groups for place in group if out in of[place].live]
    if not live:
        return
    if of[live[0][0]].known[out].model:
        frame.env[out] = live[0][1]
        return
    joined: list[Array] = [None] * len(of)
    for place, value in live:
        joined[place] = _entry(frame, value, place, of[place])
    frame.env[out] = joined


def _entry(frame: Frame, value: Value, place: int, one: OneLeaf) -> Array:
    if isinstance(value, list):
        return value[place]
    array = frame.xp.asarray(value, frame.dtypes[place])
    return frame.xp.reshape(array, (1,) * len(one.leaf.shape))


# --- states and the update


def _own(frame: Frame, state: State, ref: Ref) -> Value:
    """Returns a state's new value; a Scalar set in one side of a shape `if` belongs to it."""
    value = frame.value(ref)
    if state.declared.kind != "Scalar" or not isinstance(value, list):
        return value
    set_by = [one for one in frame.settled.of if _origin(one, ref) != state.name]
    place = frame.settled.of.index(set_by[0]) if set_by else 0
    return frame.xp.reshape(value[place], ())


def _origin(one: OneLeaf, ref: Ref) -> Ref:
    """Follows a value back through the shape `if`s that only hand it on."""
    handed_on: dict[Ref, tuple[Ref, ...]] = {
        out: one.uses.get(out, ())
        for outs, side in one.sides.items()
        if side is not None
        for out in outs
    }
    while handed_on.get(ref):
        (ref,) = handed_on[ref]
    return ref


def shaped(frame: Frame, state: State, value: Value) -> Value:
    """Returns a state's value in its declared shape, None on parameters that do not store it."""
    if state.declared.kind == "Scalar":
        return frame.xp.asarray(value, frame.dtype)
    shaped: list[Array] = []
    for place, stored in enumerate(frame.settled.stored[state.name]):
        if not stored:
            shaped.append(None)
            continue
        array = frame.xp.asarray(frame.at(value, place), frame.dtypes[place])
        shaped.append(spread(frame.xp, array, state_shape(state, frame.settled.leaves[place])))
    return shaped


def _update(frame: Frame, results: Mapping[str, Ref], place: int) -> Array:
    if "return" in results:
        return full(frame, results["return"], place)
    return frame.at(frame.env["w"], place) - full(frame, results["w"], place)
