"""The front of quality, length and state: a picture whose points lead to the rules, and a table."""

from __future__ import annotations

from collections.abc import Sequence

from ..axes import Axis, fitted, short
from ..data import Point, ReportData
from ..markup import EMPTY, Html, code, join, tag
from .base import bytes_of, folded, header, note, scroll, section

WIDTH, HEIGHT = 900, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 14, 44
SIZE = 5.5  # of a mark
# A mark for each amount of state, by its rank among those that occur: outlines around (0, 0).
MARKS = (
    "M0-5.5A5.5 5.5 0 1 1 0 5.5A5.5 5.5 0 1 1 0-5.5Z",
    "M-5-5H5V5H-5Z",
    "M0-7L7 0L0 7L-7 0Z",
    "M0-6.5L6.5 5H-6.5Z",
    "M0 6.5L6.5-5H-6.5Z",
)
FIRST_COLOUR = 2  # orange and grey are the found rule's and AdamW's
ABOUT = (
    "Rules of the {rung} rung by speed-up over tuned AdamW, number of calls and bytes of state a "
    "parameter. Filled: no other rule is as fast, as short and as small. The lines join them."
)


def front(data: ReportData) -> Html:
    """Returns the section of the front."""
    if not data.front:
        return EMPTY
    best = [point for point in data.front if point.front]
    about = note(ABOUT.format(rung=data.front_rung))
    return section(
        "front", "The front", about, _legend(data.front), _picture(data.front),
        folded(f"The {len(best)} rules of the front as a table", _table(best)),
    )  # fmt: skip


def _sizes(points: Sequence[Point]) -> list[float]:
    return sorted({point.state_bytes for point in points})


def _style(size: float, sizes: Sequence[float]) -> str:
    return f"s{FIRST_COLOUR + min(sizes.index(size), len(MARKS) - 1) % 4}"


def _outline(size: float, sizes: Sequence[float]) -> str:
    return MARKS[min(sizes.index(size), len(MARKS) - 1)]


def _legend(points: Sequence[Point]) -> Html:
    sizes = _sizes(points)
    keys = []
    for size in sizes:
        mark = tag("path", d=_outline(size, sizes), class_=f"mark {_style(size, sizes)}")
        icon = tag("svg", mark, view_box="-8 -8 16 16", class_="icon", aria_hidden="true")
        keys.append(tag("span", icon, f"{short(size)} bytes of state", class_="key"))
    return tag("p", join(keys), class_="legend")


def _picture(points: Sequence[Point]) -> Html:
    x = fitted([0.5, *(point.calls for point in points)], LEFT, WIDTH - RIGHT)
    y = fitted([1.0, *(point.speedup for point in points)], HEIGHT - BOTTOM, TOP, log=True)
    sizes = _sizes(points)
    behind = [_mark(one, x, y, sizes) for one in points if not one.front]
    best = sorted((one for one in points if one.front), key=lambda one: (one.calls, one.speedup))
    lines = [_line([p for p in best if p.state_bytes == size], x, y, sizes) for size in sizes]
    title = (
        f"{len(points)} rules, {len(best)} of them on the front: "
        f"from {best[0].calls} calls at {best[0].speedup:.2f} times AdamW's speed to "
        f"{best[-1].calls} calls at {best[-1].speedup:.2f} times."
    )
    svg = tag(
        "svg", tag("title", title), _frame(x, y), join(behind), join(lines),
        join(_linked(one, x, y, sizes) for one in best),
        view_box=f"0 0 {WIDTH} {HEIGHT}", role="group", aria_label=title, class_="chart broad",
    )  # fmt: skip
    return tag("figure", tag("div", svg, class_="scroll"))


def _frame(x: Axis, y: Axis) -> Html:
    parts = []
    for value in y.ticks():
        at = f"{y.at(value):.1f}"
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, class_="grid"))
        parts.append(tag("text", short(value), x=LEFT - 8, y=at, dy="0.35em", class_="end"))
    bottom = HEIGHT - BOTTOM
    for value in (tick for tick in x.ticks() if tick == round(tick)):
        parts.append(tag("text", short(value), x=f"{x.at(value):.1f}", y=bottom + 18,
                         class_="middle"))  # fmt: skip
    one = f"{y.at(1.0):.1f}"
    parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=one, y2=one, class_="one"))
    parts.append(tag("text", "tuned AdamW", x=WIDTH - RIGHT, y=one, dy="-0.4em", class_="end"))
    parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=bottom, y2=bottom, class_="axis"))
    parts.append(tag("text", "calls", x=(LEFT + WIDTH) / 2, y=HEIGHT - 6, class_="middle name"))
    turn = f"translate(13 {(TOP + bottom) / 2:.0f}) rotate(-90)"
    parts.append(tag("text", "speed-up over AdamW", transform=turn, class_="middle name"))
    return join(parts)


def _line(points: Sequence[Point], x: Axis, y: Axis, sizes: Sequence[float]) -> Html:
    """The best speed-up with so much state, as the number of calls grows."""
    if len(points) < 2:
        return EMPTY
    path = f"M{x.at(points[0].calls):.1f} {y.at(points[0].speedup):.1f}"
    path += "".join(f"H{x.at(p.calls):.1f}V{y.at(p.speedup):.1f}" for p in points[1:])
    return tag("path", d=path, class_=f"stair {_style(points[0].state_bytes, sizes)}")


def _mark(one: Point, x: Axis, y: Axis, sizes: Sequence[float]) -> Html:
    at = f"translate({x.at(one.calls):.1f} {y.at(one.speedup):.1f})"
    style = f"mark {'' if one.front else 'behind '}{_style(one.state_bytes, sizes)}"
    return tag("path", d=_outline(one.state_bytes, sizes), transform=at, class_=style)


def _linked(one: Point, x: Axis, y: Axis, sizes: Sequence[float]) -> Html:
    """A point of the front: a link to the rule's card, or to its line of the table."""
    says = _said(one)
    label = EMPTY
    if one.rank is not None:
        label = tag("text", one.rank, x=f"{x.at(one.calls) + 10:.1f}",
                    y=f"{y.at(one.speedup) - 8:.1f}", class_="entry rank")  # fmt: skip
    ring = tag("circle", r=11, cx=f"{x.at(one.calls):.1f}", cy=f"{y.at(one.speedup):.1f}",
               class_="ring")  # fmt: skip
    href = f"#card-{one.rank}" if one.rank is not None else f"#rule-{one.candidate}"
    return tag("a", tag("title", says), ring, _mark(one, x, y, sizes), label, href=href,
               aria_label=says)  # fmt: skip


def _said(one: Point) -> str:
    rank = f"Rank {one.rank}" if one.rank is not None else f"Candidate {one.candidate:,}"
    size = f"{short(one.state_bytes)} bytes of state"
    return f"{rank}: {one.speedup:.2f} times AdamW's speed, {one.calls} calls, {size}"


def _table(points: Sequence[Point]) -> Html:
    rows = [_row(one) for one in sorted(points, key=lambda one: -one.speedup)]
    table = tag("table", header(("speed-up", "calls", "state", "rule")), tag("tbody", join(rows)))
    return scroll(table, "The rules of the front")


def _row(one: Point) -> Html:
    card = tag("a", f"rank {one.rank}", href=f"#card-{one.rank}") if one.rank is not None else EMPTY
    text = folded(f"candidate {one.candidate:,}", code(one.text))
    values = (one.calls, bytes_of(one.state_bytes))
    cells = [tag("td", value) for value in values] + [tag("td", card, text, class_="text")]
    return tag(
        "tr", tag("th", f"{one.speedup:.2f}", scope="row"), join(cells), id=f"rule-{one.candidate}"
    )
