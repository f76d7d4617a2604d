"""What sets two programs apart, and which known rules a program is near: by structure and deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dsl import Program, behavioural_key, canonical_key, structure_key
from dsl.recognition import plain, recognized

from .fingerprints import kept, known_or_taken
from .fingerprints import nearest as nearest_fingerprints
from .relatives import Near, nearest_structures, set_apart
from .relatives.side_by_side import unified

SHOWN = 3  # relatives of each kind


@dataclass(frozen=True)
class Relatives:
    """The known rules near a program.

    known: the known rule that it is at some constants, with these; empty if it is none. structures:
    those that the fewest edits make into it. neighbours: those that do most nearly what it does,
    with the distances of the fingerprints.
    """

    known: str
    structures: tuple[Near, ...]
    neighbours: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Comparison:
    """Two programs side by side.

    distance: of their fingerprints. sentence: the second as the first and what is other in it.
    difference: a unified diff of the canonical forms with their constants read in, empty if there
    is none. relatives: by the names of the two.
    """

    same_structure: bool
    same_program: bool
    same_behaviour: bool
    distance: float
    sentence: str
    difference: str
    relatives: Mapping[str, Relatives]


def compare(a: Program, b: Program) -> Comparison:
    """Compares two programs without training either."""
    names = (a.name, b.name if a.name != b.name else f"{b.name} (2)")
    near = set_apart(b, a, names[0])
    prints = [known_or_taken(p) for p in (a, b)]
    return Comparison(
        structure_key(a) == structure_key(b),
        canonical_key(a) == canonical_key(b),
        behavioural_key(a) is not None and behavioural_key(a) == behavioural_key(b),
        float(np.linalg.norm(prints[0] - prints[1])),
        f"{names[1]} is {near.sentence}.",
        unified(plain(a), plain(b), near.alignment.states, names),
        {n: relatives(p, v) for n, p, v in zip(names, (a, b), prints, strict=True)},
    )


def relatives(
    program: Program, vector: np.ndarray | None = None, but: str = ""
) -> Relatives:
    """Returns the known rules near a program.

    vector: its fingerprint, if it is known. but: a known rule that is left out: itself.
    """
    found = known_or_taken(program) if vector is None else vector
    structures = nearest_structures(program, SHOWN + 1)
    neighbours = nearest_fingerprints(found, kept(), SHOWN + 1)
    return Relatives(
        str(recognized(program) or ""),
        tuple([one for one in structures if one.name != but][:SHOWN]),
        tuple([one for one in neighbours if one[0] != but][:SHOWN]),
    )


def nearest(program: Program) -> tuple[str, float]:
    """Returns the known rule whose fingerprint is nearest, and the distance."""
    return nearest_fingerprints(known_or_taken(program), kept(), 1)[0]


def described(found: Relatives, name: str = "") -> dict[str, Any]:
    """Returns relatives as fields that people and scripts read. name: of the program, if needed."""
    of = f"{name}_" if name else ""
    return {
        f"{of}is": found.known or "no rule of the zoo at other constants",
        f"{of}nearest_by_structure": [
            f"{one.sentence} ({one.edits:.3g} edits)" for one in found.structures
        ],
        f"{of}nearest_by_what_it_does": [f"{who} ({d:.3f})" for who, d in found.neighbours],
    }
