"""What a state is before the first step."""

from __future__ import annotations

from primitives import TABLE
from primitives.core import ELEMENTWISE, MODEL, NOISE, Array

from .applied import drawn
from .errors import ProgramError
from .frame import Frame, Value
from .program import Call, State
from .run import shaped
from .settle import context
from .shapes import state_shape


def initial(frame: Frame, state: State) -> Value:
    """Returns the value of a stored state before the first step."""
    everyone = tuple(range(len(frame.settled.leaves)))
    if state.declared.kind == "Matrix":
        everyone = _where_stored(frame, state)
    for statement in state.init.body:
        if not isinstance(statement, Call):
            raise ProgramError(f"the initial value of {state.name} may not hold an `if`")
        if statement.out not in frame.env:
            frame.env[statement.out] = _initial_call(frame, statement, everyone)
    (ref,) = state.init.results
    return shaped(frame, state, frame.value(ref))


def _where_stored(frame: Frame, state: State) -> tuple[int, ...]:
    """Makes `eye` the identity of a Matrix; returns the parameters that store it."""
    identities: list[Array] = []
    for leaf, dtype, stored in zip(
        frame.settled.leaves, frame.dtypes, frame.settled.stored[state.name], strict=True
    ):
        shape = state_shape(state, leaf) if stored else None
        identities.append(None if shape is None else frame.xp.eye(*shape, dtype=dtype))
    frame.env["eye"] = identities
    return tuple(place for place, one in enumerate(identities) if one is not None)


def _initial_call(frame: Frame, call: Call, everyone: tuple[int, ...]) -> Value:
    primitive, options = TABLE[call.op], dict(call.options)
    if primitive.scope == NOISE:
        return drawn(frame, call, everyone)
    args = [frame.value(arg) for arg in call.args]
    if primitive.scope == MODEL:
        columns = [[frame.at(arg, place) for place in everyone] for arg in args]
        return primitive.meaning(frame.xp, *columns, **options)
    if primitive.scope == ELEMENTWISE and not any(isinstance(arg, list) for arg in args):
        return primitive.meaning(frame.xp, *args, **options)
    out: list[Array] = [None] * len(frame.settled.leaves)
    for place in everyone:
        out[place] = primitive.meaning(
            frame.xp,
            *(frame.at(arg, place) for arg in args),
            **options,
            **context(frame.settled.of[place], call.op),
        )
    return out
