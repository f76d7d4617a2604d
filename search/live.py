"""The view of a search on a terminal, and its plain lines where there is none."""

from __future__ import annotations

import select
import sys
import termios
import time
import tty
from collections.abc import Sequence
from typing import Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .archive import Archive
from .config import Config
from .observe import Observer, Quiet
from .progress import Progress
from .records import Batch, Rows
from .store import Store

BLOCKS = "▁▂▃▄▅▆▇█"
EVERY = 10.0  # seconds between plain lines that tell nothing new
SHOWN = 6  # rules of the hall of fame
QUIT = ("q", "Q", "\x03")


def sparkline(values: Sequence[float], low: float, high: float, width: int = 30) -> str:
    """Returns one block a value, the last `width` of them."""
    span = (high - low) or 1.0
    steps = [round((value - low) / span * (len(BLOCKS) - 1)) for value in values[-width:]]
    return "".join(BLOCKS[max(0, min(len(BLOCKS) - 1, step))] for step in steps)


def curves(search: Sequence[float], unseen: Sequence[float]) -> Text:
    """Returns the best score on the search tasks over the unseen tasks' score, on one scale."""
    both = [*search, *unseen]
    if not both:
        return Text("no rule has passed a rung yet", style="dim")
    low, high = min(both), max(both)
    text = Text()
    for name, values in (("search", search), ("unseen", unseen)):
        text.append(f"{name:<7}", style="bold")
        text.append(sparkline(values, low, high))
        text.append(f"  {values[-1]:.2f}\n" if values else "  not measured yet\n")
    text.rstrip()
    return text


def hall_table(progress: Progress) -> Table:
    """Returns the hall of fame as a table."""
    table = Table(box=None, pad_edge=False, expand=True, header_style="bold")
    for name in ("#", "speed-up", "unseen", "calls", "bytes"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("rule", no_wrap=True, overflow="ellipsis", ratio=1)
    for rank, entry in enumerate(progress.hall[:SHOWN], start=1):
        one = entry.candidate
        unseen = progress.unseen.get(one.id)
        score = f"{entry.score:.2f}" + ("" if entry.depth else "*")
        table.add_row(
            str(rank), score, "" if unseen is None else f"{unseen:.2f}", str(one.length),
            f"{one.state_bytes:g}", gist(one.text),
        )  # fmt: skip
    return table


def gist(text: str) -> str:
    """Returns the statements of a program in one line, without head, document and states."""
    lines = [line.strip() for line in text.strip().splitlines()[1:]]
    kept = [line for line in lines if line and not line.startswith('"""') and ": " not in line]
    return "; ".join(kept)


def counts(progress: Progress) -> str:
    """Returns how much was trained in which rung, and what was left out."""
    parts = [f"{progress.trained[name]:,} {name} rung" for name in progress.rungs]
    parts.append(f"{progress.duplicates:,} duplicates")
    parts.append(f"{progress.not_finite:,} not finite")
    parts.append(f"{progress.no_descent:,} uphill or still")
    parts.append(f"{progress.failed:,} failed")
    return " · ".join(parts)


def screen(progress: Progress, unseen: Sequence[float], rate: float) -> RenderableType:
    """Returns the whole view."""
    head = Text.assemble(
        (progress.run, "bold"), f"  {clock(progress.seconds)}  {rate:.0f} a second"
    )
    head.append("   q ends it, everything is kept", style="dim")
    note = Text(progress.note, style="dim")
    first = Text("* first rung only", style="dim")
    parts: list[RenderableType] = [
        head,
        bar(progress.share()),
        Text(counts(progress)),
        Text(),
        curves(progress.bests, unseen),
        Text(),
    ]
    parts.append(hall_table(progress))
    if any(entry.depth == 0 for entry in progress.hall[:SHOWN]):
        parts.append(first)
    return Group(*parts, *([note] if progress.note else []))


def clock(seconds: float) -> str:
    """Returns minutes and seconds: `2:05`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def bar(share: float, width: int = 60) -> Text:
    """Returns the spent share of the budget as a line."""
    done = round(share * width)
    return Text.assemble(("━" * done, "green"), ("╌" * (width - done), "dim"), f" {share:.0%}")


class View(Quiet):
    """Counts what it is told and knows the rate; what is shown is up to the classes below."""

    progress: Progress

    def started(self, config: Config, store: Store) -> None:
        rungs = tuple(rung.name for rung in config.rungs)
        self.progress = Progress(store.name, config.minutes, config.programs, rungs)
        self._archive = Archive(rungs)
        self._began = time.monotonic()

    def told(self, batch: Batch, results: Sequence[Rows], archive: Archive, old: bool) -> None:
        self._archive = archive
        if self.progress.take(batch, results, archive, old):
            self.improved()

    def tick(self, seconds: float) -> bool:
        self.progress.seconds = seconds
        return False

    def note(self, kind: str, detail: str) -> None:
        self.progress.note = f"{kind.replace('_', ' ')}: {detail}"

    def improved(self) -> None:
        """There is a new best."""

    def rate(self) -> float:
        """Returns the programs a second through the first rung, in this process."""
        return self.progress.fresh / max(time.monotonic() - self._began, 1e-9)

    def unseen(self) -> list[float]:
        return self.progress.unseen_bests(self._archive)


class PlainLines(View):
    """One line now and then, for files and pipes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._last = 0.0

    def started(self, config: Config, store: Store) -> None:
        super().started(config, store)
        start = ", ".join(config.start)
        self._print(f"run {store.name}: {config.mode} from {start}, {config.workers} workers")

    def told(self, batch: Batch, results: Sequence[Rows], archive: Archive, old: bool) -> None:
        super().told(batch, results, archive, old)
        if not old and time.monotonic() - self._last >= EVERY:
            self._line()

    def note(self, kind: str, detail: str) -> None:
        super().note(kind, detail)
        self._print(self.progress.note)

    def improved(self) -> None:
        if self.progress.fresh:
            self._line()

    def _line(self) -> None:
        self._last = time.monotonic()
        done, unseen = self.progress, self.unseen()
        best = f"best {done.bests[-1]:.3f}" if done.bests else "no rule yet"
        beside = f", unseen {unseen[-1]:.3f}" if unseen else ""
        self._print(f"{clock(done.seconds)}  {counts(done)}  {best}{beside}")

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)


class LiveView(View):
    """The view that draws itself anew several times a second; `q` asks the search to end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._keys = Keys(sys.stdin)

    def started(self, config: Config, store: Store) -> None:
        super().started(config, store)
        self._keys.open()
        # Live draws at once, so it is made when there is something to draw.
        self._live = Live(console=self._console, transient=True, get_renderable=self._draw)
        self._live.start()

    def tick(self, seconds: float) -> bool:
        super().tick(seconds)
        return self._keys.pressed() in QUIT

    def finished(self) -> None:
        if self._live is not None:
            self._live.stop()
        self._keys.close()

    def _draw(self) -> RenderableType:
        return screen(self.progress, self.unseen(), self.rate())


class Keys:
    """Keys that are pressed while something else goes on; nothing where there is no terminal."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._former: list[Any] | None = None

    def open(self) -> None:
        """Lets keys come one by one, without Enter and without echo."""
        if self._source.isatty():
            self._former = termios.tcgetattr(self._source)
            tty.setcbreak(self._source)

    def pressed(self) -> str:
        """Returns the key that was pressed, or "" if none was."""
        if self._former is None or not select.select([self._source], [], [], 0)[0]:
            return ""
        return self._source.read(1)

    def close(self) -> None:
        """Gives the terminal back as it was."""
        if self._former is not None:
            termios.tcsetattr(self._source, termios.TCSADRAIN, self._former)
            self._former = None


def observer(console: Console) -> Observer:
    """Returns the view for a console: live on a terminal, lines elsewhere."""
    return LiveView(console) if console.is_terminal else PlainLines(sys.stdout)
