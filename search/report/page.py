"""Lays a report out as one HTML page that needs no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import files

from .axes import short
from .charts import chart, forest
from .data import NOT_RUN, Ancestor, ExamLine, ExamPart, HallRow, Interval, ReportData, Rule
from .markup import EMPTY, Html, code, formula, join, tag


def page(data: ReportData) -> str:
    """Returns the whole page."""
    style = files("search.report").joinpath("style.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{data.run}: Stepsmith"),
        tag("style", Html(style)),
    )
    sections = [section(data) for section in SECTIONS]
    body = tag("body", _header(data), tag("main", join(sections)), _footer(data))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _header(data: ReportData) -> Html:
    state = "" if data.finished else " (not finished)"
    facts = [tag("div", tag("dt", name), tag("dd", value)) for name, value in data.facts]
    return tag(
        "header",
        tag("p", f"Stepsmith run {data.run}{state}", class_="run"),
        tag("h1", data.sentence or "This run has no result yet."),
        tag("p", " ".join(data.details)) if data.details else EMPTY,
        tag("dl", join(facts), class_="facts") if facts else EMPTY,
    )


def _footer(data: ReportData) -> Html:
    rows = [join([tag("dt", name), tag("dd", value)]) for name, value in data.versions]
    settings = [join([tag("dt", name), tag("dd", value)]) for name, value in data.settings]
    events = [join([tag("dt", when), tag("dd", what)]) for when, what in data.events]
    blocks = [("Settings", settings), ("Versions", rows), ("Events", events)]
    made = [
        tag("details", tag("summary", title), tag("dl", join(items), class_="pairs"))
        for title, items in blocks
        if items
    ]
    return tag("footer", join(made))


def _section(title: str, *children: object, class_: str | None = None) -> Html:
    return tag("section", tag("h2", title), *children, class_=class_)


def _rule(data: ReportData) -> Html:
    if not data.rule:
        return EMPTY
    rule = data.rule
    facts = f"{rule.calls} calls, {short(rule.state_bytes)} bytes of state a parameter"
    facts = facts if rule.calls else "This version of Stepsmith cannot read it."
    shown = formula(rule.mathml)
    formulas = tag("div", shown, class_="formula", tabindex=0) if shown else EMPTY
    return _section(
        "The rule",
        tag("p", facts, class_="note"),
        tag("div", tag("div", code(rule.text)), formulas, class_="two wide"),
        _more(rule),
    )


def _more(rule: Rule) -> Html:
    """Returns what is folded away: the rule as found, and its LaTeX."""
    blocks = [("As it was found, before simplification", rule.original), ("LaTeX", rule.latex)]
    return join(
        tag("details", tag("summary", title), code(source)) for title, source in blocks if source
    )


def _exam(data: ReportData) -> Html:
    if not data.exam:
        return EMPTY
    about = (
        "How many times fewer steps than tuned AdamW a rule needs for the loss that it reached. "
        "Every entry has the same sweep of learning rates, and seeds that the search never used."
    )
    return _section(
        "The last table", tag("p", about, class_="note"), join(_part(part) for part in data.exam)
    )


def _part(part: ExamPart) -> Html:
    heads = [tag("th", name, scope="col") for name in ("rule", "mean", *part.tasks)]
    body = [_line(line) for line in part.lines]
    table = tag("table", tag("thead", tag("tr", join(heads))), tag("tbody", join(body)))
    return tag("div", tag("h3", part.title), _scroll(table), forest(part), class_="part")


def _scroll(table: Html) -> Html:
    """Returns a table that scrolls by itself where the screen is narrow."""
    return tag("div", table, class_="scroll", tabindex=0)


def _line(line: ExamLine) -> Html:
    cells = [tag("td", _number(value)) for value in (line.mean, *line.tasks)]
    style = "found" if line.entry == "found" else None
    return tag("tr", tag("th", line.entry, scope="row"), join(cells), class_=style)


def _number(value: Interval) -> Html:
    if value.failed:
        return tag(
            "span",
            "–" if value.failed == NOT_RUN else "failed",
            title=value.failed,
            class_="failed",
        )
    mark = tag("abbr", "*", title="beyond an end of AdamW's curve") if value.capped else EMPTY
    band = EMPTY
    if value.low is not None and value.high is not None:
        band = tag("small", f"{value.low:.2f}–{value.high:.2f}")
    return join([tag("span", f"{value.value:.2f}"), mark, band])


def _charts(title: str, pick: Callable[[ReportData], Iterable], about: str = "") -> Callable:
    def section(data: ReportData) -> Html:
        figures = [chart(one) for one in pick(data)]
        if not figures:
            return EMPTY
        note = tag("p", about, class_="note") if about else EMPTY
        style = "two" if len(figures) > 1 else "two one"
        return _section(title, note, tag("div", join(figures), class_=style))

    return section


HALL = ("rank", "speed-up", "unseen tasks", "calls", "state", "generation", "last mutation")


def _hall(data: ReportData) -> Html:
    if not data.hall:
        return EMPTY
    heads = [tag("th", name, scope="col") for name in HALL]
    rows = [_hall_row(row) for row in data.hall]
    table = tag("table", tag("thead", tag("tr", join(heads))), join(rows))
    return _section("Hall of fame", _scroll(table), class_="hall")


def _hall_row(row: HallRow) -> Html:
    """Returns a row and, under it, the rule's text, folded away."""
    unseen = "–" if row.unseen is None else f"{row.unseen:.2f}"
    values = (f"{row.speedup:.2f}", unseen, row.calls, f"{short(row.state_bytes)} B",
              row.generation, row.mutation)  # fmt: skip
    cells = [tag("th", row.rank, scope="row"), *(tag("td", value) for value in values)]
    folded = tag("details", tag("summary", "its text"), code(row.text))
    under = tag("tr", tag("td", folded, colspan=len(HALL)), class_="under")
    return tag("tbody", tag("tr", join(cells)), under)


def _lineage(data: ReportData) -> Html:
    if not data.lineage:
        return EMPTY
    items = [_ancestor(one) for one in data.lineage]
    return _section("How it came about", tag("ol", join(items), class_="lineage"))


def _ancestor(one: Ancestor) -> Html:
    speedup = "not scored" if one.speedup is None else f"{one.speedup:.2f}"
    title = tag("summary", tag("b", speedup), tag("span", one.mutation or "start"))
    return tag("li", tag("details", title, code(one.text)))


SECTIONS: tuple[Callable[[ReportData], Html], ...] = (
    _rule,
    _exam,
    _charts(
        "The search",
        lambda data: data.progress,
        "The best speed-up on the tasks that are searched on, beside the same rule's on tasks "
        "that selection never sees. Where they part, the search fits its tasks.",
    ),
    _charts("Loss beside AdamW's", lambda data: data.losses),
    _charts(
        "Learning rates",
        lambda data: data.sweeps,
        "Loss at the end of complete runs over the learning rate, each rule around its own scale.",
    ),
    _hall,
    _lineage,
)
