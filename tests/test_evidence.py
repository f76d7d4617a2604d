"""The evidence of a card: what is asked, what is kept, and that nothing is measured twice."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from dsl import canonical_key, load, lower, parse, text
from dsl.decayed import decayed
from dsl.simulate import simulate
from evaluators import task
from search import store as stores
from search.config import Config
from search.evidence import FILE, Measured, Question
from search.evidence import load as kept_in
from search.evidence import measure as measuring
from search.evidence.measure import answer, fresh, measure
from search.evidence.plan import COARSE, SHARES, planned, unit
from search.evidence.records import ABLATION, BATCH, CURVE, DECAY, HORIZON, MAP, OWN
from search.records import Batch, Candidate, Job, Row
from search.report.collect import evidence, rules
from search.report.collect.cards import REQUESTED
from search.report.fill import collect
from search.sessions import measure_evidence

RULE = parse(
    "def rule(w, g, lr):\n    m: Tensor = 0\n    m = lerp(m, g, 0.1)\n    return lr * sign(m)\n"
)
SEEDS = (200, 201)
TASK = "scaled_small"


def answered(question: Question, status: str = "ok") -> Measured:
    """An answer as training would give it: a speed-up of 1, less for what is changed."""
    worth = 1.0 if question.part != ABLATION else 0.5
    rows = tuple(
        tuple(worth * (1 + 0.01 * s) for s in range(len(question.seeds)))
        for _ in question.multipliers
    )
    middle = len(question.multipliers) // 2
    rates = tuple(2.0**m for m in question.multipliers)
    if question.part == CURVE:
        rows = ((1.0, 0.5, 0.2),) * len(question.seeds)
    return Measured(question, status, middle, rates, rows, rows)


def all_questions(folder: Path, status: str = "ok") -> list[Question]:
    kept, asked = kept_in(folder), []
    for question in planned(RULE, 0.0, task(TASK), SEEDS, kept):
        asked.append(question)
        kept.add(answered(question, status))
    return asked


def test_everything_is_asked_once_and_then_nothing(tmp_path: Path) -> None:
    asked = all_questions(tmp_path)
    assert len({one.name for one in asked}) == len(asked)
    assert {one.part for one in asked} == {OWN, ABLATION, DECAY, HORIZON, BATCH, CURVE}
    assert {one.rule for one in asked} == {canonical_key(RULE)}
    assert all_questions(tmp_path) == []


def test_a_rule_that_does_not_train_is_asked_no_more(tmp_path: Path) -> None:
    assert {one.part for one in all_questions(tmp_path, "diverged")} == {OWN}


def test_what_ends_a_decay_is_not_asked(tmp_path: Path) -> None:
    rule = parse("def rule(w, g, lr):\n    return lr * (sign(g) + 0.1 * w)\n")
    kept, changes = kept_in(tmp_path), []
    for question in planned(rule, 0.0, task(TASK), SEEDS, kept):
        kept.add(answered(question))
        changes += [question.program] * (question.part == ABLATION)
    assert changes
    assert all("* w" in change or "+ w" in change for change in changes)


def test_the_columns_of_a_map_are_the_same_rates_whatever_the_decay(tmp_path: Path) -> None:
    kept = kept_in(tmp_path)
    rates = []
    for question in planned(RULE, 0.0, task(TASK), SEEDS, kept):
        one = answered(question)
        if question.part == OWN and question.what != COARSE:
            scale = unit(RULE, task(TASK))
            one = Measured(question, "ok", 2, tuple(scale * 2.0**m for m in question.multipliers),
                           one.losses, one.speedups)  # fmt: skip
        kept.add(one)
        if question.part == DECAY:
            scale = unit(parse(question.program), task(TASK))
            rates.append([scale * 2.0**m for m in question.multipliers])
    assert len(rates) == len(SHARES)
    for row in rates[1:]:
        np.testing.assert_allclose(row, rates[0], rtol=1e-9)


def test_answers_come_back_and_a_half_written_line_does_not(tmp_path: Path) -> None:
    asked = all_questions(tmp_path)
    path = tmp_path / FILE
    kept = kept_in(tmp_path)
    assert [one.question for one in kept.answers.values()] == asked
    path.write_bytes(path.read_bytes()[:-30])  # killed while it wrote
    again = kept_in(tmp_path)
    assert [one.question for one in again.answers.values()] == asked[:-1]
    again.add(answered(asked[-1]))
    assert [one.question for one in kept_in(tmp_path).answers.values()] == asked


def test_what_is_not_finite_is_kept_as_such(tmp_path: Path) -> None:
    question = Question("k", OWN, "", TASK, "text", (0.0,), (1,))
    kept_in(tmp_path).add(Measured(question, "ok", 0, (1.0,), ((math.inf,),), ((1.0,),)))
    (one,) = kept_in(tmp_path).answers.values()
    assert math.isnan(one.losses[0][0])
    assert "Infinity" not in (tmp_path / FILE).read_text()


def test_lines_of_another_version_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"version": 99, "question": {}}\n')
    assert kept_in(tmp_path).answers == {}


def test_seeds_are_none_that_the_search_used() -> None:
    config = Config(minutes=1.0)
    used = {s for r in (*config.rungs, config.unseen, config.exam) if r for s in r.seeds}
    assert used
    assert not used & set(fresh(config))


def test_an_interruption_keeps_what_is_there_and_a_second_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Question] = []

    def trained(question: Question) -> Measured:
        if len(asked) == 3:
            asked.append(question)
            raise KeyboardInterrupt
        asked.append(question)
        return answered(question)

    monkeypatch.setattr(measuring, "answer", trained)
    config = Config(minutes=1.0)
    with pytest.raises(KeyboardInterrupt):
        measure(tmp_path, config, [(RULE, 0.0)], 1.0, lambda line: None)
    assert len(kept_in(tmp_path).answers) == 3
    assert measure(tmp_path, config, [(RULE, 0.0)], 1.0, lambda line: None)
    names = [one.name for one in asked]
    assert names[3] == names[4]  # only the one that was interrupted is asked again
    assert len(names) == len(set(names)) + 1
    count = len(asked)
    assert measure(tmp_path, config, [(RULE, 0.0)], 1.0, lambda line: None)
    assert len(asked) == count


def test_no_time_means_nothing_is_measured(tmp_path: Path) -> None:
    assert not measure(tmp_path, Config(minutes=1.0), [(RULE, 0.0)], 0.0, lambda line: None)
    assert kept_in(tmp_path).answers == {}


def test_a_decayed_program_shrinks_its_parameters_apart_from_the_gradient() -> None:
    start, gradients = [np.array([1.0, -2.0, 3.0])], [[np.zeros(3)]] * 3
    for name in ("sgd", "adamw(weight_decay=0.0)", "schedule_free_adamw"):
        program = decayed(load(name), 0.5)
        assert parse(text(program)) == program
        lower(program, lr=0.1)
    moved = simulate(decayed(load("sgd"), 0.5), start, gradients, 0.1)
    np.testing.assert_allclose(moved[-1][0], start[0] * 0.95**3)


def test_evidence_becomes_bars_maps_and_curves(tmp_path: Path) -> None:
    all_questions(tmp_path)
    kept, key = kept_in(tmp_path), canonical_key(RULE)
    bars = list(evidence.bars(kept, key, (TASK,)))
    assert bars
    assert all(bar.effect.value == pytest.approx(0.5) for bar in bars)
    assert not any(bar.free for bar in bars)
    (found,) = evidence.maps(kept, key, (TASK,))
    assert (len(found.rows), len(found.columns)) == (len(SHARES), len(MAP))
    assert found.rows[0] == "0"
    charts = list(evidence.stability(kept, key, {}, (TASK,)))
    assert [line.x for line in charts[0].series] == [(0.25, 0.5, 1.0, 2.0, 4.0)]
    assert charts[1].title == f"Batch size: {TASK}"
    (curve,) = evidence.losses(kept, key, {}, (TASK,))
    assert curve.series[0].y == pytest.approx((1.0, 0.5, 0.2))


def test_bars_wait_for_all_tasks(tmp_path: Path) -> None:
    all_questions(tmp_path)
    kept, key = kept_in(tmp_path), canonical_key(RULE)
    assert list(evidence.bars(kept, key, (TASK, "digits_small"))) == []


@pytest.mark.slow
def test_a_question_is_answered_by_training() -> None:
    question = Question("k", HORIZON, "0.5", TASK, text(RULE), (0.0, 2.0), SEEDS, horizon=0.5)
    found = answer(question)
    assert found.status == "ok"
    assert len(found.speedups) == 2
    assert all(0 < value < 16 for row in found.speedups for value in row)
    larger = answer(Question("k", BATCH, "2", TASK, text(RULE), (2.0,), SEEDS, batch=2.0))
    plain = answer(Question("k", BATCH, "1", TASK, text(RULE), (2.0,), SEEDS))
    assert larger.losses != plain.losses
    curve = answer(Question("k", CURVE, "", TASK, text(RULE), (2.0,), SEEDS))
    assert len(curve.losses) == len(SEEDS)
    assert curve.losses[0][-1] < curve.losses[0][0]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run in the midst of its search, with one rule trained."""
    config = Config(run="mine", minutes=1.0, workers=0)
    store = stores.create(tmp_path / "mine", config.model_dump_json(), {})
    one = Candidate(0, 0, text(RULE), "k", "s", "b", 3, 4.0, (), "start", 0, 0.0)
    row = Row("a", "ok", 0.5, (0.5, 0.6), False, 1.0, (0.003,), (1, 2))
    store.append(Batch(0, (Job("first", one),)), [(row,)], 10.0)
    store.close()
    return tmp_path / "mine"


def test_the_card_says_what_was_not_measured_until_it_is(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rules, "kin", lambda program: ())  # the whole zoo takes its time
    (before,) = collect(run).cards
    assert before.missing == tuple(REQUESTED)
    assert before.command == "stepsmith report mine --measure"
    monkeypatch.setattr(measuring, "answer", answered)
    measure_evidence("mine", 1.0, run.parent)
    (after,) = collect(run).cards
    assert after.missing == ()
    assert len(after.maps) == 2
    assert "rule 1, digits_small: ablation" in capsys.readouterr().err


def test_an_interrupted_measurement_says_how_to_go_on(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(question: Question) -> Measured:
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "answer", interrupted)
    measure_evidence("mine", 1.0, run.parent)
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("0 sweeps are kept")
    assert said.endswith("the rest: stepsmith report mine --measure")
