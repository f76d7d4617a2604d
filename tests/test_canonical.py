"""Canonical keys: one for all texts that compute the same bit for bit, and no others."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from strategies import random_program
from walks import oracles, start, walk

from dsl.arrange import arranged
from dsl.canonical import canonical, canonical_key, keys, structure_key
from dsl.check import check
from dsl.fixed_loss import LAYOUT, START, STEPS, gradient
from dsl.parse import parse
from dsl.program import Call, Hyperparameter, Program
from dsl.simplify import simplify
from dsl.simulate import simulate
from dsl.text import text
from dsl.tidy import tidied
from dsl.zoo import EXPRESSIONS

HEAD = "def rule(w, g, t, lr, *, a=0.9, b=0.99, c=0.5):\n    m: Tensor = 0\n    v: Tensor = 0\n"


def body(*lines: str) -> Program:
    return parse(HEAD + "".join(f"    {line}\n" for line in lines))


EMA = ("m = lerp(m, g, a)", "v = lerp(v, g * g, b)")
EQUAL = {
    "operands": (
        body(*EMA, "return lr * (m + v)"),
        body(*EMA, "return (v + m) * lr"),
    ),
    "names": (
        body(*EMA, "return lr * (m / sqrt(v))"),
        parse(
            "def other(w, g, lr, *, one=0.99, two=0.9):\n"
            "    second: Tensor = 0\n    first: Tensor = 0\n"
            "    first = lerp(first, g, two)\n    second = lerp(second, g * g, one)\n"
            "    return lr * (first / sqrt(second))\n"
        ),
    ),
    "order of statements": (
        body(*EMA, "x = abs(m)", "y = exp(v)", "return lr * (x / y)"),
        body(*reversed(EMA), "y = exp(v)", "x = abs(m)", "return lr * (x / y)"),
    ),
    "squares": (
        body("v = lerp(v, g * g, b)", "return lr * v"),
        body("v = lerp(v, g**2, b)", "return lr * v"),
        body("v = lerp(v, square(-g), b)", "return lr * v"),
    ),
    "differences": (
        body("return lr * (g - w)"),
        body("return lr * (g + -w)"),
        body("return lr * (-w + g)"),
        body("return lr * (g + -(-(-w)))"),
    ),
    "comparisons": (
        body("return lr * g * (g > w)"),
        body("return lr * g * (w < g)"),
    ),
    "a choice between equals": (
        body("return lr * where(m > 0, g, g)"),
        body("return lr * g"),
    ),
    "dead code across steps": (
        body("m = lerp(v, g, a)", "return lr * g"),
        body("return lr * g"),
    ),
    "a state twice": (
        body("m = lerp(m, g, a)", "v = lerp(v, g, a)", "return lr * (m + abs(v))"),
        body("m = lerp(m, g, a)", "return lr * (m + abs(m))"),
    ),
    "two states swapped together with their constants": (
        body("m = lerp(m, g, a)", "v = lerp(v, g, b)", "return lr * (m + c * v)"),
        body("v = lerp(v, g, a)", "m = lerp(m, g, b)", "return lr * (v + c * m)"),
        body("m = lerp(m, g, b)", "v = lerp(v, g, a)", "return lr * (v + c * m)"),
    ),
    "two like states added": (
        body("m = lerp(m, g, a)", "v = lerp(v, g, b)", "return lr * (m + v)"),
        body("v = lerp(v, g, a)", "m = lerp(m, g, b)", "return lr * (m + v)"),
    ),
    "a literal for a hyperparameter": (
        body("return lr * (c * g)"),
        body("return lr * (0.5 * g)"),
    ),
    "regions": (
        body("u = g", "if ndim(w) >= 2:", "    u = g * w", "return lr * u"),
        body("if ndim(w) >= 2:", "    x = w * g", "else:", "    x = g", "return lr * x"),
    ),
}
DIFFERENT = {
    "square and abs": (body("return lr * (g * g)"), body("return lr * abs(g)")),
    "one state for the other": (
        body(*EMA, "return lr * (m / sqrt(v))"),
        body(*EMA, "return lr * (v / sqrt(m))"),
    ),
    "one constant or two": (
        body("m = lerp(m, g, a)", "v = lerp(v, g * g, a)", "return lr * (m / sqrt(v))"),
        body(*EMA, "return lr * (m / sqrt(v))"),
    ),
    "two equal literals or one value twice": (
        body("return lr * (0.5 * g + 0.5 * w)"),
        body("return lr * (c * g + c * w)"),
    ),
    "states with constants of their own": (
        body("m = lerp(m, g, 0.5)", "v = lerp(v, g, 0.5)", "return lr * (m + abs(v))"),
        body("m = lerp(m, g, 0.5)", "return lr * (m + abs(m))"),
    ),
    "associativity": (body("return lr * (g + w + m)"), body("return lr * (g + (w + m))")),
    "order of division": (body("return lr * (g / w)"), body("return lr * (w / g)")),
    "the old and the new state": (
        body("m = lerp(m, g, a)", "return lr * m"),
        body("u = m", "m = lerp(m, g, a)", "return lr * u"),
    ),
    "structural constants": (body("return lr * g**3"), body("return lr * g**4")),
    "a structural and a free constant": (body("return lr * g**2"), body("return lr * g**2.0")),
    "options": (
        parse("def f(w, g, lr):\n    if ndim(w) < 2:\n        return lr * g\n"
              "    return lr * (g / norm(g, axis=-1))\n"),
        parse("def f(w, g, lr):\n    if ndim(w) < 2:\n        return lr * g\n"
              "    return lr * (g / norm(g, axis=-2))\n"),
    ),
    "the side of a region": (
        parse("def f(w, g, lr):\n    u = g\n    if ndim(w) < 2:\n        u = sign(g)\n"
              "    return lr * u\n"),
        parse("def f(w, g, lr):\n    u = sign(g)\n    if ndim(w) < 2:\n        u = g\n"
              "    return lr * u\n"),
    ),
    "a model-wide number inside a region or outside": (
        parse("def f(w, g, lr):\n    u = g\n    if ndim(w) < 2:\n        u = g / global_norm(g)\n"
              "    return lr * u\n"),
        parse("def f(w, g, lr):\n    u = g\n    n = global_norm(g)\n    if ndim(w) < 2:\n"
              "        u = g / n\n    return lr * u\n"),
    ),
    "a result for another": (
        parse("def f(w, g, lr):\n    return w - lr * g\n"),
        parse("def f(w, g, lr):\n    w = w - lr * g\n"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EQUAL)
def test_texts_that_compute_the_same_have_one_key_and_form(case: str) -> None:
    programs = EQUAL[case]
    assert len({canonical_key(program) for program in programs}) == 1
    forms = [_nameless(canonical(program)) for program in programs]
    assert all(form == forms[0] for form in forms)


def _nameless(program: Program) -> tuple[object, ...]:
    """Calls and results with hyperparameters by value and states by place."""
    names: dict[object, object] = {h.name: h.default for h in program.hyperparameters}
    names |= {state.name: k for k, state in enumerate(program.states)}

    def plain(ref: object) -> object:
        return names.get(ref, getattr(ref, "value", ref)) if not isinstance(ref, int) else ref

    body = [
        (s.out, s.op, tuple(map(plain, s.args)), s.options) if isinstance(s, Call) else s
        for s in program.body
    ]
    results = [(names.get(role, role), plain(ref)) for role, ref in program.results]
    return body, results


@pytest.mark.parametrize("case", DIFFERENT)
def test_texts_that_differ_have_keys_that_differ(case: str) -> None:
    programs = DIFFERENT[case]
    assert len({canonical_key(program) for program in programs}) == len(programs)
    assert len({structure_key(program) for program in programs}) == len(programs)


def test_constants_are_apart_from_structure() -> None:
    program = start("adamw")
    other = replace(
        program,
        hyperparameters=(Hyperparameter("beta1", 0.95), *program.hyperparameters[1:]),
    )
    assert structure_key(program) == structure_key(other)
    assert canonical_key(program) != canonical_key(other)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_canonical_form_of_the_zoo_runs_to_the_same_parameters(name: str) -> None:
    program = start(name)
    form = canonical(program)
    assert keys(form) == keys(program)
    assert canonical(form) == form
    assert parse(text(form)) == form
    for a, b in zip(_path(program), _path(form), strict=True):
        assert all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


def _path(program: Program) -> list[list[np.ndarray]]:
    gradients = [LAYOUT.split(gradient(t, START)) for t in range(1, STEPS + 1)]
    return simulate(program, LAYOUT.split(START), gradients, lr=0.01, oracles=oracles)


@pytest.mark.parametrize("seed", range(3))
def test_the_canonical_form_of_children_is_bit_equal(seed: int) -> None:
    for program in walk(40, seed):
        form = canonical(program)
        assert keys(form) == keys(program)
        assert canonical(form) == form
        assert parse(text(form)) == form
        for a, b in zip(_path(program), _path(form), strict=True):
            assert all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


def test_operands_and_states_in_another_order_change_no_key() -> None:
    rng = random.Random(0)
    for program in walk(150, 4):
        assert keys(_shuffled(program, rng)) == keys(program)


def _shuffled(program: Program, rng: random.Random) -> Program:
    """The same program with states and the operands of sums and products in random order."""
    body = []
    for call in program.body:
        assert isinstance(call, Call)
        swap = call.op in ("add", "mul", "maximum", "minimum") and rng.random() < 0.5
        body.append(replace(call, args=call.args[::-1]) if swap else call)
    order = list(range(len(program.states)))
    rng.shuffle(order)
    count = len(order)
    return arranged(
        replace(
            program,
            body=tuple(body),
            states=tuple(program.states[k] for k in order),
            results=tuple(program.results[k] for k in order) + program.results[count:],
        )
    )


def test_keys_do_not_depend_on_the_process() -> None:
    code = (
        "from dsl.canonical import keys; from dsl.parse import parse; from dsl.zoo import source;"
        "print(*keys(parse(source('nadam'))), *keys(parse(source('adafactor'))))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()}
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True, text=True, env=environment, check=True,
        )  # fmt: skip
        assert run.stdout.split() == [*keys(start("nadam")), *keys(start("adafactor"))]


def test_a_long_chain_of_calls_has_a_key() -> None:
    chain = "".join("    u = tanh(u)\n" for _ in range(3000))
    program = parse(f"def f(w, g, lr):\n    u = g\n{chain}    return lr * u\n")
    assert len(canonical_key(program)) == 32
    assert canonical(program) == canonical(canonical(program))


def test_numbers_read_twice_by_each_of_many_calls_take_no_time() -> None:
    # Whether `a` has a number for every entry is asked of both its parts, and of theirs.
    steps = "    a = a * sin(a)\n" * 60
    program = parse(f"def f(w, g):\n    a = sum(g)\n{steps}    return where(a > 0, a, a) * g\n")
    assert canonical(program)


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_with_regions_axes_and_clashing_names(seed: int) -> None:
    program = random_program(random.Random(seed))
    form = canonical(program)
    check(form)
    assert keys(form) == keys(program)
    assert canonical(form) == form
    assert parse(text(form)) == form
    assert parse(text(tidied(program))) == tidied(program)
    check(simplify(program).program)
