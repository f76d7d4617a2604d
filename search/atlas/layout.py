"""Points in the plane whose distances are near those of fingerprints (multidimensional scaling).

Classical scaling (Torgerson, 1952) is the start, majorization of the stress (de Leeuw, 1977) does
the rest. Rules that are not of the zoo are placed afterwards and move none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..fingerprints import Families, between, families

ROUNDS = 200
TINY = 1e-12


@dataclass(frozen=True)
class Layout:
    """Points [rule, 2], and how far their distances are from those that they stand for.

    stress: root of the summed squares of the differences over that of the distances, 0 to 1.
    plane, all_numbers: how well neighbours tell families there and among the fingerprints.
    """

    points: np.ndarray
    stress: float
    plane: Families
    all_numbers: Families


def laid_out(vectors: np.ndarray, names: Sequence[str]) -> Layout:
    """Returns a point for each fingerprint, a row of `vectors`; names: of their families."""
    table = between(vectors)
    points = _turned(_majorized(table, classical(table)))
    off = np.linalg.norm(between(points) - table) / np.linalg.norm(table)
    return Layout(points, float(off), families(points, names), families(vectors, names))


def classical(table: np.ndarray) -> np.ndarray:
    """Returns points in the plane by classical scaling of a table of distances."""
    centred = np.eye(len(table)) - 1 / len(table)
    values, axes = np.linalg.eigh(-centred @ table**2 @ centred / 2)
    return axes[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 0))


def _majorized(table: np.ndarray, points: np.ndarray) -> np.ndarray:
    for _ in range(ROUNDS):
        ratio = -table / np.maximum(between(points), TINY)
        np.fill_diagonal(ratio, 0)
        np.fill_diagonal(ratio, -ratio.sum(axis=1))
        points = ratio @ points / len(points)
    return points


def _turned(points: np.ndarray) -> np.ndarray:
    """Turns a cloud so that it reaches farthest across, its longer tails to the right and up."""
    centred = points - points.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2]
    along = centred @ axes.T
    along = along[:, np.argsort(-np.ptp(along, axis=0), kind="stable")]
    return along * np.where((along**3).sum(axis=0) < 0, -1, 1)


def placed(vector: np.ndarray, vectors: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns the point of one more fingerprint among those that lie where they lie."""
    wanted = np.linalg.norm(vectors - vector, axis=1)
    near = np.argsort(wanted, kind="stable")[:3]
    at = points[near].mean(axis=0)
    for _ in range(ROUNDS):
        away = at - points
        size = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), TINY)
        at = (points + wanted[:, None] * away / size).mean(axis=0)
    return at
