"""Sweeps, curves and what is stored of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dsl import load
from evaluators import SUITES, TASKS, Task, TaskError, task
from evaluators.baselines import baseline, sweep, train
from evaluators.budgets import ADAMW, FULL, OTHERS, SMALL, Setting
from evaluators.curves import curve_for, curve_of, path_of, read, write
from evaluators.gate import gate, gate_rows, speedup_of
from evaluators.schedule import decay
from evaluators.task import batches, init_params, mean_loss
from evaluators.train import train_lowered

STORED = [name for name in TASKS if read(task(name)) is not None]


def _line() -> Task:
    """A plane through 256 points whose features have different sizes: cheap, never quite fitted."""
    x = np.random.default_rng(0).normal(size=(256, 6)) * np.logspace(-1, 0, 6)
    return Task(
        "line",
        lambda key: jax.random.normal(key, (6,), jnp.float32),
        lambda w, batch: jnp.mean((batch[0] @ w - batch[1]) ** 2),
        (x.astype(np.float32), (x @ np.arange(1, 7)).astype(np.float32)),
        20,
        batch_size=16,
    )


LINE = _line()
PLAIN = {"beta1": (0.9,), "beta2": (0.99,), "weight_decay": (0.0,)}
TINY = replace(
    SMALL,
    adamw=replace(ADAMW, rates=(0.1, 0.4), grid=PLAIN),
    fractions=(0.5, 1, 2, 4),
    others={"sgd": OTHERS["sgd"]},
)


def _by_hand(setting: Setting, seed: int, steps: int) -> float:
    rule = optax.adamw(
        lambda count: setting["lr"] * decay(count + 1, steps),
        b1=setting["beta1"],
        b2=setting["beta2"],
        weight_decay=setting["weight_decay"],
    )
    params = init_params(LINE, seed)
    state = rule.init(params)
    step = jax.jit(rule.update)
    for index in batches(LINE, seed, steps):
        gradient = jax.grad(LINE.loss)(params, tuple(a[index] for a in LINE.train))
        update, state = step(gradient, state, params)
        params = optax.apply_updates(params, update)
    return float(mean_loss(LINE, params, LINE.train))


def test_lanes_are_runs_by_hand() -> None:
    settings = [
        {"lr": lr, "beta1": 0.8, "beta2": beta2, "weight_decay": 0.1}
        for lr in (0.01, 0.1)
        for beta2 in (0.9, 0.99)
    ]
    losses = train(LINE, ADAMW.make, settings, (3, 4), 15)
    expected = [[_by_hand(setting, seed, 15) for seed in (3, 4)] for setting in settings]
    np.testing.assert_allclose(losses.train, expected, rtol=1e-4)
    assert np.all(np.isnan(losses.valid))  # it has no validation set


def test_rates_go_on_until_the_best_is_inside() -> None:
    tried = sweep(LINE, replace(OTHERS["sgd"], rates=(1e-3, 2e-3)), (0, 1), 20)
    rates = sorted(one.setting["lr"] for one in tried)
    assert rates[0] < tried[0].setting["lr"]
    assert len(rates) > 3
    assert [one.loss for one in tried] == sorted(one.loss for one in tried)


def test_a_rate_that_diverges_is_never_chosen() -> None:
    tried = sweep(LINE, OTHERS["sgd"], (0, 1), 20, rates=(0.05, 0.1, 1e4))
    assert tried[-1].setting["lr"] == 1e4
    assert tried[-1].loss == np.inf


def test_a_baseline_holds_what_is_quoted() -> None:
    lines: list[str] = []
    stored = baseline(LINE, TINY, lines.append)
    json.dumps(stored)
    assert [point["steps"] for point in stored["adamw"]["points"]] == [10, 20, 40, 80]
    assert len(stored["adamw"]["points"][1]["train"]) == len(TINY.fresh)
    assert stored["command"] == "stepsmith baseline line"
    assert stored["versions"]["jax"]
    assert len(lines) == 5
    curve = curve_of(stored)
    assert curve.horizon == 20
    assert curve.speedup(curve.losses[1])[0] == pytest.approx(1)
    assert speedup_of(stored, "sgd")[0] > 0
    assert gate(stored).sgd == speedup_of(stored, "sgd")[0]


def test_a_curve_is_measured_once_for_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluators.curves import stored as module

    monkeypatch.setattr(module, "SMALL", TINY)
    first = curve_for(replace(LINE, name="my_task.py:make"), tmp_path)
    monkeypatch.setattr(module, "SMALL", None)  # measuring once more would fail
    assert curve_for(replace(LINE, name="my_task.py:make"), tmp_path) == first
    assert [file.suffix for file in tmp_path.iterdir()] == [".json"]


def test_a_curve_of_another_task_is_not_taken(tmp_path: Path) -> None:
    write(LINE, baseline(LINE, TINY), tmp_path)
    assert read(LINE, tmp_path) is not None
    assert read(replace(LINE, horizon=21), tmp_path) is None


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    path_of(LINE, tmp_path).write_text("{")
    with pytest.raises(TaskError, match=r"Expected a stored baseline in .*line\.json"):
        read(LINE, tmp_path)


def test_every_rule_has_sixty_settings_or_no_betas_to_tune() -> None:
    assert len(ADAMW.settings()) * len(ADAMW.rates) >= 60
    assert len(FULL.tuning) == 5
    assert not set(FULL.tuning) & set(FULL.fresh)
    assert not set(SMALL.tuning) & set(SMALL.fresh)


def test_the_gate_lists_every_task() -> None:
    rows = gate_rows()
    assert [row["name"] for row in rows] == list(TASKS)
    for row in rows:
        assert (row["passes"] is None) == (row["name"] not in STORED)


def test_tasks_that_are_searched_on_pass_the_gate() -> None:
    searched = {name for suite in ("tiny", "quick") for name in SUITES[suite]}
    for row in gate_rows():
        assert row["passes"] or row["name"] not in searched, row


@pytest.mark.parametrize("name", ["digits_small", "scaled_small"])
def test_a_stored_loss_is_found_again(name: str) -> None:
    one = task(name)
    stored = read(one)
    assert stored is not None
    point = next(p for p in stored["adamw"]["points"] if p["fraction"] == 1)
    losses = train(one, ADAMW.make, [point["setting"]], (100, 101, 102, 103, 104), one.horizon)
    # Another processor rounds otherwise, and a hundred steps make that visible.
    np.testing.assert_allclose(losses.train[0], point["train"][:5], rtol=0.05)


def test_muon_is_the_program_of_the_zoo() -> None:
    one = task("digits_small")
    setting = {"lr": 0.05, "beta": 0.95, "adam_scale": 0.1}
    found = train(one, OTHERS["muon"].make, [setting], (0,), 5).train[0, 0]
    expected = train_lowered(load("muon"), one, [0.05], [0], 5)[0][0, 0]
    assert found == pytest.approx(expected, rel=1e-4)
