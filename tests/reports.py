"""Reports for tests: one in which every text is the same word, and a reader that finds faults."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from search.report.data import (
    Ancestor,
    Bar,
    Card,
    Chart,
    ExamLine,
    ExamPart,
    HallRow,
    Heat,
    Interval,
    Node,
    Outcomes,
    Point,
    Proposals,
    ReportData,
    Rule,
    Scores,
    Series,
    Steps,
)

EVIL = '"><script>alert(1)</script>&\'\0'


class Balanced(HTMLParser):
    """Fails on a tag that is closed in the wrong order or never."""

    void = frozenset({"meta", "br", "hr", "img", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def ids(self) -> list[str]:
        return [value for _, attrs in self.seen if (value := attrs.get("id")) is not None]


def read(made: str) -> Balanced:
    parser = Balanced()
    parser.feed(made)
    assert parser.open == []
    return parser


def full(word: str) -> ReportData:
    """Returns a report in which every text is `word`."""
    series = Series(word, (1.0, 2.0, 3.0), (1.0, 0.5, 0.2), (0.9, 0.4, 0.1), (1.1, 0.6, 0.3))
    one = Chart(word, word, word, (series, replace(series, dots=True, name="b")), note=word)
    line = ExamLine(word, Interval(1.2, 1.1, 1.3, True), (Interval(1.2), Interval(0, failed=word)))
    found = replace(line, entry="found")
    part = ExamPart(word, (word, "c"), (line, found))
    pair = ((word, word),)
    rule = Rule(word, word, word, word, word, 8.0, 3)
    card = Card(
        1, 2, 1.5, rule, word, (word,), Steps((word,), (word,), (word,)), (word,),
        (Scores(word, ((word, Interval(1.1, 1.0, 1.2)),)),), (part,),
        (Bar(f"{word} -> {word}", Interval(0.7, 0.6, 0.8)), Bar(word, Interval(0, failed=word))),
        (Heat(word, word, word, (word, word), (word,), ((1.2, None),)),), (one,), (one,),
        (word,), word,
    )  # fmt: skip
    front = (Point(2, 1.5, 4, 8.0, True, 1, word), Point(3, 1.2, 3, 0.0, True, None, word),
             Point(4, 1.1, 4, 0.0, False))  # fmt: skip
    nodes = (Node(1, 0, 0.5, main=True, mutation=word), Node(2, 1, 0.0, (1,), 1.5, 1, True, word),
             Node(3, 1, 1.0, (1,), 1.2, 2, False, word))  # fmt: skip
    counts = (3, 2)
    kinds = (Outcomes(word, counts),)
    proposals = Proposals((word, f"{word} rung"), Outcomes("all", counts), kinds)
    return ReportData(
        word, word, True, pair, rule, (part,), (one,), (one,), (one,),
        (HallRow(1, 2, 3, 1.5, None, 4, 8.0, word, word),),
        (Ancestor(1, 1, word, None, word), Ancestor(2, 2, word, 1.5, word, (("+", word),))),
        pair, pair, pair, (word,), front, word, proposals, nodes, (card,),
    )  # fmt: skip
