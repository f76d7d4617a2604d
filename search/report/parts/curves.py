"""The sections that are charts alone: the search, the losses, the learning rates."""

from __future__ import annotations

from collections.abc import Iterable

from ..charts import chart
from ..data import Chart, ReportData
from ..markup import EMPTY, Html, join, tag
from .base import note, section

SEARCH = (
    "The best speed-up on the tasks that are searched on, beside the same rule's on tasks that "
    "selection never sees. Where they part, the search fits its tasks."
)
LOSSES = "The found rule and tuned AdamW at their best rates. Bands: 95 % intervals over seeds."
RATES = "Loss at the end of complete runs over the learning rate, each rule around its own scale."


def search(data: ReportData) -> Html:
    """Returns how the best score and the number of programs grew."""
    return _section("search", "The search", SEARCH, data.progress)


def losses(data: ReportData) -> Html:
    """Returns the training curves of the last table."""
    return _section("losses", "Loss beside AdamW's", LOSSES, data.losses)


def rates(data: ReportData) -> Html:
    """Returns the sweeps of the last table."""
    return _section("rates", "Learning rates", RATES, data.sweeps)


def _section(name: str, title: str, about: str, charts: Iterable[Chart]) -> Html:
    figures = figures_of(charts)
    return section(name, title, note(about), figures) if figures else EMPTY


def figures_of(charts: Iterable[Chart]) -> Html:
    """Returns charts side by side."""
    figures = [chart(one) for one in charts]
    style = "two" if len(figures) > 1 else "two one"
    return tag("div", join(figures), class_=style) if figures else EMPTY
