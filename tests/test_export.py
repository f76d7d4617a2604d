"""Exported source agrees with the lowered program and cannot be broken out of."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from exporting import (
    EXTRA,
    agreement,
    executed,
    load,
    model,
    point_agreement,
    run_exported_optax,
    run_lowered,
    run_numpy,
    run_optax,
)
from sampling import sampled
from walks import NOISY, SILENT

from dsl.canonical import canonical
from dsl.export import TARGETS, ExportError, export
from dsl.export.to_mathml import to_mathml
from dsl.live import without_dead
from dsl.lower import lower
from dsl.parse import parse
from dsl.zoo import EXPRESSIONS
from search.mutate import propose
from search.vocabulary import QUICK

GOLDEN = Path(__file__).parent / "golden" / "export"
OVERWRITE = False  # writes the golden files anew; a test fails while it is on
CODE = ("optax", "numpy", "torch")
WRITTEN = SILENT
DRAWN = ("noisy_sgd", "sgld", "sa_sgld", "psgd_kron")


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", sampled([*WRITTEN, *EXTRA], 0.2, always=EXTRA))
def test_agrees_with_lowered_in_float64(name: str, target: str, x64: None) -> None:
    assert agreement(name, target, np.float64) < 1e-9


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", [name for name in WRITTEN if load(name).has_point])
def test_the_point_of_evaluation_agrees(name: str, target: str, x64: None) -> None:
    assert point_agreement(name, target) < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_mutated_programs_agree(seed: int, x64: None) -> None:
    """What a search makes can be exported, whatever it has come to."""
    rng = random.Random(seed)
    program = canonical(load(rng.choice(["sgd", "adamw", "lion", "lamb"])))
    for _ in range(rng.randint(5, 25)):
        program, _ = propose(program, rng, QUICK)
    program = without_dead(program)
    params, grads = model(np.float64)
    want = run_lowered(program, params, grads[:6])
    if not all(np.isfinite(p).all() for p in want):
        pytest.skip("It leaves the finite numbers, where libraries differ in their NaNs.")
    for target, run in (("numpy", run_numpy), ("optax", run_exported_optax)):
        got = run(executed(export(program, target, checked=False)), program, params, grads[:6])
        for a, b in zip(got, want, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", ["adamw", "adafactor", "muon", "nadam", "two_passes"])
def test_agrees_with_lowered_in_float32(name: str, target: str) -> None:
    assert agreement(name, target, np.float32) < 1e-6


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", [*WRITTEN, *EXTRA])
def test_imports_nothing_of_ours(name: str, target: str) -> None:
    tree = ast.parse(export(load(name), target, checked=False))
    modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    modules |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    assert modules <= {"math", "typing", "jax", "jax.numpy", "numpy", "optax", "torch"}


@pytest.mark.parametrize("name", ["adamw", "lion"])
@pytest.mark.parametrize("target", [*CODE, "latex", "markdown"])
def test_golden(name: str, target: str) -> None:
    ending = {"latex": "tex", "markdown": "md"}.get(target, "py")
    path = GOLDEN / f"{name}.{target}.{ending}"
    text = export(load(name), target)
    if OVERWRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_goldens_are_compared() -> None:
    assert not OVERWRITE


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize(
    "doc",
    [
        '"""\nraise SystemExit("out")\n"""',
        'ends with a quote "',
        "ends with a backslash \\",
        '\\"""\nraise SystemExit("out")\n\\"""',
        "zero \0 and bell \a and return \r\nraise SystemExit(1)",
        "line\u2028separator",
    ],
)
def test_docstring_cannot_break_out(doc: str, target: str) -> None:
    program = replace(load("adamw"), doc=doc)
    tree = ast.parse(export(program, target, checked=False))
    assert not any(isinstance(node, ast.Raise) and _raises_exit(node) for node in ast.walk(tree))
    executed(export(program, target, checked=False))


def _raises_exit(node: ast.Raise) -> bool:
    return "SystemExit" in ast.dump(node)


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", ["x)\nimport os\n(", "a b", "", "1st", "a.b"])
def test_a_name_that_is_no_identifier_is_refused(name: str, target: str) -> None:
    with pytest.raises(ExportError, match="Python identifiers"):
        export(replace(load("sgd"), name=name), target)


def test_latex_and_mathml_escape_names() -> None:
    program = replace(load("sgd"), name="x")
    assert "<script>" not in to_mathml(program)
    text = export(load("adafactor"), "latex")
    assert r"\mathrm{clip\_rms}" in text


@pytest.mark.parametrize("name", [*EXPRESSIONS, *EXTRA])
def test_latex_brackets_close(name: str) -> None:
    text = export(load(name), "latex")
    assert text.count(r"\left") == text.count(r"\right")
    plain = text.replace(r"\{", "").replace(r"\}", "")
    assert plain.count("{") == plain.count("}")


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", sampled(NOISY, 0.1, always=DRAWN))
def test_noise_is_that_of_the_lowered_program(name: str, target: str, x64: None) -> None:
    assert agreement(name, target, np.float64) < 1e-9


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", ["noisy_sgd", "coordinate_descent"])
def test_noise_agrees_in_float32(name: str, target: str) -> None:
    assert agreement(name, target, np.float32) < 1e-6


@pytest.mark.parametrize("draw", ["normal(w)", "uniform(g)", "rademacher(w)"])
def test_the_seed_of_noise_is_an_argument(draw: str, x64: None) -> None:
    """As in `lower`, beyond 32 bits and in the draws of an `if` on the step as well."""
    text = f"""
def drawn(w, g, t, lr):
    u = g
    if t % 2 == 0:
        u = g + {draw}
    return lr * u * (1 + uniform(global_norm(g)))
"""
    program, seed = parse(text.strip()), 2**40 + 7
    params, grads = model(np.float64)
    want = run_optax(lower(program, 0.01, seed=seed), params, grads)
    for target in CODE:
        space = executed(export(program, target, checked=False))
        for a, b in zip(run_seeded(space, target, params, grads, seed), want, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def run_seeded(space: dict, target: str, params: list, grads: list, seed: int) -> list:
    """Runs an export; the parameters of one of torch are in two groups."""
    if target == "optax":
        return run_optax(space["drawn"](0.01, seed=seed), params, grads)
    if target == "numpy":
        state = space["init"](params)
        for g in grads:
            params, state = space["update"](state, params, g, 0.01, seed=seed)
        return params
    w = [torch.tensor(p, requires_grad=True) for p in params]
    rule = space["Drawn"](w, 0.01, seed=seed)
    for step in grads:
        for p, g in zip(w, step, strict=True):
            p.grad = torch.tensor(g)
        rule.step()
    return [p.detach().numpy() for p in w]


def test_parameters_of_two_groups_draw_for_themselves() -> None:
    space = executed(export(load("sgld"), "torch", checked=False))
    w = [torch.zeros(3, requires_grad=True) for _ in range(3)]
    rule = space["Sgld"]([{"params": w[:1]}, {"params": w[1:]}], 0.01)
    w[0].grad, w[2].grad = torch.zeros(3), torch.zeros(3)  # the other one keeps its place
    rule.step()
    alone = torch.zeros(3, requires_grad=True)
    alone.grad = torch.zeros(3)
    space["Sgld"]([alone], 0.01).step()
    assert torch.equal(alone, w[0])
    assert not torch.equal(w[0], w[2])
    got = run_optax(lower(load("sgld"), 0.01), [np.zeros(3, np.float32)] * 3,
                    [[np.zeros(3, np.float32)] * 3])
    np.testing.assert_allclose(w[2].detach(), got[2], rtol=1e-6)


@pytest.mark.parametrize("target", CODE)
def test_what_a_library_cannot_draw_is_said(target: str) -> None:
    program = parse("def lots(w, g, t, lr):\n    return lr * g * uniform(t)")
    with pytest.raises(ExportError, match="has uniform in the shape of an array only"):
        export(program, target)


TWO_WAYS = """
def two_ways(w, g, t, lr):
    Q: Matrix[axes] = eye
    u = g
    if t % 2 == 0:
        for axis in axes(w):
            Q[axis] = 0.5 * Q[axis]
    else:
        for axis in axes(w):
            Q[axis] = Q[axis] + 1
    for axis in axes(w):
        u = mode(Q[axis], u, axis)
    return lr * u
"""


def test_a_matrix_that_only_some_parameters_have_is_named(x64: None) -> None:
    """A tracer cannot choose between two matrices of an axis that is not there."""
    program = parse(TWO_WAYS.strip())
    with pytest.raises(ExportError, match="export has no form for Q_0"):
        export(program, "optax")
    assert agreement(program, "torch", np.float64) < 1e-9


def test_unknown_target() -> None:
    with pytest.raises(ExportError) as caught:
        export(load("sgd"), "torhc")
    known = "optax, torch, numpy, latex, markdown, stepsmith"
    want = f"expected one of {known}, not 'torhc'; the nearest is 'torch'."
    assert str(caught.value) == want


def test_stepsmith_text_is_the_program() -> None:
    program = load("adamw")
    assert parse(export(program, "stepsmith")) == program


def test_every_target_writes_every_zoo_program() -> None:
    for name in WRITTEN:
        for target in TARGETS:
            assert export(load(name), target, checked=False)


def test_schedules_and_missing_parameters() -> None:
    space = SimpleNamespace(**executed(export(load("lion"), "optax", checked=False)))
    rule = space.lion(lambda count: 0.5**count)
    w = jnp.ones(2)
    state = rule.init(w)
    first, state = rule.update(w, state, w)
    second, _ = rule.update(w, state, w)
    np.testing.assert_allclose(second, 0.5 * first, rtol=1e-6)
    with pytest.raises(ValueError, match="params"):
        rule.update(w, state)
