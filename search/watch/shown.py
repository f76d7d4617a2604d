"""The page of a run as it stands, made anew only when the run has grown."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .. import lock
from ..errors import RunError
from ..kept import open_run
from ..report import page
from ..report.fill import collect
from ..store import open_store
from ..summary import summarize

REST = 9.0  # a page that took a second to make is kept so many seconds: the search needs the cores
WAIT = 1.0  # seconds that an answer waits for a new page, where there is an old one


@dataclass(frozen=True)
class Shown:
    """A page as it is sent, and the mark (an ETag) that is the same only for the same page."""

    html: str
    mark: str


class Watched:
    """A run that is being watched. Pages are made one at a time, in a thread of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = threading.Condition()
        self._making = False
        self._closed = False
        self._shown: Shown | None = None
        self._fault: Exception | None = None  # why the page could not be made
        self._state: object = None  # of the run, when its page was made
        self._due = 0.0

    def shown(self) -> Shown:
        """Returns the page of the run; raises RunError if there is no such run any more."""
        with self._turn:
            if not self._making:
                self._making = True
                threading.Thread(target=self._make, daemon=True).start()
            known = self._shown or self._fault
            self._turn.wait_for(self._settled, WAIT if known else None)
            if self._fault or not self._shown:
                raise self._fault or RunError("stepsmith watch has been ended.")
            return self._shown

    def close(self) -> None:
        """Lets nobody wait any longer."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()

    def _settled(self) -> bool:
        return self._closed or not self._making

    def _make(self) -> None:
        fault = None
        try:
            self._refresh()
        except Exception as error:  # told to whoever asks
            fault = error
        with self._turn:
            self._fault, self._making = fault, False
            self._turn.notify_all()

    def _refresh(self) -> None:
        under_way = lock.is_taken(self._folder)  # asked first: what is read then is the last
        state = (under_way, _extent(self._folder))
        if state == self._state or (under_way and time.monotonic() < self._due):
            return
        began = time.monotonic()
        self._shown = _shown(self._folder, under_way)
        ended = time.monotonic()
        self._state, self._due = state, ended + REST * (ended - began)


def _extent(folder: Path) -> tuple[float, ...]:
    store = open_store(folder)
    try:
        return store.extent()
    finally:
        store.close()


def _shown(folder: Path, under_way: bool) -> Shown:
    """Makes the page of a run: the report, and a script that keeps it up to date."""
    state = "under way" if under_way else "ended"
    script = f'<script src="live.js" data-search="{state}" defer></script>'
    html = _report(folder, under_way).replace("</head>", f"{script}</head>", 1)
    return Shown(html, f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"')


def _report(folder: Path, under_way: bool) -> str:
    if under_way:
        return page(collect(folder))
    summary = summarize(open_run(folder.name, folder.parent))
    return page(collect(folder, summary.sentence, summary.details))
