"""How long a program is: its calls, and what their functions cost."""

from __future__ import annotations

from primitives import TABLE

from .program import Call, Literal, Program, calls

_PLAIN = 0.5  # of a function by name, beside an operator


def size(program: Program) -> tuple[int, float]:
    """Returns the number of calls, then what their functions cost.

    `1 - beta` as the share of an average counts nothing: that is how a share is written.
    """
    every = [call for state in program.states for call in calls(state.init.body)]
    every += calls(program.body)
    shares = _complements(program, every)
    return len(every) - shares, sum(_cost(call.op) for call in every) - shares


def _complements(program: Program, every: list[Call]) -> int:
    hypers = {item.name for item in program.hyperparameters}
    shares = {call.args[2] for call in every if call.op == "lerp"}
    return sum(
        call.op == "sub" and call.args[0] == Literal(1) and call.args[1] in hypers
        for call in every if call.out in shares
    )  # fmt: skip


def _cost(op: str) -> float:
    plain = TABLE[op].operator or op == "square"
    return TABLE[op].flops + (0 if plain else _PLAIN)
