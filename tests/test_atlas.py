"""The map: distances are kept as well as a plane can, families lie together, labels are apart."""

from __future__ import annotations

import itertools
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from dsl import load
from search.atlas.draw import MARKS, styled
from search.atlas.fame import famous
from search.atlas.labels import labelled
from search.atlas.layout import laid_out, placed
from search.atlas.page import write_map
from search.errors import SearchError
from search.fingerprints import between, kept


def test_points_of_a_plane_keep_their_distances() -> None:
    points = np.random.default_rng(0).normal(size=(30, 2))
    vectors = points @ np.linalg.qr(np.random.default_rng(1).normal(size=(9, 9)))[0][:2]
    found = laid_out(vectors, ["a", "b"] * 15)
    assert found.stress < 1e-6
    assert np.allclose(between(found.points), between(points), atol=1e-6)


def test_one_more_rule_lies_where_its_distances_say() -> None:
    points = np.random.default_rng(0).normal(size=(30, 2))
    assert np.allclose(placed(points[7], points, points), points[7], atol=1e-3)


def test_families_lie_together(tmp_path: Path) -> None:
    out = tmp_path / "map.svg"
    layout = write_map(out, {"mine:1": load("lion(beta2=0.98)")})
    assert layout.plane.within < 0.8 * layout.plane.apart
    assert layout.plane.accuracy > 4 * layout.plane.chance
    drawing = ElementTree.fromstring(out.read_text())
    said = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"mine:1", "adam", "sgd", "muon", "shampoo"} <= set(said)
    marks = [path for path in drawing.iter("{http://www.w3.org/2000/svg}path") if len(path)]
    assert len(marks) == len(kept()) + 1 + len({r.family for r in kept().values()}) + 1


def test_families_differ_in_colour_or_mark_and_the_largest_in_both() -> None:
    families = [name for k in range(24) for name in [f"f{k}"] * (30 - k)]
    styles = list(styled(families).values())
    assert len(set(styles)) == 24
    first = styles[: len(MARKS)]
    assert len({mark for mark, _ in first}) == len({colour for _, colour in first}) == len(MARKS)


def test_labels_do_not_collide() -> None:
    points = [(100 + 9.0 * k, 100 + 5.0 * (k % 3)) for k in range(40)]
    found = labelled([(f"rule_{k}", *p) for k, p in enumerate(points)], points, (0, 0, 600, 300))
    assert len(found) > 5
    for a, b in itertools.combinations(found, 2):
        assert (a.x, a.y) != (b.x, b.y)
        assert abs(a.y - b.y) >= 13 or abs(a.x - b.x) > 0


def test_what_other_texts_speak_of_is_famous() -> None:
    found = famous(kept())
    assert {"adam", "adamw", "sgd", "muon", "shampoo", "lion"} <= set(found[:20])
    assert len(found) < 0.2 * len(kept())


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"ends in .svg or .html"):
        write_map(tmp_path / "map.pdf", {})
