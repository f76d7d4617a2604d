"""The point at which a program wants its model evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from primitives.core import Array

from .frame import Frame, Value, full
from .program import Call, Literal, Ref
from .run import run_body


def evaluation_point(
    frame: Frame, params: Sequence[Array], states: Mapping[str, Value]
) -> list[Array]:
    """Returns `w_eval` on each parameter, from the parameters and states after a step."""
    program = frame.settled.program
    results = dict(program.results)
    frame.env["w"] = list(params)
    for name, ref in results.items():
        if name == "w" or name in states:
            value = frame.env["w"] if name == "w" else states[name]
            frame.env[name] = value
            if not isinstance(ref, Literal):
                frame.env[ref] = value
    wanted = _needed(frame, results["w_eval"])
    body = [s for s in program.body if isinstance(s, Call) and s.out in wanted]
    everyone = tuple(range(len(params)))
    run_body(frame, body, everyone)
    return [full(frame, results["w_eval"], place) for place in everyone]


def _needed(frame: Frame, ref: Ref) -> set[Ref]:
    """Returns the values that `ref` is made from and that the frame does not hold."""
    needed: set[Ref] = set()
    waiting = [ref]
    while waiting:
        ref = waiting.pop()
        if not isinstance(ref, Literal) and ref not in frame.env and ref not in needed:
            needed.add(ref)
            waiting.extend(frame.settled.of[0].uses.get(ref, ()))
    return needed
