"""The known rules that the fewest edits make into a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsl import Program, load
from dsl.recognition import plain

from ..fingerprints.stored import kept
from .alignment import Alignment, aligned
from .trees import LEAF, NEXT, NUMBER, STATE, Form, form
from .wording import difference

LOOKED_AT = 12  # known rules with the most similar calls, whose edits are worked out
WORK = 30_000  # pairs of values that are aligned at most, once there are as many as asked for
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
    found: list[tuple[str, Alignment, Form]] = []
    done = 0
    for fewest, name in _alike(ours):
        if len(found) >= count and (done > WORK or found[count - 1][1].cost <= fewest):
            break
        found.append(_aligned(name, ours))
        done += len(ours.nodes) * len(found[-1][2].nodes)
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
    sentence = difference(name, known, theirs, ours, found)
    return Near(name, found.cost, min(1.0, found.cost / max(total, 1)), sentence, found)


def _alike(ours: Form) -> Sequence[tuple[float, str]]:
    """Known rules and the fewest edits that they may need: an edit makes up for two calls that only
    one of the two has, at most."""
    own = _calls(ours.ops)

    def fewest(name: str) -> float:
        calls = kept()[name].calls
        return sum(abs(own.get(op, 0) - calls.get(op, 0)) for op in own.keys() | calls.keys()) / 2

    return sorted((fewest(name), name) for name in kept())[:LOOKED_AT]


def _calls(ops: Mapping[str, int]) -> dict[str, int]:
    return {op: count for op, count in ops.items() if op not in _LEAVES}
