"""Searches end to end with a cheap language: their seed decides them, and no kill costs a row."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cheap
import pytest

from search.archive import Archive
from search.errors import EvaluationFailed, RunError
from search.kept import Run, open_run, resumed
from search.observe import Quiet
from search.records import Batch, Rows
from search.run import Search
from search.store import Store, open_store
from search.workers import start_workers

HERE = Path(__file__).parent

# A search as a process of its own, to be killed: it starts or resumes the run and prints its pid.
DRIVER = """
import sys
sys.path[:0] = [{here!r}, {root!r}]
from pathlib import Path
import cheap
from search.records import Batch, Rows
from search.run import Search
search = Search(cheap.config(programs={programs}, workers={workers}, run="killed"),
                Path({runs!r}), cheap.trained, cheap.BREEDER)
exists = (Path({runs!r}) / "killed" / "run.sqlite").exists()
search.resume("killed") if exists else search.run()
"""


def searched(root: Path, name: str, **fields: object) -> Run:
    return Search(cheap.config(run=name, **fields), root, cheap.train, cheap.BREEDER).run()


def contents(run: Run) -> list:
    """Everything that a run decided: all but seconds and processes."""
    store = open_store(run.path)
    batches = [
        (batch, [[(row.task, row.speedup, row.multiplier) for row in rows] for rows in results])
        for batch, results in store.batches()
    ]
    store.close()
    return batches


def hall(run: Run) -> list[tuple[str, float]]:
    return [(entry.candidate.text, entry.score) for entry in run.hall_of_fame]


def test_batches_take_the_seeds_of_the_first_rung_in_turn(tmp_path: Path) -> None:
    store = open_store(searched(tmp_path, "turns", programs=100).path)
    taken = {
        (batch.index % 3, row.seeds)
        for batch, results in store.batches()
        for job, rows in zip(batch.jobs, results, strict=True)
        for row in rows
        if job.rung == "first"
    }
    store.close()
    assert taken == {(0, (0,)), (1, (4,)), (2, (5,))}


def test_a_search_finds_something_better_than_its_start(tmp_path: Path) -> None:
    run = searched(tmp_path, "one")
    assert run.best is not None
    start = run.archive.bests[0]
    assert run.best.score > 1.2 * start.score
    assert run.path == tmp_path / "one"
    assert hall(open_run("one", tmp_path)) == hall(run)


def test_the_store_holds_every_program_with_its_rows(tmp_path: Path) -> None:
    run = searched(tmp_path, "one")
    store = open_store(run.path)
    assert store.count("candidate") == len(run.archive.entries) >= 400
    assert all(len(store.rows(id, "first")) == 2 for id in store.candidates())
    store.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_does_not_matter(tmp_path: Path, workers: int) -> None:
    none = searched(tmp_path, "none", programs=200)
    some = searched(tmp_path, "some", programs=200, workers=workers)
    assert contents(some) == contents(none)
    assert hall(some) == hall(none)


class StopAfter(Quiet):
    """Asks for an end after some batches."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    def told(self, batch: Batch, results: Sequence[Rows], archive: Archive, old: bool) -> None:
        self.left -= 1

    def tick(self, seconds: float) -> bool:
        return self.left <= 0


def test_a_stopped_search_is_resumed_without_training_a_row_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEAP_LOG", str(tmp_path / "log"))
    whole = searched(tmp_path, "whole")
    config = cheap.config(run="halves")
    stopped = Search(config, tmp_path, cheap.trained, cheap.BREEDER, StopAfter(9)).run()
    first = contents(stopped)
    assert first == contents(whole)[: len(first)]
    assert 9 <= len(first) < len(contents(whole))
    kept = {name for batch, _ in first for name in _units(batch)}
    (tmp_path / "log").unlink()
    again = Search(config, tmp_path, cheap.trained, cheap.BREEDER).resume("halves")
    assert contents(again) == contents(whole)
    logged = {line.split(" ", 1)[1] for line in (tmp_path / "log").read_text().splitlines()}
    assert logged
    assert not logged & kept


def _units(batch: Batch) -> Iterator[str]:
    for job in batch.jobs:
        if job.candidate.mutation != "start":  # its copies share one text
            yield f"{job.rung} {job.candidate.text}"


def test_minutes_give_a_prefix_of_the_same_rows(tmp_path: Path) -> None:
    whole = searched(tmp_path, "whole", programs=3000)
    began = time.monotonic()
    timed = searched(tmp_path, "timed", minutes=0.004)
    assert time.monotonic() - began < 11.2
    rows = contents(timed)
    assert rows == contents(whole)[: len(rows)]
    assert rows


def test_a_finished_search_is_resumed_with_a_larger_budget(tmp_path: Path) -> None:
    searched(tmp_path, "one", programs=100)
    config = resumed("one", tmp_path, programs=200)
    more = Search(config, tmp_path, cheap.train, cheap.BREEDER).resume("one")
    assert contents(more) == contents(searched(tmp_path, "two", programs=200))


def test_runs_without_a_name_get_one_that_is_free(tmp_path: Path) -> None:
    search = Search(cheap.config(programs=20), tmp_path, cheap.train, cheap.BREEDER)
    assert search.run().path.name == "quick-program-3"
    assert search.run().path.name == "quick-program-3.2"


def test_an_exception_in_training_ends_the_search_with_one_sentence(tmp_path: Path) -> None:
    def broken(unit: object) -> list:
        raise ZeroDivisionError("division by zero")

    search = Search(cheap.config(run="one"), tmp_path, broken, cheap.BREEDER)
    with pytest.raises(EvaluationFailed) as error:
        search.run()
    assert str(error.value) == "training raised ZeroDivisionError: division by zero"


def test_ctrl_c_ends_a_search_cleanly(tmp_path: Path) -> None:
    process = _driver(tmp_path, programs=100_000, workers=0)
    _wait_for_rows(tmp_path / "killed")
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    assert process.wait(20) == 0
    assert time.monotonic() - began < 10
    assert len(contents(open_run("killed", tmp_path))) > 0


def test_a_search_in_a_dead_process_leaves_no_lock(tmp_path: Path) -> None:
    process = _driver(tmp_path, programs=100_000, workers=0)
    _wait_for_rows(tmp_path / "killed")
    with pytest.raises(RunError, match="another search is working on it"):
        open_store(tmp_path / "killed", write=True)
    process.kill()
    process.wait()
    open_store(tmp_path / "killed", write=True).close()


def test_a_killed_search_is_resumed(tmp_path: Path) -> None:
    _survives(tmp_path, kills=2, workers=0, programs=600, seed=1)


@pytest.mark.slow
def test_ten_kills_of_driver_and_workers_cost_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEAP_SECONDS", "0.1")
    _survives(tmp_path, kills=10, workers=2, programs=4000, seed=2)


def _survives(root: Path, *, kills: int, workers: int, programs: int, seed: int) -> None:
    """Kills drivers and workers at random moments, then compares with an undisturbed run."""
    rng = random.Random(seed)
    log = root / "log"
    committed: set[str] = set()
    for kill in range(kills):
        process = _driver(root, programs, workers)
        _wait_for_rows(root / "killed", more_than=_batches(root / "killed"))
        time.sleep(rng.uniform(0, 1))
        if workers and kill % 2:
            os.kill(_a_worker(log), signal.SIGKILL)
            time.sleep(rng.uniform(1, 3))
        process.kill()
        process.wait()
        committed = _trained_once(root, log, committed)
    assert _driver(root, programs, workers).wait(120) == 0
    _trained_once(root, log, committed)
    killed = open_run("killed", root)
    assert contents(killed) == contents(searched(root, "whole", programs=programs))


def _trained_once(root: Path, log: Path, committed: set[str]) -> set[str]:
    """Checks that nothing committed was trained in the last life; returns what is committed."""
    again = {line.split(" ", 1)[1] for line in log.read_text().splitlines()} & committed
    assert not again
    log.write_text("")
    batches = contents(open_run("killed", root))
    return {name for batch, _ in batches for name in _units(batch)}


def _driver(root: Path, programs: int, workers: int) -> subprocess.Popen:
    code = DRIVER.format(
        here=str(HERE), root=str(HERE.parent), runs=str(root), programs=programs, workers=workers
    )
    environment = {**os.environ, "CHEAP_LOG": str(root / "log")}
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def _batches(folder: Path) -> int:
    if not (folder / "run.sqlite").exists():
        return 0
    store: Store = open_store(folder)
    count = store.count("batch")
    store.close()
    return count


def _wait_for_rows(folder: Path, more_than: int = 0) -> None:
    deadline = time.monotonic() + 60
    while _batches(folder) <= more_than:
        assert time.monotonic() < deadline, "the search makes no progress"
        time.sleep(0.05)


def _a_worker(log: Path) -> int:
    """The process that trained last."""
    return int(log.read_text().splitlines()[-1].split()[0])


def test_workers_that_cannot_start_are_one_sentence() -> None:
    def report(kind: str, detail: str) -> None: ...

    class Unknown:
        def __reduce__(self) -> tuple:
            return (_no_such_module, ())

        def __call__(self, unit: object) -> list:
            return []

    with pytest.raises(EvaluationFailed, match=r"^a worker cannot start: "):
        start_workers(1, Unknown(), None, report)


def _no_such_module() -> object:
    raise ModuleNotFoundError("No module named 'nowhere'")
