"""How a call is applied to a model: found once for all steps, as a function of the frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from primitives import TABLE
from primitives.core import ELEMENTWISE, MODEL, NOISE, Array, Primitive

from . import fold
from .errors import ProgramError
from .frame import Frame, Value, full
from .known import UNKNOWN, OneLeaf, Settled
from .program import Call
from .settle import context

Apply = Callable[[Frame], Value]


def applied(settled: Settled, call: Call, active: Sequence[int]) -> Apply | None:
    """Returns what a call does on those of the parameters `active` that need it, if any do."""
    live = [place for place in active if call.out in settled.of[place].live]
    if not live:
        return None
    known = settled.of[live[0]].known[call.out]
    if known.asked:
        return lambda frame: _answer(frame, call)
    if TABLE[call.op].scope == NOISE:
        return lambda frame: drawn(frame, call, live)
    if known.model and known.static is not UNKNOWN:
        return lambda frame: known.static
    return _number(settled, call, live) if known.model else _arrays(settled, call, live)


def _answer(frame: Frame, call: Call) -> Value:
    """Asks an oracle at a point of the whole model."""
    oracle = frame.oracles.get(call.op)
    if oracle is None:
        raise ProgramError(f"{frame.settled.program.name} asks for {call.op}, which is not there")
    points = [[full(frame, ref, k) for k in range(len(frame.settled.of))] for ref in call.args]
    return TABLE[call.op].meaning(frame.xp, *points, oracle=oracle)


def drawn(frame: Frame, call: Call, places: Sequence[int]) -> Value:
    """Draws noise as large as the argument, for the model or on each of some parameters."""
    like, options = frame.value(call.args[0]), dict(call.options)

    def draw(array: Array, dtype: Any, place: int) -> Array:
        key = (frame.seed, frame.env["t"], place)
        return TABLE[call.op].meaning(frame.xp, frame.xp.asarray(array, dtype), key=key, **options)

    if not isinstance(like, list):
        return draw(like, frame.dtype, -1)
    entries = {place: draw(like[place], frame.dtypes[place], place) for place in places}
    return [entries.get(place) for place in range(len(like))]


def _number(settled: Settled, call: Call, live: Sequence[int]) -> Apply:
    """Applies a primitive to numbers for the model, or to the arrays of all its parameters."""
    complement = fold.complements(settled.program).get(call.out)
    if complement is not None:
        return lambda frame: fold.complement(frame.xp, *map(frame.value, complement))
    meaning, options = TABLE[call.op].meaning, dict(call.options)
    if TABLE[call.op].scope == MODEL:
        return lambda frame: meaning(
            frame.xp,
            *[[frame.at(value, place) for place in live] for value in frame.values(call.args)],
            **options,
        )
    return lambda frame: meaning(frame.xp, *frame.values(call.args), **options)


def _arrays(settled: Settled, call: Call, live: Sequence[int]) -> Apply:
    """Applies a primitive to one parameter after another."""
    blank: list[Array] = [None] * len(settled.of)
    for place in live:
        blank[place] = settled.of[place].known[call.out].static
    unknown = [place for place in live if blank[place] is UNKNOWN]
    if not unknown:
        return lambda frame: blank
    primitive = TABLE[call.op]
    meaning = primitive.meaning
    if primitive.scope != ELEMENTWISE or primitive.context or call.options:
        return _with_options(primitive, call, blank, [(k, settled.of[k]) for k in unknown])

    def run(frame: Frame) -> Value:
        columns, out, xp = frame.columns(call.args), blank.copy(), frame.xp
        for place in unknown:
            out[place] = meaning(xp, *[column[place] for column in columns])
        return out

    return run


def _with_options(
    primitive: Primitive, call: Call, blank: list[Array], ones: Sequence[tuple[int, OneLeaf]]
) -> Apply:
    options: dict[int, Mapping[str, Any]] = {
        place: dict(call.options) | context(one, call.op) for place, one in ones
    }
    whole = primitive.scope != ELEMENTWISE

    def run(frame: Frame) -> Value:
        columns, out, xp = frame.columns(call.args), blank.copy(), frame.xp
        for place, more in options.items():
            args = [column[place] for column in columns]
            if whole:
                args = [xp.asarray(arg, frame.dtypes[place]) for arg in args]
            out[place] = primitive.meaning(xp, *args, **more)
        return out

    return run
