"""Lays a report out as one HTML page that needs no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files

from .data import ReportData
from .markup import EMPTY, Html, join, tag
from .parts.base import folded
from .parts.cards import cards
from .parts.curves import losses, rates, search
from .parts.exam import exam
from .parts.front import front
from .parts.hall import hall
from .parts.lineage import lineage
from .parts.proposals import proposals
from .parts.rule import rule
from .policy import policy

# Each with its id and its name in the table of contents.
SECTIONS: tuple[tuple[str, str, Callable[[ReportData], Html]], ...] = (
    ("rule", "rule", rule),
    ("exam", "last table", exam),
    ("front", "front", front),
    ("hall", "hall of fame", hall),
    ("search", "search", search),
    ("proposals", "proposals", proposals),
    ("lineage", "lineage", lineage),
    ("losses", "losses", losses),
    ("rates", "learning rates", rates),
    ("cards", "cards", cards),
)


def page(data: ReportData, live: Mapping[str, str] | None = None) -> str:
    """Returns the whole page.

    live: the attributes of a script, from the server that the page comes from, that keeps the page
    up to date; without it the page may ask no network for anything.
    """
    style, script = (_file(name) for name in ("style.css", "page.js"))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        policy(style, script, live is not None),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{data.run}: Stepsmith"),
        tag("style", Html(style)),
        tag("script", defer="defer", **live) if live is not None else EMPTY,
    )
    made = [(name, title, shown) for name, title, make in SECTIONS if (shown := make(data))]
    body = tag(
        "body",
        _header(data),
        _contents([(name, title) for name, title, _ in made]),
        tag("main", join(shown for *_, shown in made)),
        _footer(data),
        tag("script", Html(script)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _file(name: str) -> str:
    return files("search.report").joinpath(name).read_text(encoding="utf-8")


def _header(data: ReportData) -> Html:
    state = "" if data.finished else " (not finished)"
    facts = [tag("div", tag("dt", name), tag("dd", value)) for name, value in data.facts]
    return tag(
        "header",
        tag("p", f"Stepsmith run {data.run}{state}", class_="run"),
        tag("h1", data.sentence or "This run has no result yet."),
        tag("p", " ".join(data.details)) if data.details else EMPTY,
        tag("dl", join(facts), class_="facts") if facts else EMPTY,
        id="top",
    )


def _contents(sections: list[tuple[str, str]]) -> Html:
    if len(sections) < 2:
        return EMPTY
    links = [tag("li", tag("a", title, href=f"#{name}")) for name, title in sections]
    return tag("nav", tag("ul", join(links)), aria_label="Contents", id="contents")


def _footer(data: ReportData) -> Html:
    blocks = [("Settings", data.settings), ("Versions", data.versions), ("Events", data.events)]
    made = [
        folded(title, tag("dl", join(_pair(*item) for item in items), class_="pairs"))
        for title, items in blocks
        if items
    ]
    return tag("footer", join(made), id="settings")


def _pair(name: str, value: str) -> Html:
    return join([tag("dt", name), tag("dd", value)])
