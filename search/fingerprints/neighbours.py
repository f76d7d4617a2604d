"""The known rules nearest to a fingerprint, and how well neighbours tell families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .stored import Kept


def distances(vector: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns the distance of one fingerprint to each row of others."""
    return np.linalg.norm(others - vector, axis=1)


def between(vectors: np.ndarray) -> np.ndarray:
    """Returns the distances of all pairs of rows, a symmetric matrix."""
    squares = np.sum(vectors**2, axis=1)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * vectors @ vectors.T, 0))


def nearest(
    vector: np.ndarray, rows: Mapping[str, Kept], count: int = 3
) -> list[tuple[str, float]]:
    """Returns the names and distances of the nearest known rules; of equals the first."""
    names = list(rows)
    found = distances(vector, np.array([row.vector for row in rows.values()]))
    order = np.argsort(np.round(found, 6), kind="stable")[:count]
    return [(names[k], float(found[k])) for k in order]


@dataclass(frozen=True)
class Families:
    """How well a rule's nearest neighbour tells its family.

    accuracy: over the zoo, each rule left out in turn. chance: of guesses by how frequent families
    are. largest: of always guessing the largest. within, apart: mean distances of rules of one
    family and of two.
    """

    accuracy: float
    chance: float
    largest: float
    within: float
    apart: float


def families(points: np.ndarray, names: Sequence[str]) -> Families:
    """Measures families among points, rows whose families are `names`."""
    table = between(points)
    labels = np.array(names)
    same = labels[:, None] == labels[None]
    pairs = ~np.eye(len(labels), dtype=bool)
    neighbour = np.where(pairs, table, np.inf).argmin(axis=1)
    share = np.unique(labels, return_counts=True)[1] / len(labels)
    return Families(
        float(np.mean(labels[neighbour] == labels)),
        float(np.sum(share**2)),
        float(share.max()),
        float(table[same & pairs].mean()),
        float(table[~same].mean()),
    )
