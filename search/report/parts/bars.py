"""What each call of a rule is worth: a table whose lines are drawn as intervals."""

from __future__ import annotations

from collections.abc import Sequence

from ..axes import Axis, fitted, short
from ..data import Bar
from ..markup import EMPTY, Html, join, tag
from .base import number, scroll, shown

WIDTH, HEIGHT = 260, 20


def bars(rows: Sequence[Bar]) -> Html:
    """Returns the table of changes, the dearest first."""
    if not rows:
        return EMPTY
    drawn = [v for row in rows if not row.effect.failed for v in _bounds(row)]
    x = fitted([1.0, *drawn], 8, WIDTH - 8, log=True)
    heads = tag("tr", tag("th", "call → in its place", scope="col"),
                tag("th", _ruler(x), scope="col"), tag("th", "speed", scope="col"))  # fmt: skip
    body = join(_row(row, x) for row in rows)
    table = tag("table", tag("thead", heads), tag("tbody", body), class_="bars")
    return scroll(table, "What each call is worth")


def _bounds(row: Bar) -> list[float]:
    values = (row.effect.low, row.effect.value, row.effect.high)
    return [value for value in values if value and value > 0]


def _ruler(x: Axis) -> Html:
    marks = [
        tag("text", short(value), x=f"{x.at(value):.1f}", y=14, class_="middle")
        for value in x.ticks()
    ]
    title = "Speed of the changed rule in units of the rule's own"
    return tag("svg", tag("title", title), join(marks), view_box=f"0 0 {WIDTH} {HEIGHT}",
               role="img", aria_label=title, class_="chart")  # fmt: skip


def _row(row: Bar, x: Axis) -> Html:
    before, _, after = row.change.partition(" -> ")
    shown_as = [tag("code", before), " → ", tag("code", after)] if after else [tag("code", before)]
    name = tag("th", *shown_as, scope="row", class_="change")
    if row.effect.failed:
        return tag("tr", name, tag("td", row.effect.failed, colspan=2, class_="failed text"))
    drawn = tag("td", _bar(row, x), class_="drawn")
    return tag("tr", name, drawn, tag("td", number(row.effect)))


def _bar(row: Bar, x: Axis) -> Html:
    """A bar from 1 to the effect, with the interval over it."""
    low, *_, high = _bounds(row)
    one, at = x.at(1.0), x.at(row.effect.value)
    middle = HEIGHT / 2
    style = "s1" if row.free else "s0"
    says = f"{row.effect.value:.2f} times as fast ({shown(low)} to {shown(high)})"
    return tag(
        "svg",
        tag("title", says),
        tag("rect", x=f"{min(one, at):.1f}", y=4, width=f"{abs(at - one):.1f}", height=HEIGHT - 8,
            class_=f"worth {style}"),
        tag("line", x1=f"{one:.1f}", x2=f"{one:.1f}", y1=0, y2=HEIGHT, class_="axis"),
        tag("line", x1=f"{x.at(low):.1f}", x2=f"{x.at(high):.1f}", y1=middle, y2=middle,
            class_=f"bar {style}"),
        view_box=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=says, class_="chart",
    )  # fmt: skip
