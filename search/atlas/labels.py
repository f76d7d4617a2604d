"""Places for labels beside points, so that no label lies on another or on a point it hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LETTER, LINE = 6.3, 13.0  # the width of a letter and the height of a line, in pixels
GAPS = (6.0, 20.0, 36.0, 56.0)  # between a point and its label; a line bridges all but the first
# Where a label may stand: shift in units of its width and height, and its anchor.
PLACES = (
    (1, 0, "start"), (-1, 0, "end"), (0, -1, "middle"), (0, 1, "middle"),
    (0.7, -0.75, "start"), (-0.7, -0.75, "end"), (0.7, 0.75, "start"), (-0.7, 0.75, "end"),
)  # fmt: skip


@dataclass(frozen=True)
class Label:
    """A text at a point of the drawing, anchored as SVG says; far: a line leads to its mark."""

    text: str
    x: float
    y: float
    anchor: str
    far: bool


Box = tuple[float, float, float, float]  # left, top, right, bottom


def labelled(
    wanted: Sequence[tuple[str, float, float]],
    points: Sequence[tuple[float, float]],
    area: Box,
    always: int = 0,
) -> list[Label]:
    """Returns the labels that find room, those named first before others.

    wanted: texts and their points. points: all marks, of which a label hides none if it can.
    always: so many of the first are shown even where they hide marks.
    """
    taken: list[Box] = []
    out: list[Label] = []
    for rank, (text, x, y) in enumerate(wanted):
        tries = [_at(text, x, y, place, gap) for gap in GAPS for place in PLACES]
        free = [
            (one, box) for one, box in tries
            if _inside(box, area) and not any(_meet(box, other) for other in taken)
        ]  # fmt: skip
        hidden = [sum(_covers(box, point) for point in points) for _, box in free]
        if not free or (min(hidden) > 0 and rank >= always):
            continue
        one, box = free[hidden.index(min(hidden))]
        taken.append(box)
        out.append(one)
    return out


def _at(
    text: str, x: float, y: float, place: tuple[float, float, str], gap: float
) -> tuple[Label, Box]:
    across, down, anchor = place
    width = LETTER * len(text)
    at = x + gap * across, y + (gap + LINE / 2) * down
    left = at[0] - {"start": 0, "middle": width / 2, "end": width}[anchor]
    box = left, at[1] - LINE / 2, left + width, at[1] + LINE / 2
    return Label(text, at[0], at[1], anchor, gap > GAPS[0]), box


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _covers(box: Box, point: tuple[float, float]) -> bool:
    return box[0] - 2 < point[0] < box[2] + 2 and box[1] - 1 < point[1] < box[3] + 1


def _inside(box: Box, area: Box) -> bool:
    return box[0] > area[0] and box[1] > area[1] and box[2] < area[2] and box[3] < area[3]
