"""The hall of fame."""

from __future__ import annotations

from ..data import HallRow, ReportData
from ..markup import EMPTY, Html, code, join, tag
from .base import bytes_of, folded, header, note, scroll, section

COLUMNS = ("rank", "speed-up", "unseen tasks", "calls", "state", "generation", "last mutation")
ABOUT = (
    "The first is the rule that the seeds say is best, beyond their noise; the others follow by "
    "the rung that they reached and their speed-up there, one for each structure."
)


def hall(data: ReportData) -> Html:
    """Returns the section of the hall of fame; a rank leads to the rule's card."""
    if not data.hall:
        return EMPTY
    cards = {card.rank for card in data.cards}
    rows = [_row(row, row.rank in cards) for row in data.hall]
    table = scroll(tag("table", header(COLUMNS), join(rows)), "Hall of fame")
    return section("hall", "Hall of fame", note(ABOUT), table, class_="hall")


def _row(row: HallRow, has_card: bool) -> Html:
    """Returns a row and, under it, the rule's text, folded away."""
    unseen = "–" if row.unseen is None else f"{row.unseen:.2f}"
    values = (f"{row.speedup:.2f}", unseen, row.calls, bytes_of(row.state_bytes),
              row.generation, row.mutation)  # fmt: skip
    rank = tag("a", row.rank, href=f"#card-{row.rank}") if has_card else row.rank
    cells = [tag("th", rank, scope="row"), *(tag("td", value) for value in values)]
    under = tag(
        "tr", tag("td", folded("its text", code(row.text)), colspan=len(COLUMNS)), class_="under"
    )
    return tag("tbody", tag("tr", join(cells)), under, id=f"hall-{row.rank}")
