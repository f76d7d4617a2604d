"""Writes a program as a card in Markdown: its idea, its formula, its text, what it costs."""

from __future__ import annotations

import re
from dataclasses import replace

from ..cost import flops, state_bytes
from ..live import without_dead
from ..needs import oracles
from ..program import Hyperparameter, Program
from ..text import text
from .to_latex import to_latex

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$&~!])")
_LIST = re.compile(r"(?m)^(\d*)([-+=.)])(?=\s|$|[-=])")


def to_markdown(program: Program, origin: str) -> str:
    """Returns a card; `origin` says where the program comes from."""
    idea, _, reference = program.doc.partition("\n\nreference:")
    paragraphs = [escaped(part) for part in idea.split("\n\n") if part.strip()]
    source = text(replace(program, doc="")).rstrip("\n")
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
    parts = [
        f"# {escaped(program.name)}",
        *paragraphs,
        f"From {escaped(origin)}." + (f" Reference: {escaped(reference)}." if reference else ""),
        "## Formula",
        f"$$\n{to_latex(without_dead(program)).strip()}\n$$",
        "## Program",
        f"{fence}python\n{source}\n{fence}",
        "## Hyperparameters",
        _hyperparameters(program),
        "## Cost",
        _cost(program),
    ]
    return "\n\n".join(parts) + "\n"


def escaped(words: str) -> str:
    """Returns words that Markdown shows as they stand, whatever they hold."""
    shown = "".join(c if c == "\n" or c.isprintable() else " " for c in words)
    shown = re.sub(r"\n[ \t]*", "\n", re.sub(r"\n\s*\n", "\n", shown.strip()))
    return _LIST.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", shown))


def _hyperparameters(program: Program) -> str:
    rows = [_row(each) for each in program.hyperparameters]
    if "lr" in program.inputs:
        rows = ["| lr | the learning rate of the step |", *rows]
    if "T" in program.inputs:
        rows = [*rows, "| T | the steps of the whole run |"]
    return "\n".join(["| name | default |", "|---|---|", *rows]) if rows else "None."


def _row(hyperparameter: Hyperparameter) -> str:
    return f"| {escaped(hyperparameter.name)} | {escaped(str(hyperparameter.default))} |"


def _cost(program: Program) -> str:
    asked = ", ".join(oracles(program))
    rows = [
        f"| state | {state_bytes(program):.4g} bytes a parameter |",
        f"| arithmetic | {flops(program):.4g} operations a parameter and step |",
        f"| asks for | {escaped(asked) or 'the gradient alone'} |",
    ]
    note = "Counted on a matrix of 1024 by 1024 in float32."
    return "\n".join(["| what | how much |", "|---|---|", *rows, "", note])
