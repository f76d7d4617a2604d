"""Where a program wants its model evaluated, as a program of its own."""

from __future__ import annotations

from dataclasses import replace

from ..live import without_dead, without_result
from ..program import Literal, Program, Ref
from ..substitute import substituted
from .errors import ExportError
from .noise import draws


def apart(program: Program) -> tuple[Program, Program | None]:
    """Returns the step of a program, and the program whose new parameters are where to evaluate.

    The second reads the parameters and the states after a step. Raises ExportError where it needs
    more than them.
    """
    if not program.has_point:
        return program, None
    results = dict(program.results)
    states = [state.name for state in program.states]
    held: dict[int | str, Ref] = {
        ref: name
        for name, ref in results.items()
        if (name == "w" or name in states) and isinstance(ref, int)
    }
    after = substituted(replace(program, results=(("w_eval", results["w_eval"]),), states=()), held)
    point = without_dead(
        replace(
            program,
            body=after.body,
            results=(*((name, name) for name in states), ("w", dict(after.results)["w_eval"])),
        )
    )
    for asked in ({"g", "t", "T", "lr", "loss"} & _read(point)):
        raise ExportError(f"export has no form for w_eval that reads {asked}.")
    if draws(point):
        raise ExportError("export has no form for w_eval that draws noise.")
    return without_result(program, "w_eval"), point


def _read(program: Program) -> set[object]:
    found = {ref for _, ref in program.results}
    for statement in program.body:
        found |= set(getattr(statement, "args", ()))
    return {ref for ref in found if not isinstance(ref, Literal)}
