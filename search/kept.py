"""Runs as their stores tell them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import store as stores
from .archive import Archive, Entry
from .config import Config

ROOT = Path("runs")


@dataclass(frozen=True)
class Run:
    """A run as its store tells it."""

    path: Path
    config: Config
    archive: Archive

    @property
    def hall_of_fame(self) -> tuple[Entry, ...]:
        """The best first; see `Archive.hall_of_fame`."""
        return tuple(self.archive.hall_of_fame())

    @property
    def best(self) -> Entry | None:
        return self.archive.best


def config_of(name: str, root: Path = ROOT) -> Config:
    """Returns the configuration of a run, without reading what it trained."""
    store = stores.open_store(root / name)
    try:
        return Config(**store.config())
    finally:
        store.close()


def open_run(name: str, root: Path = ROOT) -> Run:
    """Reads a run, finished or under way; raises RunError if there is none of that name."""
    store = stores.open_store(root / name)
    try:
        config = Config(**store.config())
        archive = Archive(tuple(rung.name for rung in config.rungs))
        for batch, results in store.batches():
            for job, rows in zip(batch.jobs, results, strict=True):
                archive.take(job, rows)
    finally:
        store.close()
    return Run(root / name, config, archive)


def resumed(name: str, root: Path = ROOT, **changes: Any) -> Config:
    """Returns the configuration of a run with another budget or other workers."""
    config = config_of(name, root)
    fields = {**config.model_dump(), **changes}
    if {"minutes", "programs"} & set(changes):
        fields |= {name: changes.get(name) for name in ("minutes", "programs")}
    return Config(**fields)
