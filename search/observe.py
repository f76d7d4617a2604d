"""What a search tells whoever watches it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .archive import Archive
from .config import Config
from .records import Batch, Rows
from .store import Store


class Observer(Protocol):
    """Watches a search; nothing that it does can change what the search finds."""

    def started(self, config: Config, store: Store) -> None:
        """The workers are being started."""
        ...

    def told(self, batch: Batch, results: Sequence[Rows], archive: Archive, old: bool) -> None:
        """A batch was committed, or read back from the store if `old`."""
        ...

    def tick(self, seconds: float) -> bool:
        """Called several times a second; returns whether somebody asks the search to end."""
        ...

    def note(self, kind: str, detail: str) -> None:
        """Something else happened: a worker died, the exam began, ..."""
        ...

    def finished(self) -> None:
        """The search is over, whichever way."""
        ...


class Quiet:
    """Watches without a word."""

    def started(self, config: Config, store: Store) -> None: ...

    def told(self, batch: Batch, results: Sequence[Rows], archive: Archive, old: bool) -> None: ...

    def tick(self, seconds: float) -> bool:
        return False

    def note(self, kind: str, detail: str) -> None: ...

    def finished(self) -> None: ...
