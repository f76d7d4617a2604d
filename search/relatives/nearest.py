"""The known rules that the fewest edits make into a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsl import Program, load
from dsl.recognition import plain

from ..fingerprints.stored import kept
from .alignment import Alignment, aligned
from .trees import LEAF, NEXT, NUMBER, STATE, Form, form
from .wording import difference

LOOKED_AT = 24  # known rules with the most similar calls, whose edits are worked out
_LEAVES = {NUMBER, LEAF, STATE, NEXT}


@dataclass(frozen=True)
class Near:
    """A known rule, how many calls of it change to make a program, and which.

    share: of the calls of both, those that change, 0 to 1. sentence: the rule and the changes.
    """

    name: str
    edits: float
    share: float
    sentence: str
    alignment: Alignment


def nearest_structures(program: Program, count: int = 3) -> list[Near]:
    """Returns the known rules whose canonical forms need the fewest edits, the nearest first."""
    ours = form(plain(program))
    found = [_aligned(name, ours) for name in _alike(ours)]
    found.sort(key=lambda one: (one[1].cost, one[0]))
    return [_near(name, ours, alignment, theirs) for name, alignment, theirs in found[:count]]


def set_apart(program: Program, other: Program, name: str) -> Near:
    """Returns what makes a program from another one, called `name`."""
    ours, theirs = form(plain(program)), form(plain(other))
    return _near(name, ours, aligned(ours, theirs), theirs, other)


def _aligned(name: str, ours: Form) -> tuple[str, Alignment, Form]:
    theirs = form(plain(load(kept()[name].expression)))
    return name, aligned(ours, theirs), theirs


def _near(
    name: str, ours: Form, found: Alignment, theirs: Form, rule: Program | None = None
) -> Near:
    total = sum(sum(_calls(one.ops).values()) for one in (ours, theirs))
    known = rule or load(kept()[name].expression)
    sentence = difference(name, known, ours, found)
    return Near(name, found.cost, min(1.0, found.cost / max(total, 1)), sentence, found)


def _alike(ours: Form) -> Sequence[str]:
    """Known rules by how many calls only one of the two has, which edits cannot be fewer than."""
    own = _calls(ours.ops)

    def other(name: str) -> float:
        calls = kept()[name].calls
        return sum(abs(own.get(op, 0) - calls.get(op, 0)) for op in own.keys() | calls.keys())

    return sorted(kept(), key=lambda name: (other(name), name))[:LOOKED_AT]


def _calls(ops: Mapping[str, int]) -> dict[str, int]:
    return {op: count for op, count in ops.items() if op not in _LEAVES}
