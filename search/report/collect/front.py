"""Which rules are on the front of quality, length and state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...archive import Archive, Entry
from ..data import Point

MOST = 600  # rules beside the front that are drawn: the best


def front_points(archive: Archive, cards: Mapping[int, int]) -> tuple[str, tuple[Point, ...]]:
    """Returns the rung that the best rule was measured in, and the rules measured there.

    Only scores from one rung can be compared: they stand on the same tasks. cards: the ranks of
    the candidates that have a card.
    """
    if archive.best is None:
        return "", ()
    depth = archive.best_depth
    here = [e for e in archive.entries.values() if e.depth == depth and e.score > 0]
    here.sort(key=lambda e: (-e.score, e.candidate.length, e.candidate.state_bytes, e.candidate.id))
    front = {entry.candidate.id for entry in _front(here)}
    shown = [e for k, e in enumerate(here) if k < MOST or e.candidate.id in front]
    points = tuple(_point(entry, entry.candidate.id in front, cards) for entry in shown)
    return archive.rungs[depth], points


def _front(falling: list[Entry]) -> Iterator[Entry]:
    """Yields, of rules by falling quality, those that no better one has in length and state."""
    kept: list[tuple[int, float]] = []
    for entry in falling:
        length, size = entry.candidate.length, entry.candidate.state_bytes
        if not any(a <= length and b <= size for a, b in kept):
            kept.append((length, size))
            yield entry


def _point(entry: Entry, front: bool, cards: Mapping[int, int]) -> Point:
    one = entry.candidate
    return Point(
        one.id, entry.score, one.length, one.state_bytes, front, cards.get(one.id),
        one.text if front else "",
    )  # fmt: skip
