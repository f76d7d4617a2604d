"""What random search found with the same budget: a run of this machine, or a stored one."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from .config import Config
from .errors import RunError
from .kept import Run, config_of, open_run
from .records import Row, best_multiplier
from .store import open_store, runs

FILE = "controls.json"
PARTS = ("search tasks", "held-out tasks")  # of its exam, that another search need not repeat
SAME = ("start", "rungs", "minutes", "programs")  # what a control shares with its search


@dataclass(frozen=True)
class Control:
    """The best rule of a random search, with what its own exam measured of it."""

    text: str
    multiplier: float
    programs: int  # trained in the first rung
    command: str
    rows: tuple[tuple[str, Row], ...] = ()  # part and row


def control(config: Config, root: Path) -> Control | None:
    """Returns the random search to compare a search with: the newest under `root`, or a stored one.

    None for a random search itself, and where there is none of the same start, tasks and budget.
    """
    if config.mode == "random":
        return None
    for folder in reversed(runs(root)):
        try:
            other = config_of(folder.name, root)
            if other.mode == "random" and _same(other, config):
                run = open_run(folder.name, root)
                if run.best is not None:
                    return found(run)
        except RunError:
            continue
    stored = json.loads(files("search").joinpath(FILE).read_text(encoding="utf-8"))
    row = stored.get(_key(config))
    return _read(row) if row else None


def _read(stored: dict[str, Any]) -> Control:
    pairs = [(part, {name: _tuples(held) for name, held in row.items()})
             for part, row in stored["rows"]]
    return Control(**{**stored, "rows": tuple((part, Row(**row)) for part, row in pairs)})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def found(run: Run) -> Control:
    """Returns what a random search has found."""
    assert run.best is not None
    start = " ".join(f"--from {name}" for name in run.config.start)
    command = f"stepsmith search --preset {run.config.preset} {start} --mode random"
    count = len(run.archive.entries)
    text, multiplier = run.best.candidate.text, best_multiplier(run.best.rows)
    store = open_store(run.path)
    try:
        own = [row for row in store.exam() if (row.entry, row.program) == ("found", text)]
        rows = [(row.part, row.row) for row in own if row.part in PARTS]
    finally:
        store.close()
    return Control(text, multiplier, count, f"{command} --seed {run.config.seed}", tuple(rows))


def _same(one: Config, other: Config) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in SAME)


def _key(config: Config) -> str:
    """The preset, if nothing of it was changed, and the start."""
    same = _same(config, Config(**{"preset": config.preset, "from": config.start}))
    return f"{config.preset} from {', '.join(config.start)}" if same else ""


def record(run: Run) -> str:
    """Returns the JSON text of `controls.json` with a run added."""
    path = files("search").joinpath(FILE)
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored[_key(run.config)] = asdict(found(run))
    return json.dumps(stored) + "\n"


if __name__ == "__main__":  # python -m search.controls RUN, after a random search of a preset
    text = record(open_run(sys.argv[1]))
    Path(str(files("search").joinpath(FILE))).write_text(text, encoding="utf-8")
