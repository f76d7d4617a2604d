"""The rule that was found, as text and as a formula."""

from __future__ import annotations

from ..axes import short
from ..data import ReportData, Rule
from ..markup import EMPTY, Html, code, formula, join, tag
from .base import folded, note, section


def rule(data: ReportData) -> Html:
    """Returns the section of the rule."""
    if not data.rule:
        return EMPTY
    return section("rule", "The rule", note(cost(data.rule)), both(data.rule), more(data.rule))


def cost(one: Rule) -> str:
    """Says what a rule costs."""
    if not one.calls:
        return "This version of Stepsmith cannot read it."
    return (
        f"{one.calls} calls, {short(one.state_bytes)} bytes of state a parameter, "
        f"{short(one.flops)} operations a parameter and step"
    )


def both(one: Rule) -> Html:
    """Returns text and formula beside each other."""
    shown = formula(one.mathml)
    formulas = tag("div", shown, class_="formula", tabindex=0) if shown else EMPTY
    return tag("div", tag("div", code(one.text)), formulas, class_="two wide")


def more(one: Rule) -> Html:
    """Returns what is folded away: the rule as found, and its LaTeX."""
    before = "As it was found, before simplification"
    return join([
        folded(before, code(one.original)) if one.original else EMPTY,
        folded("LaTeX", code(one.latex, plain=True)) if one.latex else EMPTY,
    ])
