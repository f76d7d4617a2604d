"""Maps: a table of numbers whose cells are shaded by their value."""

from __future__ import annotations

import math

from ..data import Heat
from ..markup import EMPTY, Html, join, tag
from .base import scroll

LEVELS = 8  # of shading, as the style has classes
SPAN = 8.0  # from the darkest to what is not shaded, as a factor


def heat(data: Heat) -> Html:
    """Returns a map with its labels; the best cell is marked."""
    values = [v for row in data.cells for v in row if v is not None]
    best = max(values, default=None)
    heads = [tag("th", name, scope="col") for name in data.columns]
    corner = tag("td", data.y_label, rowspan=2, class_="corner")
    over = tag("th", data.x_label, colspan=len(data.columns), scope="colgroup")
    head = tag("thead", tag("tr", corner, over), tag("tr", join(heads)))
    rows = [
        tag("tr", tag("th", name, scope="row"), join(_cell(value, best) for value in row))
        for name, row in zip(data.rows, data.cells, strict=True)
    ]
    table = tag("table", head, tag("tbody", join(rows)), class_="heat")
    title = tag("figcaption", tag("strong", data.title))
    return tag("figure", title, scroll(table, f"{data.title}: {data.y_label} by {data.x_label}"))


def _cell(value: float | None, best: float | None) -> Html:
    if value is None:
        return tag("td", "failed", class_="failed")
    style = f"h{level(value, best or value)}"
    mark = EMPTY
    if value == best:
        style, mark = f"{style} best", tag("span", ", the best", class_="spoken")
    return tag("td", f"{value:.2f}", mark, class_=style)


def level(value: float, best: float) -> int:
    """Returns the shading of a value: LEVELS of the best, 0 of one SPAN times smaller."""
    if value <= 0:
        return 0
    share = 1 + math.log(value / best) / math.log(SPAN)
    return round(LEVELS * min(1.0, max(0.0, share)))
