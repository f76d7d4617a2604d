"""The published listing of the Lion paper becomes Lion, and nothing that is not Lion does."""

from __future__ import annotations

from pathlib import Path

import pytest
from listings import FOUND

from dsl import parse, simplify, structure_key
from dsl.absorbed import absorbed
from dsl.agreement import agreement
from dsl.knockouts import knockouts
from dsl.program import Program
from dsl.recognition import plain, recognized, structures
from dsl.rounding import roundings
from search.derivation import simplified, simplified_by_training

WITHOUT = ("clip(g, -lr, lr) -> g", "arcsin(g) -> g")  # what training says can go
ROUNDED = ("0.4602 -> 0.46", "0.003009 -> 0.003")  # and which digits


def without(program: Program, said: str) -> Program:
    changed = dict(knockouts(program))
    assert said in changed, list(changed)
    return simplify(changed[said], nearly=True).program


def test_what_is_proven_of_the_listing_is_checked_by_running_it() -> None:
    given = parse(FOUND)
    proven = simplify(given)
    assert not any(step.caveat for step in proven.steps)
    found = agreement(given, proven.program)
    assert found is not None
    assert found.steps >= 20
    assert found.apart < 1e-9


def test_the_listing_without_what_training_can_spare_is_lion() -> None:
    program = simplify(parse(FOUND), nearly=True).program
    assert recognized(program) is None
    for said in WITHOUT:
        program = without(program, said)
    at_rate = absorbed(program)
    assert at_rate is not None
    program, rate = at_rate
    assert rate == pytest.approx(0.0002)
    found = recognized(program)
    assert found is not None
    assert (found.name, found.exact) == ("lion", True)
    assert dict(found.numbers) == pytest.approx(
        {"beta1": 0.899, "beta2": 0.996991, "weight_decay": 0.4602}, rel=1e-6
    )
    for said in ROUNDED:
        tried = roundings(program, float(said.partition(" -> ")[0]))
        program = next(one.program for one in tried if one.said == said)
    assert str(recognized(program)) == "lion with beta1 = 0.899, beta2 = 0.997, weight_decay = 0.46"


def test_a_known_rule_at_another_learning_rate_is_told() -> None:
    program = parse(
        "def f(w, g, lr):\n    m: Tensor = 0\n    u = sign(lerp(m, g, 0.1))\n"
        "    m = lerp(m, g, 0.01)\n    return 0.25 * lr * (u + 0.01 * w)\n"
    )
    assert str(recognized(program)) == "lion with 0.25 times the learning rate"


def test_the_command_keeps_proofs_and_caveats_apart(tmp_path: Path) -> None:
    path = tmp_path / "listing.py"
    path.write_text(FOUND, encoding="utf-8")
    row = simplified(str(path), 5.0, tmp_path)
    assert any("linear states as averages" in step for step in row["proven_steps"])
    assert not any("far above" in step for step in row["proven_steps"])
    assert any("far above" in step for step in row["steps_with_a_caveat"])
    assert "random steps" in row["checked"]
    assert "measured_steps" not in row
    assert row["finished"] is True


def test_where_the_time_is_over_what_was_reached_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "listing.py"
    path.write_text(FOUND, encoding="utf-8")
    row = simplified(str(path), 0.0, tmp_path)
    assert row["finished"] is False
    assert "time was over" in row["stopped"]
    parse(row["program"])


@pytest.mark.slow
def test_the_command_derives_lion_from_the_listing(tmp_path: Path) -> None:
    path = tmp_path / "listing.py"
    path.write_text(FOUND, encoding="utf-8")
    row = simplified_by_training(str(path), "quick", 60.0, tmp_path)
    assert row["finished"] is True
    found = recognized(parse(row["program"]))
    assert found is not None
    assert found.name == "lion"
    assert found.numbers["beta1"] == pytest.approx(0.9, abs=0.01)
    assert found.numbers["beta2"] == pytest.approx(0.997, abs=0.001)
    assert found.numbers["weight_decay"] == pytest.approx(0.46, abs=0.05)


# Rules that differ from Lion in one thing each.
LOOK_ALIKES = {
    "the sign of the momentum": "m = lerp(m, g, 0.01); return lr * (sign(m) + 0.1 * w)",
    "the average refreshed first":
        "m = lerp(m, g, 0.01); x = lerp(m, g, 0.1); return lr * (sign(x) + 0.1 * w)",
    "the square": "x = lerp(m, g * g, 0.1); m = lerp(m, g * g, 0.01);"
        " return lr * (sign(x) + 0.1 * w)",
    "clipped in the place of its sign":
        "x = lerp(m, g, 0.1); m = lerp(m, g, 0.01); return lr * (clip(x, -1.0, 1.0) + 0.1 * w)",
    "the sign of the decay as well":
        "x = lerp(m, g, 0.1); m = lerp(m, g, 0.01); return lr * sign(x + 0.1 * w)",
    "signs averaged": "x = lerp(m, sign(g), 0.1); m = lerp(m, sign(g), 0.01);"
        " return lr * (sign(x) + 0.1 * w)",
    "with bias correction": "x = lerp(m / (1 - 0.99**t), g, 0.1); m = lerp(m, g, 0.01);"
        " return lr * (sign(x) + 0.1 * w)",
    "a decay towards the start of the average":
        "x = lerp(m, g, 0.1); m = lerp(m, g, 0.01); return lr * (sign(x) + 0.1 * m)",
    "a clipped gradient": "g = clip(g, -0.5, 0.5); x = lerp(m, g, 0.1); m = lerp(m, g, 0.01);"
        " return lr * (sign(x) + 0.1 * w)",
    "a sign with a floor": "x = lerp(m, g, 0.1); m = lerp(m, g, 0.01);"
        " return lr * (x / (abs(x) + 0.01) + 0.1 * w)",
}  # fmt: skip


@pytest.mark.parametrize("body", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes_do_not_become_lion(body: str) -> None:
    lines = "\n    ".join(["m: Tensor = 0", *(line.strip() for line in body.split(";"))])
    program = parse(f"def rule(w, g, t, lr):\n    {lines}\n")
    found = recognized(program)
    assert found is None or found.name != "lion"
    assert structure_key(plain(program)) not in structures("lion")
