"""Where the proposals went: shares by kind of mutation, drawn and in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ..data import Outcomes, Proposals, ReportData
from ..markup import EMPTY, Html, join, tag
from .base import header, note, scroll, section

WIDTH, HEIGHT = 400, 14
ABOUT = (
    "Every program that a mutation proposed, by what became of it: set aside before training, or "
    "trained up to some rung. A program that several mutations made in a row counts as “several”."
)
WITHOUT_KINDS = "This run kept no counts by kind of mutation."


def proposals(data: ReportData) -> Html:
    """Returns the section of the proposals."""
    found = data.proposals
    if found is None or not sum(found.total.counts):
        return EMPTY
    return section(
        "proposals", "Where the proposals went", note(ABOUT), _legend(found.names),
        scroll(_table(found), "Proposals by kind of mutation"),
        EMPTY if found.kinds else note(WITHOUT_KINDS),
    )  # fmt: skip


def _styles(names: Sequence[str]) -> list[str]:
    """A class for each column: what was set aside is grey, what was trained has a colour."""
    trained = [name for name in names if name.endswith(" rung")]
    aside = [name for name in names if name not in trained]
    return [f"aside{aside.index(n)}" if n in aside else f"rung{trained.index(n)}" for n in names]


def _legend(names: Sequence[str]) -> Html:
    pairs = zip(names, _styles(names), strict=True)
    keys = [tag("span", _swatch(style), name, class_="key") for name, style in pairs]
    return tag("p", join(keys), class_="legend")


def _swatch(style: str) -> Html:
    box = tag("rect", width=12, height=12, class_=f"share {style}")
    return tag("svg", box, view_box="0 0 12 12", class_="icon", aria_hidden="true")


def _table(found: Proposals) -> Html:
    styles = _styles(found.names)
    heads = ("mutation", "proposals", "shares", *found.names)
    rows = [_row(one, found.names, styles) for one in (found.total, *found.kinds)]
    return tag("table", header(heads), tag("tbody", join(rows)), class_="proposals")


def _row(one: Outcomes, names: Sequence[str], styles: Sequence[str]) -> Html:
    cells = [tag("td", f"{count:,}" if count else "–") for count in one.counts]
    bar = tag("td", _shares(one, names, styles), class_="shares")
    total = tag("td", f"{sum(one.counts):,}")
    style = "found" if one.kind == "all" else None
    return tag("tr", tag("th", one.kind, scope="row"), total, bar, join(cells), class_=style)


def _shares(one: Outcomes, names: Sequence[str], styles: Sequence[str]) -> Html:
    """One bar from left to right, as wide as all the proposals of the kind."""
    total, parts, at = sum(one.counts) or 1, [], 0.0
    told = []
    for name, style, count in zip(names, styles, one.counts, strict=True):
        wide = WIDTH * count / total
        if count:
            says = f"{name}: {count:,}, {count / total:.1%}"
            told.append(f"{name} {count / total:.0%}")
            parts.append(tag("rect", tag("title", says), x=f"{at:.2f}", y=0, width=f"{wide:.2f}",
                             height=HEIGHT, class_=f"share {style}"))  # fmt: skip
        at += wide
    label = f"{one.kind}: {', '.join(told)}"
    return tag("svg", tag("title", label), join(parts), view_box=f"0 0 {WIDTH} {HEIGHT}",
               role="img", aria_label=label, preserveAspectRatio="none")  # fmt: skip
