"""The parts of a report: what is on the front, where proposals went, who came from whom."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import cheap
import pytest
from reports import read

from search.archive import Archive, Entry
from search.config import Config
from search.records import Batch, Candidate, Job, Row
from search.report.collect.front import front_points
from search.report.collect.history import History, history
from search.report.collect.lineage import lineage, tree
from search.report.collect.proposals import proposals
from search.report.data import Bar, Heat, Interval, Outcomes, Proposals, ReportData
from search.report.fill import collect
from search.report.page import page
from search.report.parts import front as front_part
from search.report.parts import lineage as lineage_part
from search.report.parts import proposals as proposals_part
from search.report.parts.bars import bars
from search.report.parts.heat import LEVELS, heat, level
from search.run import Search
from search.store import open_store


def candidate(number: int, length: int, size: float, parents: tuple[int, ...] = ()) -> Candidate:
    words = (f"text {number}", f"k{number}", f"s{number}", f"b{number}")
    return Candidate(number, 0, *words, length, size, parents, "insert", number, 0.0)


def archive_of(*found: tuple[Candidate, int, float]) -> Archive:
    archive = Archive(("first", "second"))
    for one, depth, speedup in found:
        row = Row("a", "ok", speedup, (speedup,))
        archive.take(Job(archive.rungs[depth], one), (row,))
    return archive


def test_the_front_is_what_nothing_beats_on_all_three() -> None:
    archive = archive_of(
        (candidate(0, 1, 0), 1, 0.5),
        (candidate(1, 4, 4), 1, 2.0),
        (candidate(2, 4, 8), 1, 2.0),  # as fast and as short as 1, but larger
        (candidate(3, 5, 0), 1, 1.5),
        (candidate(4, 6, 0), 1, 1.4),  # slower and longer than 3
        (candidate(5, 1, 0), 0, 9.0),  # of the first rung: not to be compared
    )
    rung, points = front_points(archive, {1: 1})
    assert rung == "second"
    assert {p.candidate for p in points if p.front} == {0, 1, 3}
    assert {p.candidate for p in points} == {0, 1, 2, 3, 4}
    assert {p.candidate: p.rank for p in points if p.rank} == {1: 1}
    assert all(bool(p.text) == p.front for p in points)


def test_the_front_of_nothing_is_empty() -> None:
    assert front_points(Archive(("first",)), {}) == ("", ())


def test_points_of_the_front_can_be_reached_by_keyboard() -> None:
    archive = archive_of((candidate(0, 1, 0), 0, 0.5), (candidate(1, 4, 4), 0, 2.0))
    rung, points = front_points(archive, {1: 1})
    made = front_part.front(ReportData("r", front=points, front_rung=rung))
    links = [a for name, a in read(made).seen if name == "a" and "aria-label" in a]
    assert [a["href"] for a in links] == ["#rule-0", "#card-1"]
    assert links[1]["aria-label"] == "Rank 1: 2.00 times AdamW's speed, 4 calls, 4 bytes of state"


# Proposals.


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small finished run of the cheap language."""
    config = cheap.config(programs=200, run="small")
    root = tmp_path_factory.mktemp("runs")
    return Search(config, root, cheap.train, cheap.BREEDER).run().path


@pytest.fixture(scope="module")
def seen(run: Path) -> History:
    store = open_store(run)
    config = Config(**store.config())
    try:
        return history(store, config)
    finally:
        store.close()


def test_every_proposal_is_counted_once(seen: History) -> None:
    found = proposals(seen)
    assert found is not None
    assert sum(found.total.counts) == seen.proposed
    assert sum(sum(one.counts) for one in found.kinds) == seen.proposed
    assert {one.kind for one in found.kinds} == {"up", "down", "several"}
    for place, count in enumerate(found.total.counts):
        assert count == sum(one.counts[place] for one in found.kinds)
    by_name = dict(zip(found.names, found.total.counts, strict=True))
    assert by_name["same key seen"] + by_name["same behaviour seen"] == seen.duplicates
    assert by_name["not finite"] == seen.not_finite > 0
    bred = by_name["failed in training"] + by_name["first rung"] + by_name["second rung"]
    starts = sum(e.candidate.mutation == "start" for e in seen.archive.entries.values())
    assert bred == len(seen.archive.entries) - starts


def test_a_run_without_kinds_shows_its_totals() -> None:
    archive = archive_of((candidate(0, 1, 0), 0, 0.5))
    old = History(archive, proposed=10, duplicates=6, not_finite=2, no_descent=1)
    found = proposals(old)
    assert found is not None
    assert dict(zip(found.names, found.total.counts, strict=True))["seen before"] == 6
    assert sum(found.total.counts) == 10
    made = proposals_part.proposals(ReportData("r", proposals=found))
    assert "kept no counts" in made
    assert proposals(History(Archive(("first",)))) is None


def test_shares_fill_the_bar() -> None:
    counts = Outcomes("all", (3, 0, 1))
    found = Proposals(("not finite", "first rung", "second rung"), counts, (counts,))
    made = proposals_part.proposals(ReportData("r", proposals=found))
    svg = re.findall(r"<svg view[^>]*preserve.*?</svg>", made)[0]
    widths = [float(rect.attrib["width"]) for rect in ElementTree.fromstring(svg).iter("rect")]
    assert widths == [300.0, 100.0]
    assert "second rung: 1, 25.0%" in svg


# Lineage.


def family() -> tuple[Archive, dict[int, Candidate]]:
    """0 is the start, 1 its child, 2 and 3 children of 1, 4 another start."""
    parents = {0: (), 1: (0,), 2: (1,), 3: (1,), 4: ()}
    known = {n: candidate(n, 1, 0, ids) for n, ids in parents.items()}
    return archive_of(*((known[n], 0, 1.0 + n) for n in (0, 1, 2, 3, 4))), known


def test_the_tree_holds_the_ancestors_of_the_hall_and_nobody_else() -> None:
    archive, known = family()
    hall = [archive.entries[3], archive.entries[2]]
    nodes = {node.candidate: node for node in tree(hall, known, archive)}
    assert set(nodes) == {0, 1, 2, 3}
    assert [nodes[n].depth for n in (0, 1, 2, 3)] == [0, 1, 2, 2]
    assert nodes[2].lane != nodes[3].lane
    assert nodes[1].lane == (nodes[2].lane + nodes[3].lane) / 2
    assert {n for n, node in nodes.items() if node.main} == {0, 1, 3}
    assert {n: node.rank for n, node in nodes.items() if node.rank} == {3: 1, 2: 2}


def test_two_starts_do_not_lie_on_each_other() -> None:
    archive, known = family()
    nodes = tree([archive.entries[4], archive.entries[3], archive.entries[2]], known, archive)
    places = [(node.depth, node.lane) for node in nodes]
    assert len(set(places)) == len(places)


def test_a_long_way_is_no_recursion() -> None:
    known = {n: candidate(n, 1, 0, (n - 1,) if n else ()) for n in range(3000)}
    last = Entry(known[2999], 0, (Row("a", "ok", 1.0, (1.0,)),))
    assert len(tree([last], known, Archive(("first",)))) == 3000


def test_each_step_says_what_it_changed() -> None:
    archive, known = family()
    steps = list(lineage(archive.entries[3], known, archive))
    assert [one.candidate for one in steps] == [0, 1, 3]
    assert steps[0].change == ()
    assert steps[1].change == (("-", "text 0"), ("+", "text 1"))


def test_a_difference_is_told_without_colour() -> None:
    lines = ((" ", "def f(w, g):"), ("-", "    return g"), ("+", "    return sign(g)"))
    made = str(lineage_part.difference(lines))
    read(made)
    assert re.sub("<[^>]*>", "", made).count("-    return g") == 0  # spoken words come between
    assert '<del><i aria-hidden="true">-</i><span class="spoken">removed: </span>' in made
    assert '<ins><i aria-hidden="true">+</i><span class="spoken">added: </span>' in made


def test_a_parent_that_is_not_known_ends_the_way() -> None:
    archive, known = family()
    del known[1]
    assert [one.candidate for one in lineage(archive.entries[3], known, archive)] == [3]
    assert len(tree([archive.entries[3]], known, archive)) == 1


# Bars and maps.


def test_bars_lie_on_one_axis_and_failures_are_sentences() -> None:
    rows = (Bar("sign(m) -> m", Interval(0.5, 0.4, 0.6)), Bar("a", Interval(1.0, 0.9, 1.1), True),
            Bar("b", Interval(0, failed="On a: it failed.")))  # fmt: skip
    made = str(bars(rows))
    read(made)
    assert "<code>sign(m)</code> → <code>m</code>" in made
    assert "On a: it failed." in made
    first, second = re.findall(r'<rect x="([\d.]+)"[^>]*width="([\d.]+)"', made)
    assert float(first[1]) > 10 > float(second[1]) == 0
    assert bars(()) == ""


def test_a_map_marks_its_best_and_shades_by_value() -> None:
    made = str(heat(Heat("t", "rate", "decay", ("1", "2"), ("0",), ((2.0, None),))))
    assert f'<td class="h{LEVELS} best">2.00<span class="spoken">, the best</span></td>' in made
    assert "failed" in made
    levels = [level(value, 2.0) for value in (2.0, 1.0, 0.5, 0.25, 0.01, 0.0)]
    assert levels == sorted(levels, reverse=True)
    assert (levels[0], levels[-1]) == (LEVELS, 0)


# A run whose programs cannot be read: the page opens all the same.


def test_a_run_of_unreadable_programs_has_a_report(run: Path) -> None:
    data = collect(run)
    assert data.proposals is not None
    assert len(data.cards) == 5
    assert data.cards[0].facts == ()
    made = page(data)
    seen = read(made).ids()
    assert {"front", "hall", "search", "proposals", "lineage", "cards", "card-5"} <= set(seen)
    assert "This version of Stepsmith cannot read it." in made


def test_an_empty_batch_counts_its_proposals() -> None:
    batch = Batch(0, (), 3, 2, 1, 0, (("up", "same_key", 2), ("up", "not_finite", 1)))
    assert sum(count for *_, count in batch.outcomes) == batch.proposed
