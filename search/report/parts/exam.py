"""The last table: what was found beside known rules."""

from __future__ import annotations

from ..charts import forest
from ..data import ExamLine, ExamPart, ReportData
from ..markup import EMPTY, Html, join, tag
from .base import header, note, number, scroll, section

ABOUT = (
    "How many times fewer steps than tuned AdamW a rule needs for the loss that it reached. "
    "Every entry has the same sweep of learning rates, and seeds that the search never used."
)


def exam(data: ReportData) -> Html:
    """Returns the section of the last table."""
    if not data.exam:
        return EMPTY
    return section("exam", "The last table", note(ABOUT), join(map(_part, data.exam)))


def _part(part: ExamPart) -> Html:
    body = [_line(line) for line in part.lines]
    table = tag("table", header(("rule", "mean", *part.tasks)), tag("tbody", join(body)))
    return tag("div", tag("h3", part.title), scroll(table, part.title), forest(part), class_="part")


def _line(line: ExamLine) -> Html:
    cells = [tag("td", number(value)) for value in (line.mean, *line.tasks)]
    style = "found" if line.entry == "found" else None
    return tag("tr", tag("th", line.entry, scope="row"), join(cells), class_=style)
