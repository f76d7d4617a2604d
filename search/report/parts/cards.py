"""The cards: everything that is known of a rule, in one place."""

from __future__ import annotations

from collections.abc import Sequence

from ..data import Card, ReportData, Scores
from ..markup import EMPTY, Html, join, tag
from .bars import bars
from .base import folded, header, listed, note, number, scroll, section
from .curves import figures_of
from .heat import heat
from .rule import both, cost, more

ABOUT = "The first rules of the hall of fame, one by one."
EFFECTS = (
    "Each call is taken out in turn, an argument in its place, and the rule is trained anew at the "
    "best of five rates; its speed in units of the whole rule's, over the tasks of the first rung, "
    "paired by seed, with the 95 % interval. Grey: what can go, as simplify --measure judges."
)
MAPS = (
    "Speed-up over tuned AdamW at learning rates around the rule's own, with decoupled weight "
    "decay added to it: the geometric mean over seeds."
)
STABLE = (
    "At each setting at the best of five rates, chosen on the same seeds. Bands: 95 % intervals "
    "over seeds. AdamW has the constants that were tuned at the task's own batch size."
)
CURVES = "At the best rates, beside tuned AdamW. Bands: 95 % intervals over seeds."
SHORTER = (
    ("Proven", "proven", "Equations that hold wherever all values are finite."),
    ("With a caveat", "nearly", "These would make it shorter still, where the caveat holds."),
    ("Measured", "measured", "Each of these alone costs nothing that the seeds show."),
)


def cards(data: ReportData) -> Html:
    """Returns the section of the cards."""
    if not data.cards:
        return EMPTY
    made = join(card(one, folded_away=one.rank > 1) for one in data.cards)
    return section("cards", "Cards", note(ABOUT), made)


def card(one: Card, folded_away: bool = False) -> Html:
    """Returns one card; what is below its text and formula may be folded away."""
    title = tag(
        "h3",
        tag("span", one.rank, class_="place"),
        f"{one.speedup:.2f} times AdamW’s speed in the search",
        id=f"card-{one.rank}-title",
    )
    left, right = (tag("div", join(make(one) for make in column)) for column in COLUMNS)
    rest = join([tag("div", left, right, class_="blocks"), *(make(one) for make in BLOCKS)])
    lead = tag("p", " ".join((one.origin, *one.kin)))
    return tag(
        "article", title, lead, note(cost(one.rule)), both(one.rule),
        more(one.rule), folded("Everything about it", rest, open=not folded_away, class_="all"),
        id=f"card-{one.rank}", class_="card", aria_labelledby=f"card-{one.rank}-title",
    )  # fmt: skip


def _block(title: str, *children: object) -> Html:
    return tag("div", tag("h4", title), *children, class_="block")


def _facts(one: Card) -> Html:
    return _block("What it does", listed(one.facts)) if one.facts else EMPTY


def _shorter(one: Card) -> Html:
    parts = []
    for title, field, about in SHORTER:
        steps: Sequence[str] = getattr(one.steps, field)
        if steps:
            parts.append(join([tag("h5", title), note(about), listed(steps, "steps")]))
    none = tag("p", "No equation makes it shorter.", class_="none")
    return _block("How it becomes shorter", *(parts or [none]))


def _scores(one: Card) -> Html:
    if not one.scores:
        return EMPTY
    tables = [_rung(scores) for scores in one.scores]
    about = "On seeds that the search used: those of the rungs chose the rule."
    return _block("In the search", note(about), tag("div", join(tables), class_="three"))


def _rung(scores: Scores) -> Html:
    rows = [tag("tr", tag("th", name, scope="row"), tag("td", number(value)))
            for name, value in scores.tasks]  # fmt: skip
    table = tag("table", header((scores.title, "speed-up")), tag("tbody", join(rows)))
    return scroll(table, scores.title)


def _exam(one: Card) -> Html:
    if not one.exam:
        return EMPTY
    link = tag("p", "Beside known rules and by task: ", tag("a", "the last table", href="#exam"),
               ".", class_="note")  # fmt: skip
    mine = [(part.title, line.mean) for part in one.exam for line in part.lines
            if line.entry == "found"]  # fmt: skip
    rows = [tag("tr", tag("th", name, scope="row"), tag("td", number(value)))
            for name, value in mine]  # fmt: skip
    table = tag("table", header(("the last table", "mean speed-up")), tag("tbody", join(rows)))
    return _block("On fresh seeds", scroll(table, "On fresh seeds"), link)


def _effects(one: Card) -> Html:
    if not one.bars:
        return EMPTY
    return _block("What each call is worth", note(EFFECTS), bars(one.bars))


def _maps(one: Card) -> Html:
    if not one.maps:
        return EMPTY
    figures = tag("div", join(heat(each) for each in one.maps), class_="two")
    return _block("Learning rate and decay", note(MAPS), figures)


def _stability(one: Card) -> Html:
    if not one.stability:
        return EMPTY
    figures = figures_of(one.stability)
    return _block("Other lengths and batch sizes", note(STABLE), figures)


def _losses(one: Card) -> Html:
    if not one.losses:
        return EMPTY
    return _block("Loss beside AdamW’s", note(CURVES), figures_of(one.losses))


def _missing(one: Card) -> Html:
    if not one.missing:
        return EMPTY
    words = ", ".join(one.missing)
    return _block(
        "Not measured", tag("p", f"{words[:1].upper()}{words[1:]}. To measure: "),
        tag("pre", tag("code", one.command), tabindex=0),
    )  # fmt: skip


COLUMNS = ((_facts,), (_shorter, _exam))
BLOCKS = (_scores, _effects, _maps, _stability, _losses, _missing)
