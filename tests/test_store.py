"""The store: what goes in comes out, nothing is lost, and every fault of a file is one sentence."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import cheap
import pytest

from search import lock
from search import store as stores
from search.breed import Keys
from search.errors import RunError
from search.kept import open_run
from search.records import Batch, Candidate, Job, Row
from search.run import Search

FIXTURE = Path(__file__).parent / "fixtures" / "run_v1.sqlite"
TABLES = (
    "batch", "candidate", "evaluation", "event", "exam", "proposal", "run", "schema_version",
)  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A small finished run."""
    config = cheap.config(programs=60, run="small")
    return Search(config, tmp_path, cheap.train, cheap.BREEDER).run().path


def test_what_is_appended_comes_back(tmp_path: Path) -> None:
    store = stores.create(tmp_path / "one", "{}", {"python": "3"})
    one = _candidate(0)
    row = Row(
        "a", "ok", 1.5, (1.4, 1.6), True, 0.5, (0.1, 0.2), (3, 4),
        ((0.1, 0.2), (0.3, float("inf"))), (), ((0.0, 0.1),), 2.0, "77",
    )  # fmt: skip
    outcomes = (("insert", "bred", 1), ("insert", "same_key", 3), ("several", "not_finite", 1))
    batch = Batch(0, (Job("first", one),), 6, 3, 1, 1, outcomes)
    store.append(batch, [(row, Row("b", "diverged"))], 9.5)
    store.append_exam([stores.ExamRow("found", "text", "search tasks", row)])
    store.event("started", "now")
    store.close()
    again = stores.open_store(tmp_path / "one")
    assert list(again.batches()) == [(batch, ((row, Row("b", "diverged")),))]
    assert again.exam() == (stores.ExamRow("found", "text", "search tasks", row),)
    assert again.candidates() == {0: one}
    assert again.rows(0, "first")[0] == row
    assert again.seconds() == 9.5
    assert again.versions() == {"python": "3"}
    assert [event[1:] for event in again.events()] == [("started", "now")]
    again.close()


def _candidate(id: int) -> Candidate:
    keys = cheap.keys("2", cheap.marks("2"))
    assert isinstance(keys, Keys)
    return Candidate(
        id, 0, "2", keys.canonical, keys.structure, keys.behaviour, 3, 4.0, (1, 2), "up", 1, -0.5
    )


def test_a_batch_is_committed_whole_or_not_at_all(tmp_path: Path) -> None:
    store = stores.create(tmp_path / "one", "{}", {})
    batch = Batch(0, (Job("first", _candidate(0)),))
    with pytest.raises(sqlite3.IntegrityError):
        store.append(batch, [(Row("a", "ok"), Row("a", "ok"))], 1.0)  # one task twice
    assert [store.count(table) for table in ("batch", "candidate", "evaluation")] == [0, 0, 0]
    store.append(batch, [(Row("a", "ok"),)], 1.0)
    assert store.count("evaluation") == 1
    store.close()


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """A copy of a store of version 1; the file itself is never written again."""
    folder = tmp_path / "first"
    folder.mkdir()
    shutil.copy(FIXTURE, folder / stores.FILE)
    return folder


def test_the_first_version_is_read_and_resumed(first_version: Path) -> None:
    run = open_run("first", first_version.parent)
    assert run.config.seed == 3
    assert run.best is not None
    assert run.best.candidate.text == "10570"
    before = len(run.archive.entries)
    config = cheap.config(programs=before + 30)
    more = Search(config, first_version.parent, cheap.train, cheap.BREEDER).resume("first")
    assert len(more.archive.entries) > before


def test_the_first_version_gains_what_it_lacks_when_it_is_written(first_version: Path) -> None:
    store = stores.open_store(first_version)
    assert all(batch.outcomes == () for batch, _ in store.batches())
    store.close()
    store = stores.open_store(first_version, write=True)
    store.append(Batch(10**6, (), 1, 0, 1, 0, (("up", "not_finite", 1),)), [], 1e6)
    *_, (last, _) = store.batches()
    store.close()
    assert last.outcomes == (("up", "not_finite", 1),)


def test_a_missing_run_is_one_sentence(run: Path) -> None:
    with pytest.raises(RunError) as error:
        stores.open_store(run.parent / "smal")
    expected = f"expected a run in {str(run.parent)!r}, found no 'smal': did you mean 'small'?"
    assert str(error.value) == expected


def test_a_run_that_is_being_searched_is_locked_but_can_be_read(run: Path) -> None:
    held = stores.open_store(run, write=True)
    with pytest.raises(RunError) as error:
        stores.open_store(run, write=True)
    assert str(error.value) == (
        "expected the run 'small' to be free, but another search is working on it."
    )
    reader = stores.open_store(run)
    assert reader.count("candidate") >= 60
    reader.close()
    held.close()
    stores.open_store(run, write=True).close()


def test_a_newer_version_is_refused_and_left_alone(run: Path) -> None:
    db = sqlite3.connect(run / stores.FILE)
    with db:
        db.execute("UPDATE schema_version SET version = 99")
    db.close()
    for write in (False, True):
        with pytest.raises(RunError) as error:
            stores.open_store(run, write=write)
        assert str(error.value) == (
            f"expected a store of version 2 or older in {str(run)!r}, found version 99: "
            f"it was made by a newer stepsmith."
        )


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_store_is_refused_and_left_alone(run: Path, share: float) -> None:
    path = run / stores.FILE
    cut = path.read_bytes()[: int(share * path.stat().st_size)]
    path.write_bytes(cut)
    with pytest.raises(RunError, match=r"^expected a whole store in .*, found a damaged file"):
        stores.open_store(run, write=True)
    assert path.read_bytes() == cut


def test_a_name_is_used_once(run: Path) -> None:
    with pytest.raises(RunError, match="there is a run 'small' already"):
        stores.create(run, "{}", {})


def test_every_table_is_in_the_schema(run: Path) -> None:
    db = sqlite3.connect(run / stores.FILE)
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    assert tuple(name for (name,) in names) == TABLES
    db.close()


def test_a_lock_is_seen_by_others(tmp_path: Path) -> None:
    assert not lock.is_taken(tmp_path)
    with lock.take(tmp_path):
        assert lock.is_taken(tmp_path)
        with pytest.raises(RunError, match="another search is working on it"):
            lock.take(tmp_path)
    assert not lock.is_taken(tmp_path)
