"""Finds the program texts that stand beside this file, one file a family; none is ever imported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from ..program import Program

# The order of the book; a family whose file is not named here stands at its end.
BOOK = (
    "sgd", "classic", "adaptive", "adam", "variance", "sign", "layerwise", "factored",
    "preconditioned", "low_rank", "quasi_newton", "second_order", "orthogonal", "transforms",
    "noisy", "polyak",
    "sharpness", "parameter_free", "averaging", "schedules", "federated",
)  # fmt: skip
WITH_PROGRAMS = "combinators"  # the family of those that take a program, and are none themselves
EXAMPLE = "checked as: "  # in the docstring of a combinator: an expression with it


def _texts() -> dict[str, str]:
    """Returns the text of every family's file, in the order of the book."""
    held = (one for one in files(__package__).iterdir() if one.name.endswith(".py"))
    texts = {one.name[:-3]: one for one in held if not one.name.startswith("_")}
    names = [*BOOK, *sorted(texts.keys() - {*BOOK, WITH_PROGRAMS}), WITH_PROGRAMS]
    return {name: texts[name].read_text(encoding="utf-8") for name in names}


def _names(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"^def (\w+)\(", text, re.MULTILINE))


def _examples(text: str) -> dict[str, str]:
    """Returns the expression that each combinator is checked by, from its docstring."""
    pieces = re.split(r"^def (\w+)\(", text, flags=re.MULTILINE)[1:]
    found = re.compile(f"^ *{EXAMPLE}(.*)$", re.MULTILINE)
    return {
        name: match[1]
        for name, piece in zip(pieces[::2], pieces[1::2], strict=True)
        if (match := found.search(piece))
    }


TEXTS: dict[str, str] = _texts()
FAMILIES: dict[str, tuple[str, ...]] = {
    family: _names(text) for family, text in TEXTS.items() if family != WITH_PROGRAMS
}
NAMES: tuple[str, ...] = tuple(name for names in FAMILIES.values() for name in names)

# Programs that take a program, each with the expression that it is checked by.
COMBINATORS: dict[str, str] = _examples(TEXTS[WITH_PROGRAMS])

EVERY: tuple[str, ...] = (*NAMES, *COMBINATORS)

# Programs that the probe of behavioural keys cannot tell apart, and where they differ.
SAME_AS: dict[str, tuple[str, str]] = {
    "adalomo": ("adafactor", "at rates above t**-0.5, and with weight decay"),
    "adamc": ("adamw", "where the learning rate changes"),
    "momo_adam": ("adam", "where the loss is so low that a linear model of it cuts the step"),
}

# What loads as a program, for each name.
EXPRESSIONS: tuple[str, ...] = (*NAMES, *COMBINATORS.values())


def family(name: str) -> str:
    """Returns the family of the program `name`: the name of the file that holds its text."""
    if name in COMBINATORS:
        return WITH_PROGRAMS
    for one, names in FAMILIES.items():
        if name in names:
            return one
    near = get_close_matches(name, EVERY, n=1)
    hint = f"; the nearest name is {near[0]!r}" if near else ""
    raise KeyError(f"expected the name of a zoo program, not {name!r}{hint}")


@cache
def source(name: str) -> str:
    """Returns the text of the program `name`, from its `def` to its last line."""
    pieces = ("\n" + TEXTS[family(name)]).split("\ndef ")[1:]
    (found,) = [piece for piece in pieces if piece.startswith(f"{name}(")]
    return f"def {found.rstrip()}\n"


def reference(name: str) -> str:
    """Returns the implementation that the docstring of the program `name` names."""
    lines = [line.strip() for line in source(name).splitlines()]
    (found,) = [line for line in lines if line.startswith("reference: ")]
    return found.removeprefix("reference: ")


@cache
def measured() -> dict[str, Sequence[dict[str, Any]]]:
    """Returns, by program, the rows of `agreement.json`: reference, steps, error, noticed, tried.

    error: the largest difference after any step, relative to the distance moved; noticed: changes
    of the program that the comparison notices. Written by `python -m evaluators.verification`.
    """
    text = (files(__package__) / "agreement.json").read_text(encoding="utf-8")
    return json.loads(text)["programs"]


def agreement(name: str) -> float | None:
    """Returns the largest measured difference between `name` and any of its references.

    None for a program that was not measured yet.
    """
    return max((row["error"] for row in measured().get(name, ())), default=None)


def noticed(name: str) -> float:
    """Returns the largest share of changes of `name` that any of its references notices."""
    rows = measured().get(name, ())
    return max((row.get("noticed", 0) / max(1, row.get("tried", 0)) for row in rows), default=0.0)


def programs() -> Iterator[tuple[str, Program]]:
    """Yields the name and the program of every text of the zoo, in the order of `EXPRESSIONS`."""
    from ..load import load  # a text can be listed without the parser

    for name in EXPRESSIONS:
        yield name, load(name)
