"""A program whose parameters shrink too: decoupled weight decay added to its update."""

from __future__ import annotations

from dataclasses import replace

from .facts import Facts
from .program import Call, Literal, Program
from .tidy import tidied


def decayed(program: Program, weight_decay: float) -> Program:
    """Returns the program with `lr * weight_decay * w` more taken from the parameters a step.

    Decoupled Weight Decay Regularization. Loshchilov & Hutter, 2019. arXiv:1711.05101.
    """
    rate, shrunk, last = range(Facts(program).fresh, Facts(program).fresh + 3)
    results = dict(program.results)
    role = "return" if "return" in results else "w"
    added = (
        Call(rate, "mul", ("lr", Literal(float(weight_decay)))),
        Call(shrunk, "mul", (rate, "w")),
        Call(last, "add" if role == "return" else "sub", (results[role], shrunk)),
    )
    results[role] = last
    inputs = tuple(dict.fromkeys((*program.inputs, "w", "lr")))
    body = (*program.body, *added)
    return tidied(replace(program, inputs=inputs, body=body, results=tuple(results.items())))
