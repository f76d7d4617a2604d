"""What the commands about runs do: start, resume, list, report, watch."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from dsl import parse, simplify

from .config import Config
from .errors import RunError
from .kept import Run, open_run, resumed
from .live import observer
from .printing import print_summary
from .records import best_multiplier
from .report import CARDS, write
from .run import Search
from .store import runs
from .summary import summarize

ROW = ("name", "mode", "start", "seed", "programs", "best_speedup", "calls")


def start_search(asked: Mapping[str, Any], root: Path) -> None:
    """Runs a search on the terminal, then shows what it found and writes its report."""
    console = Console()
    search = Search(Config(**asked), root, observer=observer(console))
    _finish(search.run(), console)


def resume_search(name: str, asked: Mapping[str, Any], root: Path) -> None:
    """Takes up a run on the terminal, as `start_search`."""
    console = Console()
    search = Search(resumed(name, root, **asked), root, observer=observer(console))
    _finish(search.resume(name), console)


def _finish(run: Run, console: Console) -> None:
    summary = summarize(run)
    print_summary(summary, console)
    page = write(run.path, summary.sentence, summary.details)
    console.print(f"Report: {page}", highlight=False, soft_wrap=True)
    name = run.path.name
    away = f"Take it away: stepsmith export {name}:1 --to torch"
    console.print(away if run.best else f"Go on: stepsmith resume {name}", highlight=False)


def write_report(name: str, root: Path) -> Path:
    """Writes the report of a run and returns where it is."""
    run = open_run(name, root)
    summary = summarize(run)
    return write(run.path, summary.sentence, summary.details)


def measure_evidence(name: str, minutes: float, root: Path) -> None:
    """Measures what the cards of a run's best rules show, as far as there is time.

    Ctrl-C ends it as the time limit does: what was measured is kept, and a second call goes on.
    """
    from . import evidence
    from .evidence.measure import measure

    run = open_run(name, root)
    rules = [
        (simplify(parse(one.candidate.text)).program, best_multiplier(one.rows))
        for one in run.hall_of_fame[:CARDS]
    ]
    try:
        done = bool(rules) and measure(run.path, run.config, rules, minutes, _tell)
    except KeyboardInterrupt:
        done = False
    count = len(evidence.load(run.path).answers)
    rest = "" if done else f"; the rest: stepsmith report {name} --measure"
    _tell(f"{count:,} sweeps are kept in {run.path / evidence.FILE}{rest}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def watch_run(name: str, root: Path, port: int, as_json: bool) -> None:
    """Serves the report of a run and says where, until it is interrupted."""
    from .watch import serve

    def say(url: str) -> None:
        told = f"The report of {name}: {url} (Ctrl-C ends it)"
        print(json.dumps({"url": url}) if as_json else told, flush=True)

    serve(root / name, port, say)


def run_rows(root: Path) -> list[dict[str, Any]]:
    """Returns a row for each run under `root`."""
    return [_row(folder) for folder in runs(root)]


def _row(folder: Path) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(ROW)
    try:
        run = open_run(folder.name, folder.parent)
    except RunError as error:
        return row | {"name": folder.name, "mode": str(error)}
    config, best = run.config, run.best
    return row | {
        "name": folder.name,
        "mode": config.mode,
        "start": ", ".join(config.start),
        "seed": config.seed,
        "programs": len(run.archive.entries),
        "best_speedup": best.score if best else None,
        "calls": best.candidate.length if best else None,
    }
