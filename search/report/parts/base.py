"""What the sections of the page are built from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..axes import short
from ..data import NOT_RUN, Interval
from ..markup import EMPTY, Html, join, tag


def section(name: str, title: str, *children: object, class_: str | None = None) -> Html:
    """Returns a section with its heading; `name` is its id, which never changes."""
    heading = tag("h2", title, id=f"{name}-title")
    return tag(
        "section", heading, *children, id=name, class_=class_, aria_labelledby=f"{name}-title"
    )


def note(text: str) -> Html:
    """Returns a paragraph that explains, if there is anything to say."""
    return tag("p", text, class_="note") if text else EMPTY


def scroll(table: Html, name: str) -> Html:
    """Returns a table that scrolls by itself where the screen is narrow."""
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=name)


def folded(title: object, *children: object, open: bool = False, **attributes: object) -> Html:
    """Returns what is shown on demand."""
    more = {"open": "open"} if open else {}
    return tag("details", tag("summary", title), *children, **more, **attributes)


def header(names: Iterable[str]) -> Html:
    """Returns the head of a table."""
    return tag("thead", tag("tr", join(tag("th", name, scope="col") for name in names)))


def number(value: Interval) -> Html:
    """Returns a speed-up with its interval, or why there is none."""
    if value.failed:
        words = "–" if value.failed == NOT_RUN else "failed"
        return tag("span", words, title=value.failed, class_="failed")
    mark = tag("abbr", "*", title="beyond an end of AdamW's curve") if value.capped else EMPTY
    band = EMPTY
    if value.low is not None and value.high is not None:
        band = tag("small", f"{shown(value.low)}–{shown(value.high)}")
    return join([tag("span", f"{value.value:.2f}"), mark, band])


def shown(value: float) -> str:
    """Returns an end of an interval: two decimals, or in short where it is large."""
    return f"{value:.2f}" if abs(value) < 100 else short(value)


def bytes_of(value: float) -> str:
    """Returns bytes of state a parameter."""
    return f"{short(value)} B"


def listed(items: Sequence[str], class_: str | None = None) -> Html:
    """Returns a list of sentences, nothing where there are none."""
    made = join(tag("li", item) for item in items)
    return tag("ul", made, class_=class_) if items else EMPTY
