"""Line charts and interval charts as SVG, coloured by the style of the page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from .axes import Axis, fitted, short
from .data import Chart, ExamPart, Interval, Series
from .markup import EMPTY, Html, join, tag

WIDTH, HEIGHT = 440, 270
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 10, 42
COLOURS = 6
# What is always drawn in the same colour; others take the rest in their order.
FIXED = {"found": 0, "this rule": 0, "adamw": 1}
SHARED = 2  # colours that the fixed names take
MOST = 40  # lines of the table under a chart: of longer curves a part of the points


def colour(name: str, names: Sequence[str]) -> str:
    """Returns the class that colours a line: the same for the same name in every chart."""
    if name in FIXED:
        return f"s{FIXED[name]}"
    others = [n for n in names if n not in FIXED]
    return f"s{SHARED + others.index(name) % (COLOURS - SHARED)}"


def chart(data: Chart) -> Html:
    """Returns a figure: title, legend, lines with bands, axes."""
    series = [s for s in data.series if any(_shown(s, data))]
    caption = tag("figcaption", tag("strong", data.title), _legend(series))
    if not series:
        return tag("figure", caption, tag("p", "Nothing was measured yet.", class_="none"))
    note = tag("p", data.note, class_="note") if data.note else EMPTY
    return tag("figure", caption, _plot(data, series), note, _numbers(data, series))


def _shown(series: Series, data: Chart) -> list[bool]:
    """Tells which points of a line can be drawn."""
    pairs = zip(series.x, series.y, strict=True)
    return [
        math.isfinite(x) and math.isfinite(y) and (x > 0 or not data.log_x)
        and (y > 0 or not data.log_y) for x, y in pairs
    ]  # fmt: skip


def _legend(series: Sequence[Series]) -> Html:
    if len(series) < 2:
        return EMPTY
    names = [s.name for s in series]
    keys = [tag("span", tag("i", class_=colour(n, names)), n, class_="key") for n in names]
    return tag("span", join(keys), class_="legend")


def _plot(data: Chart, series: Sequence[Series]) -> Html:
    x = fitted((v for s in series for v in s.x), LEFT, WIDTH - RIGHT, data.log_x)
    bounds = [v for s in series for v in (*s.y, *s.low, *s.high)]
    bounds += [data.one] if data.one is not None else []
    y = fitted(bounds, HEIGHT - BOTTOM, TOP, data.log_y)
    names = [s.name for s in series]
    lines = [_line(s, data, x, y, colour(s.name, names)) for s in reversed(series)]
    label = f"{data.title}: {', '.join(names)}. {data.y_label} over {data.x_label}."
    return tag(
        "svg", tag("title", label), _frame(data, x, y), _reference(data, x, y), join(lines),
        view_box=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label, class_="chart",
    )  # fmt: skip


def _numbers(data: Chart, series: Sequence[Series]) -> Html:
    """Returns what is drawn as a table, folded away."""
    values = [{x: i for i, x in enumerate(one.x)} for one in series]
    places = sorted({x for one in values for x in one if math.isfinite(x)})
    places = places[:: math.ceil(len(places) / MOST)]
    rows = [
        tag("tr", tag("th", short(x), scope="row"),
            join(_value(one, at.get(x)) for one, at in zip(series, values, strict=True)))
        for x in places
    ]  # fmt: skip
    heads = [tag("th", name, scope="col") for name in (data.x_label, *(s.name for s in series))]
    table = tag("table", tag("thead", tag("tr", join(heads))), tag("tbody", join(rows)))
    inside = tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=data.title)
    return tag("details", tag("summary", "numbers"), inside, class_="numbers")


def _value(series: Series, place: int | None) -> Html:
    if place is None:
        return tag("td", "")
    band = EMPTY
    if series.low and series.high:
        band = tag("small", f"{short(series.low[place])}–{short(series.high[place])}")
    return tag("td", short(series.y[place]), band)


def _frame(data: Chart, x: Axis, y: Axis) -> Html:
    """Returns grid lines, ticks and the names of the axes."""
    parts = []
    for value in y.ticks():
        at = f"{y.at(value):.1f}"
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, class_="grid"))
        parts.append(tag("text", short(value), x=LEFT - 7, y=at, dy="0.35em", class_="end"))
    for value in data.x_ticks or x.ticks():
        at = f"{x.at(value):.1f}"
        parts.append(tag("line", x1=at, x2=at, y1=HEIGHT - BOTTOM, y2=HEIGHT - BOTTOM + 4,
                         class_="tick"))  # fmt: skip
        parts.append(tag("text", short(value), x=at, y=HEIGHT - BOTTOM + 17, class_="middle"))
    bottom = HEIGHT - BOTTOM
    parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=bottom, y2=bottom, class_="axis"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(tag("text", data.x_label, x=middle, y=HEIGHT - 6, class_="middle name"))
    turn = f"translate(12 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)"
    parts.append(tag("text", data.y_label, transform=turn, class_="middle name"))
    return join(parts)


def _reference(data: Chart, x: Axis, y: Axis) -> Html:
    if data.one is None:
        return EMPTY
    at = f"{y.at(data.one):.1f}"
    return tag("line", x1=x.start, x2=x.end, y1=at, y2=at, class_="one")


def _line(series: Series, data: Chart, x: Axis, y: Axis, style: str) -> Html:
    keep = [i for i, shown in enumerate(_shown(series, data)) if shown]
    points = [(x.at(series.x[i]), y.at(series.y[i])) for i in keep]
    band = EMPTY
    if series.low and series.high:
        upper = [(x.at(series.x[i]), y.at(series.high[i])) for i in keep]
        lower = [(x.at(series.x[i]), y.at(series.low[i])) for i in reversed(keep)]
        band = tag("path", d=f"{_path(upper)}L{_path(lower)[1:]}Z", class_=f"band {style}")
    stepped = _stepped(points) if series.steps else points
    line = tag("path", d=_path(stepped), class_=f"line {style}")
    marked = keep if series.dots or len(keep) == 1 else []
    dots = [_dot(series, i, x, y, style) for i in marked]
    return tag("g", band, line, join(dots))


def _dot(series: Series, i: int, x: Axis, y: Axis, style: str) -> Html:
    says = tag("title", f"{series.name}: {short(series.y[i])} at {short(series.x[i])}")
    at = {"cx": f"{x.at(series.x[i]):.1f}", "cy": f"{y.at(series.y[i]):.1f}"}
    return tag("circle", says, r=3, class_=f"dot {style}", **at)


def _stepped(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    made = list(points[:1])
    for (_, before), (x, y) in itertools.pairwise(points):
        made += [(x, before), (x, y)]
    return made


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def forest(part: ExamPart) -> Html:
    """Returns the means of one part of the last table as points with intervals."""
    lines = [line for line in part.lines if not line.mean.failed and line.mean.value > 0]
    if not lines:
        return EMPTY
    left, row, top = 108, 22, 6
    height = top + row * len(lines) + 36
    bounds = [v for line in lines for v in _bounds(line.mean)]
    x = fitted([*bounds, 1.0], left, WIDTH - 16, log=True)
    parts = [_ruler(x, top, height - 36)]
    names = [line.entry for line in part.lines]
    for i, line in enumerate(lines):
        at = top + row * (i + 0.5)
        parts.append(tag("text", line.entry, x=left - 10, y=at, dy="0.35em", class_="end entry"))
        parts.append(_interval(line.mean, x, at, colour(line.entry, names)))
    middle = (left + WIDTH - 16) / 2
    caption = "mean speed-up with its 95 % interval"
    parts.append(tag("text", caption, x=middle, y=height - 4, class_="middle name"))
    label = f"{part.title}: " + ", ".join(f"{n.entry} {short(n.mean.value)}" for n in lines)
    return tag(
        "svg", tag("title", label), join(parts), view_box=f"0 0 {WIDTH} {height}", role="img",
        aria_label=label, class_="chart forest",
    )  # fmt: skip


def _bounds(interval: Interval) -> list[float]:
    return [v for v in (interval.low, interval.value, interval.high) if v and v > 0]


def _ruler(x: Axis, top: float, bottom: float) -> Html:
    parts = []
    for value in x.ticks():
        at = f"{x.at(value):.1f}"
        parts.append(tag("line", x1=at, x2=at, y1=top, y2=bottom, class_="grid"))
        parts.append(tag("text", short(value), x=at, y=bottom + 15, class_="middle"))
    one = f"{x.at(1.0):.1f}"
    return join([*parts, tag("line", x1=one, x2=one, y1=top, y2=bottom, class_="one")])


def _interval(value: Interval, x: Axis, at: float, style: str) -> Html:
    low, *_, high = _bounds(value)
    says = tag("title", f"{short(value.value)} ({short(low)} to {short(high)})")
    bar = tag("line", x1=f"{x.at(low):.1f}", x2=f"{x.at(high):.1f}", y1=at, y2=at,
              class_=f"bar {style}")  # fmt: skip
    dot = tag("circle", says, cx=f"{x.at(value.value):.1f}", cy=at, r=4.5, class_=f"dot {style}")
    return join([bar, dot])
