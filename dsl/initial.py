"""What a state is before the first step."""

from __future__ import annotations

from primitives import TABLE
from primitives.core import ELEMENTWISE, MODEL

from .errors import ProgramError
from .program import Call, State
from .run import Frame, Value, shaped
from .settle import context


def initial(frame: Frame, state: State) -> Value:
    """Returns the value of a stored state before the first step."""
    everyone = tuple(range(len(frame.settled.leaves)))
    for statement in state.init.body:
        if not isinstance(statement, Call):
            raise ProgramError(f"the initial value of {state.name} may not hold an `if`")
        if statement.out not in frame.env:
            frame.env[statement.out] = _initial_call(frame, statement, everyone)
    (ref,) = state.init.results
    return shaped(frame, state, frame.value(ref))


def _initial_call(frame: Frame, call: Call, everyone: tuple[int, ...]) -> Value:
    primitive, options = TABLE[call.op], dict(call.options)
    args = [frame.value(arg) for arg in call.args]
    if primitive.scope == MODEL:
        columns = [[frame.at(arg, place) for place in everyone] for arg in args]
        return primitive.meaning(frame.xp, *columns, **options)
    if primitive.scope == ELEMENTWISE and not any(isinstance(arg, list) for arg in args):
        return primitive.meaning(frame.xp, *args, **options)
    return [
        primitive.meaning(
            frame.xp,
            *(frame.at(arg, place) for arg in args),
            **options,
            **context(frame.settled.of[place], call.op),
        )
        for place in everyone
    ]
