"""Writes the docstring that opens a generated file: what it is, where from, the program itself."""

from __future__ import annotations

from dataclasses import replace

from ..canonical import canonical_key
from ..load import load
from ..program import Program
from ..text import text
from ..zoo import NAMES
from .lines import escaped

_LIBRARIES = {"torch": "PyTorch", "numpy": "NumPy", "optax": "optax"}


def origin_of(program: Program) -> str:
    """Returns where a program comes from, as far as it shows: the zoo, or its canonical key."""
    if program.name in NAMES and load(program.name) == program:
        return f"the zoo's {program.name}"
    return f"a program with the canonical key {canonical_key(program)}"


def header(program: Program, target: str, origin: str) -> list[str]:
    """Returns the docstring of a module."""
    source = text(replace(program, doc="")).rstrip("\n")
    said = [
        f"The update rule {program.name} for {_LIBRARIES[target]}.",
        "",
        f"Written by Stepsmith from {origin}:",
        "",
        *(f"    {line}" if line else "" for line in source.split("\n")),
        "",
        "Run as a script, this file compares itself with that program.",
    ]
    lines = [line for part in said for line in escaped(part).split("\n")]
    return [f'"""{lines[0]}', *lines[1:], '"""']
