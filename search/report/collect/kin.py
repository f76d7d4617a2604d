"""Which known rule a rule is, and which ones are near it: the one place where that is asked."""

from __future__ import annotations

from dsl import Program
from dsl.recognition import recognized

from ...compare import nearest


def kin(program: Program) -> tuple[str, ...]:
    """Returns sentences: the known rule that a program is, and the ones that are near it."""
    match = recognized(program)
    name, distance = nearest(program)
    return (
        f"It is a known rule: {match}." if match else "It is none of the known rules.",
        f"By what it does it is nearest to {name}, {distance:.2f} apart.",
    )
