"""Exported source agrees with the lowered program and cannot be broken out of."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from walks import SILENT

import dsl
from dsl.canonical import canonical
from dsl.export import TARGETS, ExportError, export
from dsl.export.to_mathml import to_mathml
from dsl.live import without_dead
from dsl.lower import lower
from dsl.parse import parse
from dsl.program import Program
from dsl.zoo import EXPRESSIONS, FAMILIES
from search.mutate import propose
from search.vocabulary import QUICK

GOLDEN = Path(__file__).parent / "golden" / "export"
OVERWRITE = False  # writes the golden files anew; a test fails while it is on
CODE = ("optax", "numpy", "torch")
SHAPES = ((6, 4), (4,), (3, 5), (2, 3, 4), ())
STEPS = 20
RATE = 0.01

# What no zoo program has: reductions over the model, lazy conditions, numbers as state, late
# starts, values of one loop that the next one reads, names that a target uses itself.
EXTRA = {
    "clipped": """
def clipped(w, g, lr, *, limit=0.5, beta=0.9):
    m: Tensor = 0
    size = global_norm(g)
    clipped_g = where(size > limit, limit / size, 1) * g
    m = lerp(m, clipped_g, 1 - beta)
    return lr * m
""",
    "two_passes": """
def two_passes(w, g, t, lr, *, beta=0.9, eps=1e-8):
    m: Tensor = 0
    best: Scalar = 0
    m = lerp(m, g, 1 - beta)
    u = m / (1 - beta**t)
    size = global_norm(u)
    u = u / (size + eps)
    best = max(best, global_dot(u, g))
    return lr * (u + best * sign(g) / (1 + global_mean(abs(u))))
""",
    "lazy": """
def lazy(w, g, t, lr, *, k=3, alpha=0.5):
    slow: Tensor = w
    total: Tensor = 0
    total = total + g
    w = w - lr * g
    if t % k == 0:
        slow = lerp(slow, w, alpha)
        w = slow - lr * total
        total = 0 * total
""",
    "by_step": """
def by_step(w, g, t, lr, *, warm=5.0):
    scale: Scalar = 1
    if t < warm:
        rate = lr * t / warm
        scale = scale * 0.5
    else:
        rate = lr
    return rate * (g + scale * w)
""",
    "late": """
def late(w, g, lr, *, beta=0.9):
    m: Tensor = g
    m = lerp(m, g, 1 - beta)
    return lr * m
""",
    "old_and_new": """
def old_and_new(w, g, lr, *, beta=0.9):
    m: Tensor = 0
    n: Layer = 0
    old = m
    m = beta * m + g
    n = lerp(n, rms(g), 0.5)
    return lr * (m + beta * (m - old)) / (n + 1e-3)
""",
    "hostile": """
def hostile(w, g, lr, *, np=0.9, torch=0.5, jax=2.0, state=0.25, sum=0.1, group=1.5):
    params: Tensor = 0
    params = np * params + torch * g
    grads = jax * params
    tree = state * grads + sum * w
    return lr * group * tree
""",
    "truth": """
def truth(w, g, lr):
    same: Tensor = 0
    agree = same * g > 0
    same = g + agree
    return lr * g * (0.5 + (abs(g) > 0.5)) * where(agree and w > 0, 1, 0.5)
""",
    "rebound": """
def rebound(w, g, lr, *, scale=0.1, nesterov=True, beta=0.9):
    m: Tensor = 0
    if ndim(w) < 2:
        lr = scale * lr
    m = beta * m + g
    rate = lr
    u = m
    if nesterov:
        rate = 2 * lr
        u = g + beta * m
    return rate * u
""",
    "layers": """
def layers(w, g, lr, *, eps=1e-8):
    u: Tensor = 0
    u = mean(g) * sign(u + 1)
    return lr * (u + g / (norm(g) + eps) + max(abs(g)) - cosine(w, g) + mean(g, keep=()))
""",
}


REFUSED = {*FAMILIES["preconditioned"], *FAMILIES["quasi_newton"]}  # some target cannot
WRITTEN = [name for name in SILENT if name not in REFUSED]


def load(name: str) -> Program:
    return parse(EXTRA[name].strip()) if name in EXTRA else dsl.load(name)


def model(dtype: Any) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """Returns parameters and the gradients of every step."""
    rng = np.random.default_rng(3)
    params = [np.asarray(rng.normal(size=shape), dtype) for shape in SHAPES]
    return params, [[np.asarray(rng.normal(size=s), dtype) for s in SHAPES] for _ in range(STEPS)]


def executed(text: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported", "exec"), space)
    return space


def given(program: Program) -> dict[str, float]:
    """Returns what the program reads of the learning rate and the horizon."""
    every = {"lr": RATE, "T": float(STEPS)}
    return {name: value for name, value in every.items() if name in program.inputs}


def run_lowered(program: Program, params: list, grads: list, out: int = -1) -> list[np.ndarray]:
    return run_optax(lower(program, RATE, T=STEPS, out=out), params, grads)


def run_exported_optax(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    arguments = given(program)
    rate = [arguments.pop("lr")] if "lr" in arguments else []
    return run_optax(space[program.name](*rate, **arguments), params, grads)


def run_optax(rule: Any, params: list, grads: list) -> list[np.ndarray]:
    w = [jnp.asarray(p) for p in params]
    state = rule.init(w)

    traces = []

    @jax.jit
    def step(g: list, state: Any, w: list) -> tuple:
        traces.append(1)
        updates, state = rule.update(g, state, w)
        return optax.apply_updates(w, updates), state

    for g in grads:
        w, state = step([jnp.asarray(x) for x in g], state, w)
    assert len(traces) == 1, "the second step must not compile again"
    return [np.asarray(p) for p in w]


def run_numpy(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    state = space["init"](params)
    for g in grads:
        params, state = space["update"](state, params, g, **given(program))
    return params


def run_torch(space: dict[str, Any], program: Program, params: list, grads: list) -> list:
    w = [torch.tensor(p, requires_grad=True) for p in params]
    name = "".join(part.capitalize() for part in program.name.split("_"))
    rule = space[name](w, **given(program))
    for step in grads:
        for p, g in zip(w, step, strict=True):
            p.grad = torch.tensor(g)
        rule.step()
    return [p.detach().numpy() for p in w]


def agreement(name: str, target: str, dtype: Any) -> float:
    """Returns the largest difference from the lowered program after STEPS steps, beside 1 or w."""
    program = load(name)
    params, grads = model(dtype)
    space = executed(export(program, target))
    run = {"numpy": run_numpy, "torch": run_torch, "optax": run_exported_optax}[target]
    got = run(space, program, params, grads)
    want = run_lowered(program, params, grads, out=0 if target == "torch" else -1)
    assert [p.dtype for p in got] == [p.dtype for p in params]
    assert [p.shape for p in got] == [p.shape for p in params]
    assert all(np.isfinite(p).all() for p in want)
    apart = (np.abs(a - b) / np.abs(b).max(initial=1) for a, b in zip(got, want, strict=True))
    return max(float(np.max(one, initial=0)) for one in apart)


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", [*WRITTEN, *EXTRA])
def test_agrees_with_lowered_in_float64(name: str, target: str, x64: None) -> None:
    assert agreement(name, target, np.float64) < 1e-9


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
        got = run(executed(export(program, target)), program, params, grads[:6])
        for a, b in zip(got, want, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", ["adamw", "adafactor", "muon", "nadam", "two_passes"])
def test_agrees_with_lowered_in_float32(name: str, target: str) -> None:
    assert agreement(name, target, np.float32) < 1e-6


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("name", [*WRITTEN, *EXTRA])
def test_imports_nothing_of_ours(name: str, target: str) -> None:
    tree = ast.parse(export(load(name), target))
    modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    modules |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    assert modules <= {"math", "typing", "jax", "jax.numpy", "numpy", "optax", "torch"}


@pytest.mark.parametrize("name", ["adamw", "lion"])
@pytest.mark.parametrize("target", [*CODE, "latex"])
def test_golden(name: str, target: str) -> None:
    path = GOLDEN / f"{name}.{target}.{'tex' if target == 'latex' else 'py'}"
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
    tree = ast.parse(export(program, target))
    assert not any(isinstance(node, ast.Raise) and _raises_exit(node) for node in ast.walk(tree))
    executed(export(program, target))


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


def test_an_oracle_has_no_form_in_other_libraries_yet() -> None:
    with pytest.raises(ExportError) as caught:
        export(load("sam(sgd)"), "torch")
    assert str(caught.value) == "the target torch has no grad_at: lower the program instead."


def test_a_matrix_for_each_axis_has_no_form_in_other_libraries_yet() -> None:
    with pytest.raises(ExportError) as caught:
        export(load("shampoo"), "numpy")
    said = "the target numpy has no Matrix for the state L_0: lower the program instead."
    assert str(caught.value) == said


def test_unknown_target() -> None:
    with pytest.raises(ExportError) as caught:
        export(load("sgd"), "torhc")
    known = "optax, torch, numpy, latex, stepsmith"
    want = f"expected one of {known}, not 'torhc'; the nearest is 'torch'."
    assert str(caught.value) == want


def test_stepsmith_text_is_the_program() -> None:
    program = load("adamw")
    assert parse(export(program, "stepsmith")) == program


def test_every_target_writes_every_zoo_program() -> None:
    written = {(n, t): export(load(n), t) for n in WRITTEN for t in TARGETS if t != "stepsmith"}
    assert all(written.values())


def test_schedules_and_missing_parameters() -> None:
    space = SimpleNamespace(**executed(export(load("lion"), "optax")))
    rule = space.lion(lambda count: 0.5**count)
    w = jnp.ones(2)
    state = rule.init(w)
    first, state = rule.update(w, state, w)
    second, _ = rule.update(w, state, w)
    np.testing.assert_allclose(second, 0.5 * first, rtol=1e-6)
    with pytest.raises(ValueError, match="params"):
        rule.update(w, state)


def test_torch_state_survives_a_checkpoint() -> None:
    space = executed(export(load("nadam"), "torch"))
    params, grads = model(np.float64)
    whole = run_torch(space, load("nadam"), params, grads)
    w = [torch.tensor(p, requires_grad=True) for p in params]
    rule = space["Nadam"](w, RATE)
    for i, step in enumerate(grads):
        for p, g in zip(w, step, strict=True):
            p.grad = torch.tensor(g)
        if i == STEPS // 2:
            saved = rule.state_dict()
            rule = space["Nadam"](w, RATE)
            rule.load_state_dict(saved)
        rule.step()
    for p, want in zip(w, whole, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), want)
