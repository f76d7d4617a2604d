"""An exported file says what it is, and run as a script compares itself with its program."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import pytest
from exporting import executed, load
from sampling import sampled
from walks import SILENT

from dsl import lower, parse
from dsl.canonical import canonical_key
from dsl.export import class_name, export
from dsl.export.conformance import conformance, rows
from dsl.export.errors import ExportError
from dsl.needs import oracles
from dsl.zoo import programs

CODE = ("optax", "torch", "numpy")
UNWRITTEN = {"third", "half_grad", "aux_loss", "aux_grad", "aux_hvp"}  # no target has them yet
ASKING = [
    name
    for name, program in programs()
    if (oracles(program) or "loss" in program.inputs)
    and not UNWRITTEN & set(oracles(program))
]
# At full rank rounding alone decides what cosmos does beside its subspace; flooding has no rate.
UNCOMPARED = {"cosmos", "flooding"}
DIVERGES = "def diverges(w, g, lr):\n    return log(-1 - w * w)\n"


def verdict(text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Runs a file as a script within this process."""
    try:
        with pytest.raises(SystemExit) as left:
            exec(compile(text, "rule.py", "exec"), {"__name__": "__main__"})
    finally:
        jax.config.update("jax_enable_x64", False)  # an optax file turns it on
    return int(left.value.code or 0), capsys.readouterr().out


@pytest.mark.parametrize("target", CODE)
def test_a_file_run_as_a_script_says_that_it_agrees(target: str, tmp_path: Path) -> None:
    path = tmp_path / "adamw.py"
    path.write_text(export(load("adamw"), target), encoding="utf-8")
    run = [sys.executable, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.startswith("adamw agrees with its program: largest difference ")
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", sampled(SILENT, 0.01, always=("muon", "soap", "prodigy")))
def test_zoo_programs_agree(
    name: str, target: str, x64: None, capsys: pytest.CaptureFixture[str]
) -> None:
    text = export(load(name), target)
    assert ("nothing to compare" in text) == (name in UNCOMPARED)
    assert name in UNCOMPARED or verdict(text, capsys)[0] == 0


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", sorted(UNWRITTEN))
def test_an_oracle_without_a_form_is_named(name: str, target: str) -> None:
    asks = next(p for _, p in programs() if name in oracles(p))
    with pytest.raises(ExportError, match="|".join(UNWRITTEN)):
        export(asks, target)


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", sampled(ASKING, 0.05, always=("fista", "polyak_sgd", "spsa")))
def test_programs_that_ask_for_more_than_the_gradient_agree(
    name: str, target: str, x64: None, capsys: pytest.CaptureFixture[str]
) -> None:
    text = export(load(name), target)
    assert ("nothing to compare" in text) == (name in UNCOMPARED)
    assert name in UNCOMPARED or verdict(text, capsys)[0] == 0


@pytest.mark.parametrize("target", CODE)
def test_a_changed_file_disagrees(
    target: str, x64: None, capsys: pytest.CaptureFixture[str]
) -> None:
    text = export(load("adamw"), target)
    head, end, check = text.partition("\nif __name__")
    code, said = verdict(head.replace("1 - beta2**t", "1 - beta2") + end + check, capsys)
    assert code == 1
    assert said.startswith("adamw differs from its program")


def test_the_numbers_are_those_of_the_lowered_program(x64: None) -> None:
    program = load("adamw")
    start, *steps = rows(((2, 3), (3,)))
    w: Any = start
    rule = lower(program, 0.01)
    state: Any = rule.init(w)
    for g in steps:
        updates, state = rule.update(g, state, w)
        w = optax.apply_updates(w, updates)
    want = np.concatenate([np.ravel(p) for p in w])
    np.testing.assert_allclose(conformance(program, -1).expected, want, rtol=1e-14)


@pytest.mark.parametrize("target", CODE)
def test_the_head_tells_where_a_rule_comes_from(target: str) -> None:
    program = load("adamw")
    head = ast.get_docstring(ast.parse(export(program, target))) or ""
    assert "from the zoo's adamw:" in head
    assert "m = lerp(m, g, 1 - beta1)" in head
    other = load("adamw(beta1=0.95)")
    head = ast.get_docstring(ast.parse(export(other, target))) or ""
    assert f"the canonical key {canonical_key(other)}" in head
    head = ast.get_docstring(ast.parse(export(program, target, origin='run "x" \\ """'))) or ""
    assert 'from run "x" \\ """:' in head


def test_a_rule_that_cannot_be_compared_says_why() -> None:
    assert "nothing to compare: on fixed gradients it leaves" in export(parse(DIVERGES), "numpy")
    assert "gradients rounding decides" in export(load("cosmos"), "numpy")


@pytest.mark.parametrize("name", ["none", "_", "torch", "optax", "rule"])
@pytest.mark.parametrize("target", ["optax", "torch"])
def test_any_name_makes_a_file_that_runs(
    name: str, target: str, x64: None, capsys: pytest.CaptureFixture[str]
) -> None:
    program = replace(load("lion"), name=name)
    assert verdict(export(program, target), capsys)[0] == 0
    assert class_name(program).isidentifier()


@pytest.mark.parametrize("name", ["adamw", "lion", "lookahead(adam)", "muon"])
def test_optax_hyperparameters_can_be_injected(name: str) -> None:
    program = load(name)
    function = executed(export(program, "optax", checked=False))[program.name]
    w = [np.ones((3, 2), np.float32), np.ones(3, np.float32)]
    plain, injected = function(0.01), optax.inject_hyperparams(function)(learning_rate=0.01)
    want: Any = plain.init(w)
    got: Any = injected.init(w)
    assert got.hyperparams["beta1"] == np.float32(0.9)
    for number in range(4):
        rate = 0.01 / (1 + number)
        got.hyperparams["learning_rate"] = np.float32(rate)
        a, want = function(rate).update(w, want, w)
        b, got = injected.update(w, got, w)
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
            np.testing.assert_allclose(x, y, rtol=2e-5)
