"""The map as SVG that needs nothing beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy as np

from ..report.markup import Html, join, tag
from .labels import Box, labelled

WIDTH, HEIGHT, MARGIN, KEYS = 1080, 700, 30, 170  # pixels; the keys stand to the right
LINE = 21  # from one key to the next
COLOURS = 8
RADIUS = 4.6
FOUND = "star"  # the mark of rules that are not of the zoo
MARKS = ("circle", "square", "triangle", "diamond", "cross", "plus", "ring")

Points = Mapping[str, tuple[float, float]]


def drawn(
    points: np.ndarray, names: Sequence[str], families: Sequence[str], famous: Sequence[str],
    found: Mapping[str, np.ndarray],
) -> str:  # fmt: skip
    """Returns the drawing. found: the points of rules that are not of the zoo, by their labels."""
    every = np.vstack([points, *found.values()]) if found else points
    at = _pixels(every)
    zoo, ours = at[: len(points)], at[len(points) :]
    styles = styled(families)
    marks = [_mark(x, y, styles[f], f"{n} ({f})") for (x, y), n, f in zip(zoo, names, families,
             strict=True)]  # fmt: skip
    stars = [_mark(x, y, (FOUND, "found"), n) for (x, y), n in zip(ours, found, strict=True)]
    place = dict(zip(names, zoo, strict=True)) | dict(zip(found, ours, strict=True))
    wanted = [(n, *place[n]) for n in (*found, *famous)]
    texts = labelled(wanted, at, _AREA, len(found))
    lines = [_leader(*place[one.text], one.x, one.y) for one in texts if one.far]
    said = [_text(one.text, one.x, one.y, one.anchor, one.text in found) for one in texts]
    style = files("search.atlas").joinpath("map.css").read_text(encoding="utf-8")
    title = f"{len(names)} known optimizers; those that do alike lie close together"
    return tag(
        "svg", tag("title", title), tag("style", Html(style)),
        tag("rect", width=WIDTH, height=HEIGHT, class_="paper"),
        tag("g", join(lines)), tag("g", join(marks)), tag("g", join(stars)), tag("g", join(said)),
        _keys(families, styles, bool(found)),
        xmlns="http://www.w3.org/2000/svg", view_box=f"0 0 {WIDTH} {HEIGHT}", role="img",
    )  # fmt: skip


_AREA: Box = (4, 4, WIDTH - KEYS - 4, HEIGHT - 4)


def styled(families: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Returns a mark and a colour for each family, no two alike; the largest families differ in
    both."""
    order = [name for name, _ in Counter(families).most_common()]
    return {
        name: (MARKS[(k + k // COLOURS) % len(MARKS)], f"c{k % COLOURS}")
        for k, name in enumerate(order)
    }


def _pixels(points: np.ndarray) -> list[tuple[float, float]]:
    """Fits points into the drawing, both axes on one scale."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([WIDTH - KEYS - 2 * MARGIN, HEIGHT - 2 * MARGIN])
    scale = float(np.min(room / np.maximum(high - low, 1e-9)))
    centred = (points - (low + high) / 2) * scale
    return [(float(MARGIN + room[0] / 2 + x), float(MARGIN + room[1] / 2 - y)) for x, y in centred]


def _mark(x: float, y: float, style: tuple[str, str], says: str) -> Html:
    shape, colour = style
    where = f"translate({x:.1f} {y:.1f})"
    return tag("path", tag("title", says), d=SHAPES[shape], transform=where,
               class_=f"{colour} {'open' if shape in OPEN else 'full'}")  # fmt: skip


def _leader(x: float, y: float, to_x: float, to_y: float) -> Html:
    return tag("path", d=f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}", class_="leader")


def _text(text: str, x: float, y: float, anchor: str, found: bool) -> Html:
    return tag("text", text, x=f"{x:.1f}", y=f"{y:.1f}", dy="0.35em", text_anchor=anchor,
               class_="ours" if found else None)  # fmt: skip


def _keys(families: Sequence[str], styles: Mapping[str, tuple[str, str]], found: bool) -> Html:
    count = Counter(families)
    rows = [(f"{name.replace('_', ' ')} {count[name]}", styles[name]) for name in styles]
    rows += [("rules of a search", (FOUND, "found"))] if found else []
    x, y = WIDTH - KEYS + 12, MARGIN + 6
    parts = []
    for k, (name, style) in enumerate(rows):
        parts += [_mark(x, y + k * LINE, style, name),
                  _text(name, x + 12, y + k * LINE, "start", False)]  # fmt: skip
    return tag("g", join(parts), class_="keys")


def _polygon(*corners: tuple[float, float]) -> str:
    return "M" + "L".join(f"{x * RADIUS:.2f} {y * RADIUS:.2f}" for x, y in corners) + "Z"


def _star() -> str:
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    sizes = np.where(np.arange(10) % 2 == 0, 2.4, 1.0)
    return _polygon(*zip(sizes * np.cos(turns), sizes * np.sin(turns), strict=True))


_R = RADIUS
_ROUND = f"M{-_R} 0a{_R} {_R} 0 1 0 {2 * _R} 0a{_R} {_R} 0 1 0 {-2 * _R} 0Z"
SHAPES = {
    "circle": _ROUND,
    "ring": _ROUND,
    "square": _polygon((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": _polygon((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    "diamond": _polygon((0, -1.3), (1.1, 0), (0, 1.3), (-1.1, 0)),
    "cross": f"M{-_R} {-_R}L{_R} {_R}M{-_R} {_R}L{_R} {-_R}",
    "plus": f"M{-1.2 * _R} 0L{1.2 * _R} 0M0 {-1.2 * _R}L0 {1.2 * _R}",
    FOUND: _star(),
}
OPEN = ("cross", "plus", "ring")
