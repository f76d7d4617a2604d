"""Kinds of the zoo and of constructs, on parameters of every number of axes."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import programs, random_program

from dsl import Program, ProgramError, check, kinds, load, parse, zoo
from dsl.infer import declared_kind
from dsl.program import Branch, Call, Declared, Literal, calls
from primitives import LAYER, SCALAR, STATIC, TABLE, Kind, tensor
from primitives.kinds import ROLE, SHAPE


def body(*lines: str, head: str = "def f(w, g, t, lr, *, beta=0.9, k=4, flag=True):") -> Program:
    return parse("\n".join([head, *("    " + line for line in lines)]) + "\n")


@pytest.mark.parametrize("name", zoo.EXPRESSIONS)
def test_the_zoo_fits(name: str) -> None:
    program = load(name)
    for ndim, known in enumerate(check(program)):
        results = dict(program.results)
        update = known[results.get("return", results.get("w"))]  # type: ignore[index]
        assert update is tensor(ndim)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("g + 1", tensor(2)),
        ("t + 1", SCALAR),
        ("k + 1", STATIC),
        ("beta + 1", SCALAR),
        ("norm(g)", LAYER),
        ("norm(g) * beta", LAYER),
        ("mean(g, axis=-1)", Kind("Array", (0,))),
        ("mean(g, keep=-1)", Kind("Array", (1,))),
        ("mean(g, axis=0) * mean(g, axis=1)", tensor(2)),
        ("mean(mean(g, axis=0), axis=0)", Kind("Array", (1,))),
        ("dot(g, w, keep=0)", Kind("Array", (0,))),
        ("global_norm(g)", SCALAR),
        ("global_mean(norm(g))", SCALAR),
        ("max(lr)", SCALAR),
        ("ndim(w)", SHAPE),
        ("ndim(w) + k", SHAPE),
        ("fan_in(w) * lr", LAYER),
        ("role(w)", ROLE),
        ('role(w) == "head"', SHAPE),
        ('role(w) in ("head", "bias")', SHAPE),
        ("orthogonalize(g)", tensor(2)),
    ],
)
def test_kinds_of_expressions(expression: str, expected: Kind) -> None:
    if expression == "role(w)":
        program = body('return where(role(w) == "a", g, w)')
        assert kinds(program, 2)[0] is ROLE
    else:
        program = body("u = g", "if ndim(w) == 2:", f"    u = {expression}", "return g * u")
        named = [c.out for c in calls(program.body) if c.name == "u"][-1]
        assert kinds(program, 2)[named] == expected


@pytest.mark.parametrize(
    ("declared", "ndim", "expected"),
    [
        (Declared("Tensor"), 3, tensor(3)),
        (Declared("Layer"), 3, LAYER),
        (Declared("Scalar"), 3, SCALAR),
        (Declared("Vector", ((None, -1),)), 3, Kind("Array", (0, 1))),
        (Declared("Vector", ((None, -1),)), 0, LAYER),
        (Declared("Vector", ((None, -2), -1)), 3, Kind("Array", (0, 2))),
        (Declared("Vector", ((None, -2), -1)), 1, tensor(1)),
        (Declared("Vector", (1,)), 1, Kind("Missing", (1,))),
        (Declared("Matrix", (0, 0)), 2, Kind("Matrix", (0, 0))),
        (Declared("Matrix", (0, 1)), 2, tensor(2)),
        (Declared("Matrix", ("rows", "cols")), 1, Kind("Missing", ("rows",))),
    ],
)
def test_kinds_of_states(declared: Declared, ndim: int, expected: Kind) -> None:
    assert declared_kind(declared, ndim) == expected


def test_matrices() -> None:
    program = body(
        "if ndim(w) == 2:",
        "    a = g @ g.T",
        "    b = g.T @ g",
        "    return a @ g + g @ b + norm(a) * g",
        "return g",
    )
    known = kinds(program, 2)
    assert known[program.body[2].then.body[1].out] == Kind("Matrix", (0, 0))  # type: ignore[union-attr]
    assert known[dict(program.results)["return"]] is tensor(2)  # type: ignore[index]


def test_a_number_set_under_a_shape_if_is_a_layer() -> None:
    program = body("a = lr", "if ndim(w) < 2:", "    a = 2 * lr", "return a * g")
    named = next(c for c in program.body if isinstance(c, Call) and c.op == "mul" and "g" in c.args)
    for ndim in range(4):
        assert kinds(program, ndim)[named.args[0]] is LAYER  # type: ignore[index]


def test_a_scalar_state_may_belong_to_one_side() -> None:
    check(body("d: Scalar = 0", "if ndim(w) < 2:", "    d = d + lr", "return d * g"))


def test_a_missing_state_is_no_error_where_nothing_reads_it() -> None:
    lines = "c: Vector[1] = 0", "if ndim(w) >= 2:", "    c = c + max(g, keep=1)", "    g = g / c"
    program = body(*lines, "return g")
    assert kinds(program, 1)["c"].family == "Missing"
    with pytest.raises(ProgramError, match="axis 1 does not exist for a parameter with 1 axis"):
        body(*lines[:1], "c = c + 1", "return g / c")
    check(body(*lines[:1], "c = c + 1", "return g"))  # not read by what is returned


def test_sides_never_taken_are_left_out() -> None:
    program = body("if ndim(w) >= 2:", "    return newton_schulz(g)", "return g")
    inner = program.body[-1].then.body[0].out  # type: ignore[union-attr]
    assert inner in kinds(program, 2)
    assert inner not in kinds(program, 1)


def test_an_option_is_checked_both_ways() -> None:
    with pytest.raises(ProgramError, match="newton_schulz takes parameters with 2 axes"):
        body("if flag:", "    return g", "return newton_schulz(g)")


def broken(program: Program, *body: Call) -> Program:
    return replace(program, body=body)


SGD = load("sgd")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call(0, "mull", ("lr", "g")), "There is no function mull. Did you mean 'mul'?"),
        (Call(0, "mul", ("lr",)), "mul takes 2 arguments, not 1."),
        (Call(0, "mul", ("lr", 7)), "The value 7 is read before it is defined."),
        (Call(0, "mul", ("lr", "v")), "The value 'v' is read before it is defined."),
        (Call(0, "mul", ("lr", "g"), (("axis", 0),)), "mul has no option axis."),
        (Call(0, "mul", (Literal(float("nan")), "g")), "NaN is no number that a program may hold."),
    ],
)
def test_changed_programs(call: Call, said: str) -> None:
    with pytest.raises(ProgramError) as error:
        check(broken(SGD, call))
    assert str(error.value).startswith(said)


def test_a_condition_may_join_the_shape_with_a_number_of_the_model() -> None:
    body("if t == 2 and ndim(w) >= 2:", "    u = g", "else:", "    u = w", "return u")
    with pytest.raises(ProgramError, match="An `if` takes one number for the model"):
        body("if norm(g) > 2 and ndim(w) >= 2:", "    u = g", "else:", "    u = w", "return u")


def test_a_state_is_not_given_what_one_side_of_an_if_computes() -> None:
    program = load("muon")
    (branch,) = [one for one in program.body if isinstance(one, Branch)]
    inner = branch.then.body[0].out  # type: ignore[union-attr]
    results = tuple((role, inner if role == "m" else ref) for role, ref in program.results)
    with pytest.raises(ProgramError, match="is read where it is not defined"):
        check(replace(program, results=results))


def test_errors_of_changed_programs_show_a_line() -> None:
    with pytest.raises(ProgramError) as error:
        check(broken(SGD, Call(0, "matmul", ("lr", "g"), (), "u")))
    assert str(error.value) == (
        "matmul takes matrices, not a Scalar.\n"
        "  line 6:     u = lr @ g\n"
        "                  ^"
    )


@given(programs())
@settings(max_examples=60)
def test_kinds_and_check_agree(program: Program) -> None:
    for ndim, known in enumerate(check(program)):
        assert kinds(program, ndim) == known


def test_kinds_tell_the_shapes_of_values() -> None:
    """Runs random straight programs on a matrix and compares every shape with its kind."""
    for seed in range(60):
        program = random_program(random.Random(seed), 14, branches=False)
        known = kinds(program, 2)
        for out, value in run(program).items():
            if known[out].family == "Array":
                kept = [n if i in known[out].axes else 1 for i, n in enumerate((4, 3))]
                # What follows from the shape and from a number for the model is a number itself.
                assert np.shape(value) in (tuple(kept), () if known[out] is LAYER else None)
            else:
                assert np.shape(value) == ()


def run(program: Program) -> dict[int | str, np.ndarray]:
    """The values of one step on a 4 by 3 matrix and a vector of 5; those of the matrix."""
    values: list[dict] = []
    for shape in ((4, 3), (5,)):
        rng = np.random.default_rng(0)
        held: dict = {"t": np.float64(1), "T": np.float64(9), "lr": np.float64(0.1)}
        held |= {"w": rng.normal(size=shape), "g": rng.normal(size=shape)}
        held |= {h.name: h.default for h in program.hyperparameters}
        for state in program.states:
            kind = declared_kind(state.declared, len(shape))
            sizes = [n if i in kind.axes else 1 for i, n in enumerate(shape)]
            held[state.name] = np.ones(sizes if kind.family == "Array" else ())
        values.append(held)
    with np.errstate(all="ignore"):
        for call in calls(program.body):
            step(call, values)
    return {call.out: values[0][call.out] for call in calls(program.body)}


def step(call: Call, values: list[dict]) -> None:
    primitive = TABLE[call.op]
    args = [[a.value if isinstance(a, Literal) else held[a] for a in call.args] for held in values]
    if primitive.scope == "model":
        total = primitive.meaning(np, *map(list, zip(*args, strict=True)))
        for held in values:
            held[call.out] = total
        return
    for held, own in zip(values, args, strict=True):
        try:
            held[call.out] = primitive.meaning(np, *own, **dict(call.options))
        except IndexError:  # an axis that the vector lacks; only the matrix is looked at
            held[call.out] = np.ones((1,))
