"""How a written file is named and used: two lines to paste."""

from __future__ import annotations

import keyword
from dataclasses import replace

from ..program import Program
from .errors import ExportError
from .names import class_name

_IMPORTED = ("jax", "math", "numpy", "optax", "torch", "typing")


def renamed(program: Program, stem: str) -> Program:
    """Returns the program with the name of its file, `rule` of rule.py.

    Raises ExportError for a name that Python cannot import, or that hides a library.
    """
    if not stem.isidentifier() or keyword.iskeyword(stem):
        raise ExportError(f"expected a file that Python can import, such as rule.py, not {stem!r}.")
    if stem in _IMPORTED:
        raise ExportError(f"a file named {stem} would hide the library {stem} that it imports.")
    return replace(program, name=stem)


def pasted(program: Program, target: str, stem: str) -> list[str]:
    """Returns the lines that import a rule from its file and make an optimizer of it."""
    rate = ["lr=..."] if "lr" in program.inputs else []
    given = [*rate, *(["T=..."] if "T" in program.inputs else [])]
    match target:
        case "torch":
            name = class_name(program)
            arguments = ", ".join(["model.parameters()", *given])
            return [f"from {stem} import {name}", f"optimizer = {name}({arguments})"]
        case "optax":
            arguments = ", ".join(given).replace("lr=", "learning_rate=")
            name = program.name
            return [f"from {stem} import {name}", f"optimizer = {name}({arguments})"]
        case "numpy":
            arguments = ", ".join(["state", "params", "grads", *given])
            return [f"from {stem} import init, update", f"params, state = update({arguments})"]
    return []
