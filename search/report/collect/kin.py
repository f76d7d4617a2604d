"""Which known rule a rule is, and which ones are near it: the one place where that is asked."""

from __future__ import annotations

from dsl import Program
from dsl.recognition import recognized

from ...compare import nearest


def kin(program: Program) -> tuple[str, tuple[tuple[str, float], ...]]:
    """Returns the known rule that a program is ("" if none), and the nearest with distances."""
    match = recognized(program)
    return str(match) if match else "", (nearest(program),)
