"""The page of one rule: what it does in words, in a table and in plots, with nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from dsl import Program, text

from ..report.charts import chart
from ..report.data import Chart, Series
from ..report.markup import Html, code, join, tag
from .curves import Curve
from .seen import Fact


def page(program: Program, facts: Sequence[Fact], curves: Sequence[Curve]) -> str:
    """Returns the page as HTML."""
    style = files("search.report").joinpath("style.css").read_text(encoding="utf-8")
    head = tag(
        "head", tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{program.name}: what it does"), tag("style", Html(style)),
    )  # fmt: skip
    header = tag("header", tag("p", "Explained without training", class_="run"),
                 tag("h1", f"What {program.name} does"))  # fmt: skip
    sections = (
        _section("The rule", code(text(program))),
        _section("In words", *(tag("p", _told(fact)) for fact in facts)),
        _section("Responses", tag("div", join(chart(_chart(c)) for c in curves), class_="two")),
        _section("The facts", tag("div", _table(facts), class_="scroll")),
    )
    body = tag("body", header, tag("main", join(sections)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _section(title: str, *children: object) -> Html:
    return tag("section", tag("h2", title), *children)


def _told(fact: Fact) -> str:
    return f"{fact.sentence} ({fact.how})"


def _chart(curve: Curve) -> Chart:
    steps = tuple(float(k + 1) for k in range(len(curve.update)))
    line = Series(curve.of, steps, curve.update)
    if not curve.gradient:
        return Chart(curve.title, "step", "share of the most", (line,), note=curve.note)
    lines = (line, Series("gradient", steps, curve.gradient))
    return Chart(curve.title, "step", "in units of before", lines, note=curve.note)


def _table(facts: Sequence[Fact]) -> Html:
    head = tag("tr", join(tag("th", name) for name in ("fact", "value", "how")))
    rows = [
        tag("tr", tag("th", fact.name.replace("_", " ")), tag("td", _value(fact.value)),
            tag("td", fact.how))
        for fact in facts
    ]  # fmt: skip
    return tag("table", tag("thead", head), tag("tbody", join(rows)))


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(each)}" for key, each in value.items()) or "-"
    if isinstance(value, tuple):
        return ", ".join(map(_value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value) if value not in ("", None) else "-"
