"""Evolution: what is bred follows from the seed and from what was told."""

from __future__ import annotations

import random
from collections import Counter

import cheap
import pytest

from search.archive import Archive, beats, cell
from search.breed import Keys
from search.config import Config
from search.errors import SearchError
from search.evolution import SPREAD, Evolution
from search.records import BRED, SAME_BEHAVIOUR, SAME_KEY, UNSEEN, Batch, Candidate, Job, Row, Rows


def evolution(**fields: object) -> Evolution:
    config = cheap.config(**fields)
    keys = cheap.keys("10010", cheap.marks("10010"))
    assert isinstance(keys, Keys)
    return Evolution(config, cheap.BREEDER, (("10010", keys),))


def trained(config: Config, batch: Batch) -> list[Rows]:
    levels = {rung.name: rung for rung in (*config.rungs, config.unseen) if rung}
    out = []
    for job in batch.jobs:
        level, one = levels[job.rung], job.candidate
        unit = cheap.Unit(
            job.rung, level.tasks, (one.text,), (one.multiplier,), level.rates, level.seeds
        )
        out += cheap.train(unit)
    return out


def played(search: Evolution, batches: int) -> list[Batch]:
    """Plays a search in the order of calls that `Strategy` names."""
    asked = []
    for index in range(batches):
        asked.append(search.ask(index))
        told = index + 1 - search.config.lag
        if told >= 0:
            search.tell(asked[told], trained(search.config, asked[told]))
    return asked


def test_the_same_seed_breeds_the_same_and_another_does_not() -> None:
    assert played(evolution(), 20) == played(evolution(), 20)
    assert played(evolution(seed=4), 20) != played(evolution(), 20)


def test_no_two_candidates_have_a_key_in_common() -> None:
    batches = played(evolution(), 30)
    born = [job.candidate for batch in batches for job in batch.jobs if job.rung == "first"]
    new = [one for one in born if one.mutation != "start"]
    assert len({one.key for one in new}) == len(new) > 400
    assert len({one.behaviour for one in new}) == len(new)
    assert sum(batch.duplicates for batch in batches) > 0
    assert sum(batch.not_finite for batch in batches) > 0
    assert sum(batch.no_descent for batch in batches) > 0
    for batch in batches:
        fresh = sum(job.candidate.batch == batch.index for job in batch.jobs)
        spread = len(SPREAD) if batch.index == 0 else 0
        left = batch.duplicates + batch.not_finite + batch.no_descent
        assert batch.proposed == fresh - spread + left
        became = Counter[str]()
        for kind, outcome, count in batch.outcomes:
            assert kind in ("up", "down", "several")
            became[outcome] += count
        assert became[SAME_KEY] + became[SAME_BEHAVIOUR] == batch.duplicates
        assert (became["not_finite"], became["no_descent"]) == (batch.not_finite, batch.no_descent)
        assert became[BRED] == fresh - spread


def test_ids_count_up_and_parents_come_before_children() -> None:
    born = [
        job.candidate
        for batch in played(evolution(), 20)
        for job in batch.jobs
        if job.candidate.batch == batch.index
    ]
    assert [one.id for one in born] == list(range(len(born)))
    by_id = {one.id: one for one in born}
    for one in born:
        for parent in one.parents:
            assert parent < one.id
            assert by_id[parent].generation == one.generation - 1


def test_parents_are_older_than_the_lag() -> None:
    search = evolution()
    for batch in played(search, 20):
        for job in batch.jobs:
            born_now = job.candidate.batch == batch.index
            for parent in job.candidate.parents if born_now and batch.index >= 4 else ():
                # Told before this batch was asked for: whoever trains the rest cannot matter.
                assert _batch_of(search, parent) <= batch.index - search.config.lag


def _batch_of(search: Evolution, id: int) -> int:
    return search.archive.entries[id].candidate.batch


def test_selection_climbs_and_the_random_control_does_not_as_far() -> None:
    chosen, control = evolution(), evolution(mode="random")
    played(chosen, 40)
    played(control, 40)
    assert chosen.archive.best is not None
    assert control.archive.best is not None
    assert chosen.archive.best.score > 1.2 * control.archive.best.score


def test_the_best_of_every_window_goes_on_and_the_start_goes_first() -> None:
    search = evolution()
    batches = played(search, 24)
    promoted = [job.candidate for batch in batches for job in batch.jobs if job.rung == "second"]
    assert promoted[0].mutation == "start"
    assert len({one.id for one in promoted}) == len(promoted)
    told = sum(job.rung == "first" for batch in batches[:20] for job in batch.jobs)
    window = search.config.rungs[0].window
    assert 0 < len(promoted) - 1 <= told // window * round(0.1 * window)


def test_every_new_best_is_measured_on_unseen_tasks_once() -> None:
    search = evolution()
    batches = played(search, 30)
    watched = [job.candidate.id for batch in batches for job in batch.jobs if job.rung == UNSEEN]
    deep = {entry.candidate.id for entry in search.archive.bests if entry.depth == 1}
    assert len(watched) == len(set(watched))
    assert set(watched) <= deep
    assert len(watched) > 1


def test_adopted_batches_leave_the_same_state_as_asked_ones() -> None:
    first = evolution()
    batches = played(first, 16)
    second = evolution()
    for index, batch in enumerate(batches):
        second.adopt(batch)
        told = index + 1 - second.config.lag
        if told >= 0:
            second.tell(batches[told], trained(second.config, batches[told]))
    assert second.ask(16) == first.ask(16)


def test_a_language_without_new_programs_ends_the_search() -> None:
    search = evolution()
    search.breeder = cheap.Breeder(
        lambda program, rng: (program, "none"), str, str, str, cheap.marks, cheap.keys
    )
    search.ask(0)
    with pytest.raises(SearchError, match="No program is left that was not tried"):
        search.ask(1)


def candidate(id: int, length: int = 5, state_bytes: float = 4.0) -> Candidate:
    return Candidate(
        id, 0, str(id), f"c{id}", f"s{id}", f"b{id}", length, state_bytes, (), "x", 0, 0.0
    )


def rows(*speedups: float) -> Rows:
    mean = cheap.math.exp(sum(map(cheap.math.log, speedups)) / len(speedups))
    return (Row("a", "ok", mean, speedups), Row("b", "ok", mean, speedups))


def test_a_lucky_mean_is_no_new_best() -> None:
    rng = random.Random(0)
    noisy = [[1.0 + rng.gauss(0, 0.2) for _ in range(4)] for _ in range(2)]
    lucky = sorted(noisy, key=sum)
    assert not beats(rows(*lucky[1]), rows(*lucky[0]))
    assert beats(rows(1.2, 1.21, 1.19, 1.2), rows(1.0, 1.01, 0.99, 1.0))
    assert not beats(rows(1.0, 1.01, 0.99, 1.0), rows(1.2, 1.21, 1.19, 1.2))


def test_a_failure_on_one_task_is_never_best() -> None:
    archive = Archive(("first", "second"))
    failed = (Row("a", "ok", 2.0, (2.0,)), Row("b", "diverged"))
    assert archive.take(Job("second", candidate(0)), failed) is None
    assert archive.best is None
    assert archive.hall_of_fame() == []


def test_a_score_of_a_later_rung_goes_before_a_higher_one_of_an_earlier() -> None:
    archive = Archive(("first", "second"))
    assert archive.take(Job("first", candidate(0)), rows(3.0, 3.0)) is not None
    assert archive.take(Job("second", candidate(1)), rows(1.1, 1.1)) is not None
    assert archive.take(Job("first", candidate(2)), rows(9.0, 9.0)) is None
    assert [entry.candidate.id for entry in archive.hall_of_fame()] == [1, 2, 0]


def test_cells_are_lengths_by_state() -> None:
    assert cell(candidate(0, 8, 4.0)) == cell(candidate(1, 8, 4.0))
    assert cell(candidate(0, 8, 4.0)) != cell(candidate(1, 16, 4.0))
    assert cell(candidate(0, 8, 4.0)) != cell(candidate(1, 8, 8.0))
