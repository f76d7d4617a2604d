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
class Ancestor:
    """One step on the way from the start to the winner."""

    candidate: int
    generation: int
    mutation: str
    speedup: float | None
    text: str


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
