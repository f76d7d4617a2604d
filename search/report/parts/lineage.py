"""How the winner came about: the tree of the hall of fame, and each step with its difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..data import Ancestor, Node, ReportData
from ..markup import EMPTY, Html, code, join, tag
from .base import folded, note, section

WIDTH, ROW, MARGIN = 900, 26, 20
OPEN = 12  # steps of a way that is shown unfolded
ABOUT = (
    "The ancestors of the hall of fame, a step to the right for each generation; the way to the "
    "winner is drawn strong. Each speed-up stands on the last rung that the rule reached, so that "
    "speed-ups of different rungs cannot be compared."
)
SIGNS = {"+": ("ins", "added"), "-": ("del", "removed")}


def lineage(data: ReportData) -> Html:
    """Returns the section of the lineage."""
    if not data.lineage:
        return EMPTY
    unfolded = len(data.lineage) <= OPEN
    items = [_step(one, unfolded) for one in data.lineage]
    drawn = _tree(data.tree, {card.rank for card in data.cards}) if data.tree else EMPTY
    steps = tag("ol", join(items), class_="lineage")
    return section("lineage", "How it came about", note(ABOUT), drawn, steps)


def _step(one: Ancestor, unfolded: bool) -> Html:
    speedup = "not scored" if one.speedup is None else f"{one.speedup:.2f}"
    title = join([
        tag("b", speedup), tag("span", one.mutation or "start"),
        tag("small", f"candidate {one.candidate:,}"),
    ])
    shown = difference(one.change) if one.change else code(one.text)
    return tag("li", folded(title, shown, open=unfolded), id=f"step-{one.candidate}")


def difference(lines: Sequence[tuple[str, str]]) -> Html:
    """Returns the lines of a unified diff; what came and what went has its sign and its colour."""
    made = []
    for sign, line in lines:
        if sign in SIGNS:
            name, said = SIGNS[sign]
            spoken = tag("span", f"{said}: ", class_="spoken")
            made.append(tag(name, tag("i", sign, aria_hidden="true"), spoken, line or " "))
        else:
            made.append(tag("span", tag("i", " ", aria_hidden="true"), line or " "))
    return tag("pre", join(made), class_="diff", tabindex=0)


def _tree(nodes: Sequence[Node], cards: set[int]) -> Html:
    """Returns the tree from left to right."""
    by_id = {node.candidate: node for node in nodes}
    deep = max(node.depth for node in nodes) or 1
    height = 2 * MARGIN + ROW * max(node.lane for node in nodes)
    across = (WIDTH - 2 * MARGIN - 24) / deep
    places = {n.candidate: (MARGIN + across * n.depth, MARGIN + ROW * n.lane) for n in nodes}
    order = sorted(nodes, key=lambda node: node.main)  # the winner's way lies on top
    lines = [_edge(node, by_id, places) for node in order]
    inner = {parent for node in nodes for parent in node.parents}
    marks = [_node(node, places[node.candidate], cards, node.candidate in inner) for node in nodes]
    ranked = sum(node.rank is not None for node in nodes)
    title = f"The {ranked} rules of the hall of fame and their {len(nodes) - ranked} ancestors."
    svg = tag(
        "svg", tag("title", title), join(lines), join(marks), role="group", aria_label=title,
        view_box=f"0 0 {WIDTH} {height:.0f}", class_="chart broad tree",
    )  # fmt: skip
    return tag("figure", tag("div", svg, class_="scroll"))


def _edge(
    node: Node, by_id: Mapping[int, Node], places: Mapping[int, tuple[float, float]]
) -> Html:
    """A line from each parent: across first, then to the child's lane."""
    parts = []
    for parent in node.parents:
        if parent in by_id:
            (x0, y0), (x1, y1) = places[parent], places[node.candidate]
            half = (x0 + x1) / 2
            path = f"M{x0:.1f} {y0:.1f}C{half:.1f} {y0:.1f} {half:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
            parts.append(tag("path", d=path, class_="edge main" if node.main else "edge"))
    return join(parts)


def _node(node: Node, place: tuple[float, float], cards: set[int], inner: bool) -> Html:
    x, y = (f"{value:.1f}" for value in place)
    speedup = "not scored" if node.speedup is None else f"{node.speedup:.2f}"
    rank = "" if node.rank is None else f"rank {node.rank}, "
    says = f"Candidate {node.candidate:,}, {rank}{speedup}, {node.mutation}"
    style = "node main" if node.main else "node" if node.rank is None else "node hall"
    ring = tag("circle", cx=x, cy=y, r=9, class_="ring")
    dot = tag("circle", cx=x, cy=y, r=5 if node.rank else 3.5, class_=style)
    label = EMPTY
    if node.rank is not None:  # beside a leaf, above a node that lines leave from
        at = {"x": x, "dy": "-0.7em"} if inner else {"x": f"{place[0] + 9:.1f}", "dy": "0.35em"}
        style_of = "entry middle" if inner else "entry"
        label = tag("text", node.rank, y=y, class_=style_of, **at)
    inside = (tag("title", says), ring, dot, label)
    if node.rank in cards:
        return tag("a", *inside, href=f"#card-{node.rank}", aria_label=says)
    if node.main:
        return tag("a", *inside, href=f"#step-{node.candidate}", aria_label=says)
    return tag("g", *inside)
