"""A program that ends its workers becomes a row with a status; nobody else pays for it."""

from __future__ import annotations

from pathlib import Path

import cheap
import pytest

from search.records import WORKER_DIED, Unit
from search.run import Search
from search.store import open_store
from search.workers import KILLS, Attempt, InProcess, Retrying, after_death, start_workers


def unit(*programs: str) -> Unit:
    return Unit("first", ("a", "b"), programs, (0.0,) * len(programs), (0.0,), (0,))


def drained(retrying: Retrying, poison: str) -> tuple[dict[int, tuple], int]:
    """Runs every attempt; one with the poison in it ends its worker."""
    out, deaths = {}, 0
    while retrying.waiting:
        attempt = retrying.waiting.popleft()
        if poison in attempt.unit.programs:
            deaths += 1
            out |= dict(retrying.lost(attempt))
        else:
            out |= dict(retrying.done(attempt, cheap.train(attempt.unit)))
    return out, deaths


@pytest.mark.parametrize("place", range(9))
def test_the_poisonous_program_is_found_wherever_it_stands(place: int) -> None:
    programs = [str(100 + i) for i in range(9)]
    programs[place] = cheap.POISON
    retrying = Retrying()
    retrying.submit(7, unit(*programs))
    out, deaths = drained(retrying, cheap.POISON)
    statuses = [{row.status for row in rows} for rows in out[7]]
    expected = [{"ok"} if name != cheap.POISON else {WORKER_DIED} for name in programs]
    assert statuses == expected
    assert deaths <= 2 * KILLS + 4
    assert not retrying.parts


def test_the_rows_of_a_cut_unit_are_those_of_the_whole_one() -> None:
    programs = ("100", "101", cheap.POISON, "103")
    retrying = Retrying()
    retrying.submit(0, unit(*programs))
    out, _ = drained(retrying, cheap.POISON)
    harmless = [name for name in programs if name != cheap.POISON]
    assert [rows for rows in out[0] if rows[0].status == "ok"] == cheap.train(unit(*harmless))


def test_one_death_costs_one_retry() -> None:
    attempt = Attempt(0, 0, unit("100", "101"))
    assert after_death(attempt) == [Attempt(0, 0, attempt.unit, 1)]


def test_a_program_alone_has_to_end_two_workers() -> None:
    alone = Attempt(0, 3, unit("100"))
    (again,) = after_death(alone)
    assert after_death(again) == []


def test_in_process_units_come_back_one_by_one() -> None:
    workers = InProcess(cheap.train)
    workers.submit(0, unit("100"))
    workers.submit(1, unit("101"))
    assert [ticket for ticket, _ in workers.collect(0)] == [0]
    assert [ticket for ticket, _ in workers.collect(0)] == [1]
    assert workers.collect(0) == []


def test_ray_workers_survive_the_poison() -> None:
    """The real thing: a process that kills itself, in a unit with three harmless programs."""
    heard: list[str] = []
    workers = start_workers(1, cheap.deadly, None, lambda kind, detail: heard.append(kind))
    workers.submit(0, unit("100", cheap.POISON, "102", "103"))
    done: list = []
    while not done:
        done = workers.collect(5)
    workers.close()
    ((ticket, rows),) = done
    assert ticket == 0
    assert [part[0].status for part in rows] == ["ok", WORKER_DIED, "ok", "ok"]
    assert set(heard) == {"worker_died"}


def test_a_poisonous_candidate_is_a_row(tmp_path: Path) -> None:
    def train(asked: Unit) -> list:
        rows = cheap.train(asked)
        bad = cheap.Row("a", WORKER_DIED), cheap.Row("b", WORKER_DIED)
        both = zip(asked.programs, rows, strict=True)
        return [bad if int(name) % 9 == 0 and asked.rung == "first" else row for name, row in both]

    run = Search(cheap.config(programs=100, run="one"), tmp_path, train, cheap.BREEDER).run()
    store = open_store(run.path)
    by_id = store.candidates()
    failed = [id for id, one in by_id.items() if int(one.text) % 9 == 0]
    assert all(store.rows(id, "first")[0].status == WORKER_DIED for id in failed)
    assert failed
    assert all(int(entry.candidate.text) % 9 for entry in run.hall_of_fame)
    store.close()
