"""The page of a run as it stands, made anew only when the run has grown."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .. import evidence, lock
from ..errors import RunError
from ..kept import open_run
from ..report import ReportData, page
from ..report.fill import collect
from ..store import open_store
from ..summary import summarize

# A page that took a second of a core to make is kept so many seconds: the search needs the cores.
# The first page does not count, what it works out of the known rules is there for the others.
REST = 4.0
SCRIPT = {"src": "live.js"}
SAID = {True: "under way", False: "ended"}  # of the search, to the script
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
            self.begin()
            known = self._shown or self._fault
            self._turn.wait_for(self._settled, WAIT if known else None)
            if self._fault or not self._shown:
                raise self._fault or RunError("stepsmith watch has been ended.")
            return self._shown

    def begin(self) -> None:
        """Sees to it that somebody looks whether there is a new page to be made."""
        with self._turn:
            if not self._making:
                self._making = True
                threading.Thread(target=self._make, daemon=True).start()

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
        began, first = time.thread_time(), self._shown is None
        self._shown = _shown(self._folder, under_way)
        rest = 0 if first else REST * (time.thread_time() - began)
        self._state, self._due = state, time.monotonic() + rest


def _extent(folder: Path) -> tuple[float, ...]:
    """Returns numbers that stay the same while nothing is added to what a report is made from."""
    measured = folder / evidence.FILE
    store = open_store(folder)
    try:
        return (*store.extent(), measured.stat().st_size if measured.is_file() else 0)
    finally:
        store.close()


def _shown(folder: Path, under_way: bool) -> Shown:
    """Makes the page of a run: the report, and a script that keeps it up to date."""
    html = page(_data(folder, under_way), SCRIPT | {"data_search": SAID[under_way]})
    return Shown(html, f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"')


def _data(folder: Path, under_way: bool) -> ReportData:
    if under_way:
        return collect(folder)
    summary = summarize(open_run(folder.name, folder.parent))
    return collect(folder, summary.sentence, summary.details)
