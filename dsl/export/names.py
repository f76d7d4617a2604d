"""Chooses the variables of a text, so that no value is overwritten before its last use."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from primitives import TABLE
from primitives.core import ELEMENTWISE

from ..program import Call, Program, Ref
from .errors import ExportError
from .levels import Infos
from .target import Target, taken

_USUAL = {"": "x", "update": "u"}  # what is nameless, and what every branch returns
Path = tuple[tuple[int, int], ...]  # the sides taken of each `if` around a statement


@dataclass(frozen=True)
class Event:
    """What one statement reads, and the values that it defines with the names they would like."""

    path: Path
    reads: frozenset[Ref]
    defines: tuple[tuple[int, str], ...]


def fallback(call: Call) -> str:
    """Returns the name that a value would like: its own, or one after what it is."""
    if call.name:
        return call.name
    if TABLE[call.op].scope != ELEMENTWISE and call.args and isinstance(call.args[0], str):
        return f"{call.args[0]}_{call.op.removeprefix('global_')}"
    return "x"


def choose_names(
    program: Program, target: Target, infos: Infos, events: Sequence[Event]
) -> dict[Ref, str]:
    """Returns the variable of every value that has one."""
    names = _given(program, target)
    holders: dict[str, list[Ref]] = {}
    for ref, name in names.items():
        holders.setdefault(name, []).append(ref)
    last = _reads(events)
    states = {names[state.name] for state in program.states}
    free = states | ({"lr"} if not target.traced else set())
    for position, event in enumerate(events):
        for ref, wish in event.defines:
            for name in _wishes(safe(_USUAL.get(wish, wish), target), states):
                if _is_free(name, ref, position, event.path, holders, infos, last, free):
                    break
            names[ref] = name
            holders.setdefault(name, []).append(ref)
    return names


def _given(program: Program, target: Target) -> dict[Ref, str]:
    fixed = [*("w", "g", "t", "T", "lr", "loss"), *(h.name for h in program.hyperparameters)]
    names: dict[Ref, str] = {}
    for name in [*fixed, *(state.name for state in program.states)]:
        names[name] = name if name in fixed[:6] else safe(name, target)
    if len(set(names.values())) < len(names):
        raise ExportError(f"two names of {program.name!r} become the same in {target.name}.")
    return names


def safe(name: str, target: Target) -> str:
    """Returns a legal variable for `name`, not one that the target uses itself."""
    # Python itself compares names in this form.
    name = unicodedata.normalize("NFKC", name)
    name = re.sub(r"\W", "_", name) or "x"
    if not name.isidentifier():
        name = f"x_{name}"
    clash = name in taken(target) or name.startswith(("_", "all_", "new_", "old_"))
    return f"{name.strip('_') or 'x'}_" if clash else name


def class_name(program: Program) -> str:
    """Returns the name of the class that a torch export defines: Adamw, LookaheadAdam."""
    name = "".join(part.capitalize() for part in program.name.split("_"))
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"{name}Rule"


def function_name(program: Program, target: Target) -> str:
    """Returns the name of the function that an optax export defines: the program's, if it can."""
    return f"{program.name}_" if program.name in taken(target) else program.name


def _reads(events: Sequence[Event]) -> dict[Ref, list[tuple[int, Path]]]:
    reads: dict[Ref, list[tuple[int, Path]]] = {}
    for position, event in enumerate(events):
        for ref in event.reads:
            reads.setdefault(ref, []).append((position, event.path))
    return reads


def _wishes(name: str, states: set[str]) -> Iterator[str]:
    yield name
    if name in states:
        yield f"{name}_next"
    number = 2
    while True:
        yield f"{name}_{number}" if name != "x" else f"x{number}"
        number += 1


def _is_free(
    name: str,
    ref: int,
    position: int,
    path: Path,
    holders: dict[str, list[Ref]],
    infos: Infos,
    reads: dict[Ref, list[tuple[int, Path]]],
    free: set[str],
) -> bool:
    """Tells whether a value may take over `name` at `position`."""
    for holder in holders.get(name, ()):
        if isinstance(holder, str) and name not in free:
            return False
        if infos[holder].leaf != infos[ref].leaf:
            return False
        later = [p for at, p in reads.get(holder, ()) if at > position]
        if any(not _exclusive(path, p) for p in later):
            return False
    return True


def _exclusive(path: Path, other: Path) -> bool:
    """Tells whether two places are on different sides of one `if`."""
    sides = dict(other)
    return any(sides.get(branch, side) != side for branch, side in path)
