"""What a report shows, as plain values: the page is made from these and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

NOT_RUN = "Not measured: the time was over."


@dataclass(frozen=True)
class Series:
    """One line of a chart. low and high bound the band around it; empty where there is none."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    steps: bool = False  # holds its value until the next point
    dots: bool = False  # measured points, not a continuous curve


@dataclass(frozen=True)
class Chart:
    """Lines over one pair of axes."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False
    one: float | None = None  # the value that is tuned AdamW, drawn as a reference line
    note: str = ""
    x_ticks: tuple[float, ...] = ()  # where the horizontal axis is marked, if not by itself


@dataclass(frozen=True)
class Rule:
    """A program to show: its text as Python, its formula, and whether it was simplified."""

    name: str
    text: str
    mathml: str = ""
    latex: str = ""
    original: str = ""  # the text as it was found, where `text` is a simpler equal
    state_bytes: float = 0.0  # a parameter
    calls: int = 0
    flops: float = 0.0  # a parameter and step


@dataclass(frozen=True)
class HallRow:
    """One rule of the hall of fame."""

    rank: int
    candidate: int
    generation: int
    speedup: float
    unseen: float | None
    calls: int
    state_bytes: float
    mutation: str
    text: str


@dataclass(frozen=True)
class Interval:
    """A speed-up over tuned AdamW with its 95 % interval over seeds; None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None
    capped: bool = False
    failed: str = ""  # the sentence of a Status that is not ok


@dataclass(frozen=True)
class ExamLine:
    """One entry of the last table: its mean over the tasks of a part, and each task."""

    entry: str
    mean: Interval
    tasks: tuple[Interval, ...]


@dataclass(frozen=True)
class ExamPart:
    """One part of the last table: entries on the same tasks with the same budget."""

    title: str
    tasks: tuple[str, ...]
    lines: tuple[ExamLine, ...]


@dataclass(frozen=True)
class Point:
    """A rule on the picture of quality, length and state."""

    candidate: int
    speedup: float
    calls: int
    state_bytes: float
    front: bool  # no other is as good on all three and better on one
    rank: int | None = None  # in the hall of fame, if it has a card
    text: str = ""  # of a rule of the front


@dataclass(frozen=True)
class Outcomes:
    """What became of the proposals of one kind of mutation, a number for each name of the table."""

    kind: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Proposals:
    """Where the proposals of a search went. Every proposal is counted once, in one column."""

    names: tuple[str, ...]  # of the columns, in the order in which a proposal passes them
    total: Outcomes
    kinds: tuple[Outcomes, ...] = ()  # empty where the run did not keep them
    proposed: bool = True  # whether the columns add up to all that was proposed


@dataclass(frozen=True)
class Ancestor:
    """One step on the way from the start to the winner."""

    candidate: int
    generation: int
    mutation: str
    speedup: float | None
    text: str
    change: tuple[tuple[str, str], ...] = ()  # lines against the parent's, each with " ", "+", "-"


@dataclass(frozen=True)
class Node:
    """A rule in the tree of the hall of fame: where it stands, and under whom."""

    candidate: int
    depth: int  # steps from its start
    lane: float  # across the tree
    parents: tuple[int, ...] = ()
    speedup: float | None = None
    rank: int | None = None  # in the hall of fame
    main: bool = False  # on the way to the winner
    mutation: str = ""


@dataclass(frozen=True)
class Bar:
    """What a change of a rule is worth: its speed in units of the rule's own."""

    change: str
    effect: Interval
    free: bool = False  # the change costs nothing that the seeds show


@dataclass(frozen=True)
class Heat:
    """A map: one number a cell, at a column (a learning rate) and a row (a decay)."""

    title: str
    x_label: str
    y_label: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[float | None, ...], ...]  # [row][column]; None where it failed


@dataclass(frozen=True)
class Scores:
    """How a rule did in one rung of the search, or on its unseen tasks."""

    title: str
    tasks: tuple[tuple[str, Interval], ...]


@dataclass(frozen=True)
class Steps:
    """How a rule became shorter: proven steps, steps that hold nearly, and what training shows."""

    proven: tuple[str, ...] = ()
    nearly: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """The page of one rule."""

    rank: int
    candidate: int
    speedup: float
    rule: Rule
    origin: str = ""  # how the search made it, a sentence
    kin: tuple[str, ...] = ()  # the known rule that it is, and those near it, a sentence each
    steps: Steps = Steps()
    facts: tuple[str, ...] = ()
    scores: tuple[Scores, ...] = ()
    exam: tuple[ExamPart, ...] = ()
    bars: tuple[Bar, ...] = ()
    maps: tuple[Heat, ...] = ()
    stability: tuple[Chart, ...] = ()
    losses: tuple[Chart, ...] = ()
    missing: tuple[str, ...] = ()  # what was not measured
    command: str = ""  # that measures it


@dataclass(frozen=True)
class ReportData:
    """A whole report. A run that has just begun has little more than its name."""

    run: str
    sentence: str = ""  # what was found, or that nothing was
    finished: bool = False
    facts: tuple[tuple[str, str], ...] = ()  # the few numbers that stand at the top
    rule: Rule | None = None
    exam: tuple[ExamPart, ...] = ()
    progress: tuple[Chart, ...] = ()
    losses: tuple[Chart, ...] = ()
    sweeps: tuple[Chart, ...] = ()
    hall: tuple[HallRow, ...] = ()
    lineage: tuple[Ancestor, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    events: tuple[tuple[str, str], ...] = field(default=())
    details: tuple[str, ...] = ()  # what the rule is worth beside others, a sentence each
    front: tuple[Point, ...] = ()
    front_rung: str = ""  # in which the rules of the front were measured
    proposals: Proposals | None = None
    tree: tuple[Node, ...] = ()
    cards: tuple[Card, ...] = ()
