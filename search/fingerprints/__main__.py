"""Writes the fingerprints of the zoo and says how well neighbours tell families.

    python -m search.fingerprints            of every program that has none yet
    python -m search.fingerprints --all      of every program again
    python -m search.fingerprints NAME ...   of these again
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from dsl import load, zoo
from dsl.recognition import plain

from ..relatives.trees import LEAF, NEXT, NUMBER, STATE, form
from .neighbours import families
from .stored import Kept, kept, write
from .vector import fingerprint, rounding

_EXPRESSION = dict(zip(zoo.EVERY, zoo.EXPRESSIONS, strict=True))
_LEAVES = {NUMBER, LEAF, STATE, NEXT}


def measured(name: str) -> Kept:
    """Returns what is kept of a program of the zoo."""
    program = load(_EXPRESSION[name])
    calls = {op: n for op, n in form(plain(program)).ops.items() if op not in _LEAVES}
    return Kept(
        _EXPRESSION[name], zoo.family(name), fingerprint(program), rounding(program), calls
    )


def main(names: Sequence[str]) -> None:
    rows = {name: row for name, row in kept().items() if name in zoo.EVERY}
    wanted = zoo.EVERY if "--all" in names else names or [n for n in zoo.EVERY if n not in rows]
    with ProcessPoolExecutor() as pool:
        for name, row in zip(wanted, pool.map(measured, wanted), strict=True):
            rows[name] = row
            print(name, file=sys.stderr, flush=True)
    write({name: rows[name] for name in zoo.EVERY if name in rows})
    found = families(np.array([r.vector for r in rows.values()]), [r.family for r in rows.values()])
    print(f"{len(rows)} programs; the nearest neighbour is of the same family for"
          f" {found.accuracy:.1%} of them, for {found.chance:.1%} by chance and for"
          f" {found.largest:.1%} if the largest family is always guessed.")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
