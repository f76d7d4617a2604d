"""The configuration: defaults come from the preset, and a fault is one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from search.config import Config, Rung
from search.errors import ConfigError


def test_the_quick_preset_is_the_default() -> None:
    config = Config()
    assert (config.preset, config.minutes, config.programs) == ("quick", 5.0, None)
    assert [(len(r.tasks), len(r.rates), len(r.seeds_of(0))) for r in config.rungs] == [
        (2, 2, 1),
        (4, 3, 2),
    ]
    assert config.start == ("sgd",)


def test_rungs_share_no_seed_with_what_judges_them() -> None:
    for preset in ("quick", "standard", "deep"):
        config = Config(preset=preset)
        assert config.unseen is not None
        assert config.exam is not None
        used = [set(rung.seeds) for rung in (*config.rungs, config.unseen, config.exam)]
        assert sum(map(len, used)) == len(set().union(*used)), preset


def test_a_rung_with_more_seeds_than_a_batch_takes_goes_through_them_in_turn() -> None:
    fields: dict[str, Any] = {"name": "first", "tasks": ("a",), "rates": (0.0,), "unit": 1}
    rung = Rung(**fields, seeds=(3, 4, 5), seeds_a_batch=2)
    assert [rung.seeds_of(batch) for batch in range(4)] == [(3, 4), (5, 3), (4, 5), (3, 4)]
    assert [Rung(**fields, seeds=(3, 4)).seeds_of(batch) for batch in (0, 1)] == [(3, 4)] * 2


def test_a_budget_takes_the_place_of_the_preset_s() -> None:
    assert (Config(programs=10).programs, Config(programs=10).minutes) == (10, None)
    assert Config(minutes=1.5).minutes == 1.5


def test_own_tasks_take_the_place_of_the_preset_s() -> None:
    config = Config(tasks=("mine.py:make", "digits_mlp", "digits_conv"))
    assert config.rungs[0].tasks == ("mine.py:make", "digits_mlp")
    assert config.rungs[1].tasks == ("mine.py:make", "digits_mlp", "digits_conv")


def test_it_survives_being_written_and_read() -> None:
    fields: dict[str, Any] = {"from": ("adamw",), "seed": 7, "programs": 100}
    config = Config(**fields)
    assert Config(**json.loads(config.model_dump_json())) == config


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"minuts": 3}, "Config has no field 'minuts': did you mean 'minutes'?"),
        ({"frm": ("sgd",)}, "Config has no field 'frm': did you mean 'from'?"),
        ({"xyzzy": 3}, "Config has no field 'xyzzy'."),
        (
            {"preset": "quik"},
            "Config.preset: expected 'quick', 'standard' or 'deep', got 'quik': "
            "did you mean 'quick'?",
        ),
        (
            {"mode": "evolve"},
            "Config.mode: expected 'evolution', 'random' or 'constants', got 'evolve': "
            "did you mean 'evolution'?",
        ),
        ({"minutes": -1}, "Config.minutes: expected greater than 0, got -1."),
        ({"workers": -2}, "Config.workers: expected greater than or equal to 0, got -2."),
        ({"seed": "x"}, "Config.seed: expected a valid integer, unable to parse string as an "
                        "integer, got 'x'."),
        ({"run": "../x"}, "Config.run: expected a name of letters, digits, '.', '_' and '-', "
                          "got '../x'."),
        (
            {"minutes": 1, "programs": 1},
            "Config: expected either minutes or programs, got both.",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence(fields: dict, sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        Config(**fields)
    assert str(error.value) == sentence
