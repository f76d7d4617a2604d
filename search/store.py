"""The store of a run: one SQLite file to which rows are appended and in which none is changed."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from . import lock as locks
from .errors import RunError, nearest
from .records import Batch, Candidate, Job, Row, Rows
from .schema import SCHEMA, VERSION, migrate

FILE = "run.sqlite"
NO_RUN = "; `stepsmith runs` lists what there is, `stepsmith search` starts one."

_COUNTS = ("proposed", "duplicates", "not_finite", "no_descent")
_LISTS = ("parents", "speedups", "rates", "seeds", "train_losses", "valid_losses", "sweep")


@dataclass(frozen=True, slots=True)
class ExamRow:
    """One line of the last table: an entry (a rule or a baseline) on one task."""

    entry: str  # "found", "start", "random search", "adamw", ...
    program: str  # text
    part: str  # "search tasks", "unseen tasks", "4x horizon", ...
    row: Row


def _flat(record: Any) -> tuple:
    """Returns the fields of a record as SQLite takes them, lists as JSON."""
    values = ((name, getattr(record, name)) for name in _names(type(record)))
    return tuple(json.dumps(value) if name in _LISTS else value for name, value in values)


@cache
def _names(record: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _read(record: type, row: sqlite3.Row) -> Any:
    """Returns a record from a row that has a column for each of its fields."""
    names = _names(record)
    read = {n: _tuples(json.loads(row[n])) if n in _LISTS else row[n] for n in names}
    if "capped" in read:
        read["capped"] = bool(read["capped"])
    return record(**read)


def _marks(count: int) -> str:
    return f"({', '.join('?' * count)})"


class Store:
    """The rows of one run.

    One process at a time holds a store for writing (a lock on a file beside it, which the
    operating system frees however that process ends); any number may read it meanwhile. A batch
    is committed whole or not at all, so a process that is killed loses only unfinished work.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: Any = None) -> None:
        self.folder = folder
        self._db = connection
        self._db.row_factory = sqlite3.Row
        self._lock = lock

    @property
    def name(self) -> str:
        return self.folder.name

    def close(self) -> None:
        """Closes the file and frees the lock."""
        self._db.close()
        if self._lock:
            self._lock.close()

    # What is written.

    def append(self, batch: Batch, results: Sequence[Rows], seconds: float) -> None:
        """Commits one batch with the rows of each of its jobs, all or nothing."""
        new = [job.candidate for job in batch.jobs if job.candidate.batch == batch.index]
        unique = {candidate.id: candidate for candidate in new}
        evaluations = [
            (batch.index, slot, job.candidate.id, job.rung, *_flat(row))
            for slot, (job, rows) in enumerate(zip(batch.jobs, results, strict=True))
            for row in rows
        ]
        with self._db:
            self._insert("candidate", [_flat(candidate) for candidate in unique.values()])
            self._insert("evaluation", evaluations)
            counts = (batch.proposed, batch.duplicates, batch.not_finite, batch.no_descent)
            self._insert("batch", [(batch.index, *counts, seconds)])
            self._insert("proposal", [(batch.index, *line) for line in batch.outcomes])

    def append_exam(self, rows: Sequence[ExamRow]) -> None:
        """Adds lines of the last table."""
        with self._db:
            self._insert("exam", [(e.entry, e.program, e.part, *_flat(e.row)) for e in rows])

    def event(self, kind: str, detail: str = "") -> None:
        """Adds something that happened: started, stopped, worker_died, ..."""
        with self._db:
            self._insert("event", [(time.time(), kind, detail)])

    def _insert(self, table: str, rows: list[tuple]) -> None:
        if rows:
            self._db.executemany(f"INSERT INTO {table} VALUES {_marks(len(rows[0]))}", rows)

    # What is read.

    def config(self) -> dict[str, Any]:
        """Returns the configuration that the run was started with."""
        return json.loads(self._one("SELECT config FROM run"))

    def versions(self) -> dict[str, str]:
        """Returns the versions of the packages that the run was started with."""
        return json.loads(self._one("SELECT versions FROM run"))

    def seconds(self) -> float:
        """Returns the seconds of search until the last committed batch, pauses left out."""
        return self._one("SELECT coalesce(max(seconds), 0) FROM batch")

    def clock(self) -> dict[int, float]:
        """Returns the seconds of search at which each batch was committed."""
        return {row["id"]: row["seconds"] for row in self._db.execute("SELECT * FROM batch")}

    def count(self, table: str) -> int:
        """Returns the number of rows of a table."""
        return self._one(f"SELECT count(*) FROM {table}")

    def extent(self) -> tuple[float, ...]:
        """Returns when the run began and how many rows it has: the same while nothing is added."""
        began = self._one("SELECT started FROM run")
        return (began, *(self.count(table) for table in ("batch", "exam", "event")))

    def batches(self) -> Iterator[tuple[Batch, tuple[Rows, ...]]]:
        """Yields every committed batch with its results, in order."""
        known: dict[int, Candidate] = {}
        for head in self._db.execute("SELECT * FROM batch ORDER BY id").fetchall():
            for row in self._db.execute("SELECT * FROM candidate WHERE batch = ?", (head["id"],)):
                known[row["id"]] = _read(Candidate, row)
            jobs, results = self._results(head["id"], known)
            counts, outcomes = (head[name] for name in _COUNTS), self._outcomes(head["id"])
            yield Batch(head["id"], jobs, *counts, outcomes=outcomes), results

    def _outcomes(self, index: int) -> tuple[tuple[str, str, int], ...]:
        """What became of a batch's proposals; the first version did not keep it."""
        if self._one("SELECT version FROM schema_version") < 2:
            return ()
        query = "SELECT mutation, outcome, count FROM proposal WHERE batch = ? ORDER BY rowid"
        return tuple(map(tuple, self._db.execute(query, (index,))))

    def _results(
        self, index: int, known: dict[int, Candidate]
    ) -> tuple[tuple[Job, ...], tuple[Rows, ...]]:
        jobs: dict[int, Job] = {}
        results: dict[int, list[Row]] = {}
        query = "SELECT * FROM evaluation WHERE batch = ? ORDER BY slot, rowid"
        for row in self._db.execute(query, (index,)):
            jobs[row["slot"]] = Job(row["rung"], known[row["candidate"]])
            results.setdefault(row["slot"], []).append(_read(Row, row))
        return tuple(jobs.values()), tuple(map(tuple, results.values()))

    def candidates(self) -> dict[int, Candidate]:
        """Returns every program ever trained, by its id."""
        rows = self._db.execute("SELECT * FROM candidate ORDER BY id")
        return {row["id"]: _read(Candidate, row) for row in rows}

    def rows(self, candidate: int, rung: str) -> Rows:
        """Returns what was measured of a candidate in a rung."""
        query = "SELECT * FROM evaluation WHERE candidate = ? AND rung = ? ORDER BY rowid"
        return tuple(_read(Row, row) for row in self._db.execute(query, (candidate, rung)))

    def exam(self) -> tuple[ExamRow, ...]:
        """Returns the lines of the last table in the order in which they were added."""
        rows = self._db.execute("SELECT * FROM exam ORDER BY rowid")
        return tuple(
            ExamRow(row["entry"], row["program"], row["part"], _read(Row, row)) for row in rows
        )

    def events(self) -> tuple[tuple[float, str, str], ...]:
        """Returns what happened: time, kind and detail."""
        return tuple(map(tuple, self._db.execute("SELECT * FROM event ORDER BY rowid")))

    def _one(self, query: str) -> Any:
        return self._db.execute(query).fetchone()[0]


def create(folder: Path, config: str, versions: dict[str, str]) -> Store:
    """Makes the folder and the store of a new run and locks it."""
    if (folder / FILE).exists():
        raise RunError(
            f"expected a new name, but there is a run {folder.name!r} already: "
            f"resume it or choose another name."
        )
    folder.mkdir(parents=True, exist_ok=True)
    lock = locks.take(folder)
    partial = folder / (FILE + ".new")
    partial.unlink(missing_ok=True)
    db = sqlite3.connect(partial)
    db.execute("PRAGMA journal_mode = WAL")  # the file remembers it
    with db:
        db.executescript(SCHEMA)
        db.execute("INSERT INTO schema_version VALUES (?)", (VERSION,))
        db.execute("INSERT INTO run VALUES (?, ?, ?)", (config, json.dumps(versions), time.time()))
    db.close()
    partial.rename(folder / FILE)
    return Store(folder, _connect(folder, write=True), lock)


def open_store(folder: Path, *, write: bool = False) -> Store:
    """Opens the store of a run; to write, it must be free.

    Raises RunError if the run is missing, locked, from a newer version, or damaged.
    """
    if not (folder / FILE).is_file():
        others = [path.name for path in runs(folder.parent)]
        raise RunError(
            f"expected a run in {str(folder.parent)!r}, found no {folder.name!r}"
            f"{nearest(folder.name, others) or NO_RUN}"
        )
    with ExitStack() as opened:
        lock = opened.enter_context(closing(locks.take(folder))) if write else None
        try:
            db = opened.enter_context(closing(_connect(folder, write=write)))
            _check(db, folder, whole=write)
            if write:
                migrate(db)
        except sqlite3.DatabaseError as error:
            raise RunError(
                f"expected a whole store in {str(folder / FILE)!r}, found a damaged file "
                f"({error}); it was left as it is."
            ) from None
        opened.pop_all()  # all is well: the store keeps them open
        return Store(folder, db, lock)


def runs(root: Path) -> list[Path]:
    """Returns the folders of all runs under `root`, the oldest first."""
    found = [path.parent for path in root.glob(f"*/{FILE}")]
    return sorted(found, key=lambda folder: (folder / FILE).stat().st_ctime)


def _connect(folder: Path, *, write: bool) -> sqlite3.Connection:
    """Opens the file; what only reads opens it for writing too, so that it can clear up after."""
    path = (folder / FILE).resolve().as_uri()
    mode = "mode=rw" if os.access(folder, os.W_OK) else "immutable=1"
    db = sqlite3.connect(f"{path}?{mode}", uri=True, timeout=30, check_same_thread=False)
    # A power cut may cost the last batches, a kill cannot.
    db.execute("PRAGMA synchronous = NORMAL" if write else "PRAGMA query_only = ON")
    return db


def _check(db: sqlite3.Connection, folder: Path, *, whole: bool) -> None:
    version = db.execute("SELECT version FROM schema_version").fetchone()[0]
    if version > VERSION:
        raise RunError(
            f"expected a store of version {VERSION} or older in {str(folder)!r}, found "
            f"version {version}: it was made by a newer stepsmith."
        )
    if whole:
        fault = db.execute("PRAGMA quick_check").fetchone()[0]
        if fault != "ok":
            raise sqlite3.DatabaseError(fault)
