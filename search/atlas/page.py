"""Writes the map of the zoo, with rules of searches on it, as SVG or as an HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dsl import Program

from ..errors import SearchError
from ..fingerprints import fingerprint, kept
from ..report.markup import Html, tag
from .draw import drawn
from .fame import famous
from .layout import Layout, laid_out, placed

ENDINGS = (".svg", ".html")


def write_map(out: Path, programs: Mapping[str, Program]) -> Layout:
    """Writes the map to a file that ends in .svg or .html. programs: more rules, by their labels.

    Raises SearchError for another ending.
    """
    if out.suffix not in ENDINGS:
        raise SearchError(f"expected a file that ends in .svg or .html, got {str(out)!r}.")
    rows = kept()
    vectors = np.array([row.vector for row in rows.values()])
    families = [row.family for row in rows.values()]
    layout = laid_out(vectors, families)
    found = {n: placed(fingerprint(p), vectors, layout.points) for n, p in programs.items()}
    svg = drawn(layout.points, list(rows), families, famous(rows), found)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(_page(svg, layout) if out.suffix == ".html" else f"{svg}\n", encoding="utf-8")
    return layout


def said(layout: Layout) -> str:
    """Returns how well the map puts families together, as a sentence."""
    plane, full = layout.plane, layout.all_numbers
    return (
        f"Rules of one family lie {plane.within:.2f} apart in the mean, of two {plane.apart:.2f};"
        f" the nearest rule on the map is of the same family for {plane.accuracy:.0%}"
        f" ({full.accuracy:.0%} among the fingerprints, {plane.chance:.0%} by chance;"
        f" stress {layout.stress:.2f})."
    )


def _page(svg: str, layout: Layout) -> str:
    head = tag("head", tag("meta", charset="utf-8"), tag("title", "Map of the known optimizers"),
               tag("style", Html("body { margin: 0 auto; max-width: 1080px; }")))  # fmt: skip
    body = tag("body", Html(svg), tag("p", said(layout)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"
