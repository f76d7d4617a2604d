"""Every primitive of the table: its meaning in NumPy and JAX, its kind, its algebra."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from primitives import ELEMENTWISE, MODEL, NOISE, ORACLE, SCALAR, TABLE, Kind, describe, tensor
from primitives.describe import signature
from primitives.kinds import interned
from primitives.reductions import reduced_axes
from primitives.rules import RULES, kind_of
from primitives.wording import KindError

SHAPES = ((), (5,), (4, 3), (2, 3, 4), (3, 2, 2, 4))
REDUCING = [name for name, p in TABLE.items() if "keep" in p.options]
PAIRS = [n for n, p in TABLE.items() if p.arity == 2 and p.scope == ELEMENTWISE and n != "one_of"]
VIEWS = {"matrix": ("rows", "cols"), "wide": ("short", "long")}
UNDONE = {f"un{name}": name for name in VIEWS}
# on two axes or more
WHOLE = {"matmul", "transpose", "newton_schulz", "polar_express", *VIEWS, *UNDONE}
TEXTUAL = {"role", "one_of"}
ALONG = {
    "gram", "mode", "solve_along", "triu", "eigenvectors", "orthogonal", "inverse_root",
    "singular_vectors", "sorter",
}  # test_axes, test_low_rank
ASKED = {name for name, p in TABLE.items() if p.scope in (ORACLE, NOISE)}  # others answer these


def samples(name: str, shape: tuple[int, ...], seed: int = 0) -> list[np.ndarray]:
    """Random arguments with zeros, both signs, large and small entries; square for @."""
    rng = np.random.default_rng(seed)
    shape = (4, 4) if name == "matmul" else shape
    arrays = []
    for _ in range(TABLE[name].arity):
        array = rng.normal(size=shape) * rng.choice([0.1, 1.0, 3.0], size=shape)
        arrays.append(np.where(rng.random(shape) < 0.15, 0.0, array))
    if name == "quantile":
        arrays[1] = np.asarray(0.7)
    if name in UNDONE:
        arrays[0] = TABLE[UNDONE[name]].meaning(np, arrays[0])
    return arrays


def call(xp: object, name: str, args: list, **options: object) -> np.ndarray:
    primitive = TABLE[name]
    if primitive.scope == MODEL:
        args = [[xp.asarray(a), xp.asarray(2 * a[..., :1])] for a in args]  # type: ignore[attr-defined]
    elif name == "shape":
        args = [args[0], 0]
    else:
        args = [xp.asarray(a) for a in args]  # type: ignore[attr-defined]
    with np.errstate(all="ignore"):
        return np.asarray(primitive.meaning(xp, *args, **options))


def shapes_of(name: str) -> tuple[tuple[int, ...], ...]:
    if name in WHOLE:
        return ((4, 3), (3, 4)) if name in ("matmul", "transpose") else SHAPES[2:]
    return SHAPES[1:] if name == "shape" or TABLE[name].scope == MODEL else SHAPES


@pytest.mark.parametrize("name", [name for name in TABLE if name not in TEXTUAL | ASKED | ALONG])
def test_numpy_and_jax_agree(name: str, x64: None) -> None:
    del x64
    elementwise = TABLE[name].scope == ELEMENTWISE
    for shape in ((40,),) if elementwise else shapes_of(name):
        args = samples(name, shape)
        expected, got = call(np, name, args), call(jnp, name, args)
        assert expected.shape == got.shape
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", REDUCING)
@pytest.mark.parametrize(
    "options", [{"axis": -1}, {"keep": 0}, {"axis": (0, 1)}, {"keep": (0, -1)}]
)
def test_reductions_keep_axes_at_length_one(name: str, options: dict, x64: None) -> None:
    del x64
    args = samples(name, (2, 3, 4))
    got = call(np, name, args, **options)
    np.testing.assert_allclose(call(jnp, name, args, **options), got, rtol=1e-12)
    lost = reduced_axes(3, **options)
    assert got.shape == tuple(1 if i in lost else n for i, n in enumerate((2, 3, 4)))
    moved = np.moveaxis(np.broadcast_to(got, (2, 3, 4)), lost, range(len(lost)))
    assert np.ptp(moved.reshape(-1, *moved.shape[len(lost) :]), axis=0).max() == 0


@pytest.mark.parametrize("name", PAIRS)
def test_commutativity_is_as_told(name: str) -> None:
    differs = False
    for seed in range(5):
        x, y = samples(name, (40,), seed)
        there, back = call(np, name, [x, y]), call(np, name, [y, x])
        differs |= not np.array_equal(there, back, equal_nan=True)
    assert differs is not TABLE[name].commutative


@pytest.mark.parametrize("name", ["dot", "cosine", "global_dot"])
def test_products_commute(name: str) -> None:
    x, y = samples(name, (4, 3))
    assert TABLE[name].commutative
    assert np.array_equal(call(np, name, [x, y]), call(np, name, [y, x]))


def kinds_on(shape: tuple[int, ...], name: str) -> tuple[Kind, ...]:
    whole = tensor(len(shape))
    if name in UNDONE:
        return interned("Matrix", VIEWS[UNDONE[name]]), whole
    return (whole, SCALAR) if name == "quantile" else (whole,) * TABLE[name].arity


@pytest.mark.parametrize("name", sorted({*TABLE} - {*TEXTUAL, *ASKED, *ALONG, "shape", "matmul"}))
def test_kinds_tell_the_shape(name: str) -> None:
    primitive = TABLE[name]
    for shape in shapes_of(name):
        kind = kind_of(primitive, kinds_on(shape, name), {}, len(shape))
        got = call(np, name, samples(name, shape))
        if kind.family == "Array":
            axes = range(len(shape))
            assert got.shape == tuple(shape[i] if i in kind.axes else 1 for i in axes)
        elif kind.family == "Matrix":
            assert got.ndim == 2
        else:
            assert got.shape == ()
            assert kind is SCALAR or kind.family == "Static"


@pytest.mark.parametrize("op", [n for n, p in TABLE.items() if p.scope == ELEMENTWISE])
def test_elementwise_kinds_broadcast(op: str) -> None:
    if op == "one_of":
        return
    shapes = {SCALAR: (), interned("Array", ()): (1, 1), interned("Array", (0,)): (4, 1),
              interned("Array", (1,)): (1, 3), tensor(2): (4, 3)}
    rng = np.random.default_rng(0)
    for kinds in itertools.product(shapes, repeat=min(TABLE[op].arity, 2)):
        kinds = (*kinds, SCALAR)[: TABLE[op].arity] if TABLE[op].arity == 3 else kinds
        got = call(np, op, [rng.normal(size=shapes[kind]) for kind in kinds])
        assert got.shape == shapes[kind_of(TABLE[op], kinds, {}, 2)]


@pytest.mark.parametrize(
    ("name", "x", "y", "wanted"),
    [
        ("divide_no_nan", 3.0, 0.0, 0.0),
        ("divide_eps", 1.0, 0.0, 1e8),
        ("log_abs", 0.0, None, 0.0),
        ("log_abs", -np.e, None, 1.0),
        ("sqrt_abs", -4.0, None, 2.0),
        ("power_abs", 0.0, -1.0, 0.0),
        ("power_abs", -2.0, 3.0, 8.0),
        ("div", 1.0, 0.0, np.inf),
        ("reciprocal", 0.0, None, np.inf),
        ("mod", -1.0, 3.0, 2.0),
        ("sigmoid", -800.0, None, 0.0),
        ("softplus", 800.0, None, 800.0),
        ("relu", -1.0, None, 0.0),
        ("logical_and", 2.0, -1.0, 1.0),
        ("logical_or", 0.0, 0.0, 0.0),
        ("isfinite", np.inf, None, 0.0),
    ],
)
def test_values(name: str, x: float, y: float | None, wanted: float) -> None:
    args = [np.array([value]) for value in (x, y) if value is not None]
    np.testing.assert_allclose(call(np, name, args), [wanted], rtol=1e-15)


@pytest.mark.parametrize("op", ["div", "pow", "lt"])
def test_python_numbers_do_not_raise(op: str) -> None:
    with np.errstate(all="ignore"):
        got = TABLE[op].meaning(np, 0, 0), TABLE[op].meaning(np, 2, -1)
    assert got[1] in {"div": (-2.0,), "pow": (0.5,), "lt": (0,)}[op]


def test_lerp_goes_from_x_to_y() -> None:
    assert TABLE["lerp"].meaning(np, 1.0, 3.0, 0.25) == 1.5


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 2, 4)])
def test_newton_schulz_moves_singular_values_to_one(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    y = TABLE["newton_schulz"].meaning(np, x).reshape(-1, shape[-1])
    values = np.linalg.svd(y, compute_uv=False)
    assert values.min() > 0.6
    assert values.max() < 1.3


@pytest.mark.parametrize("out", [-1, 0])
def test_unmatrix_undoes_matrix(out: int) -> None:
    x = np.random.default_rng(0).normal(size=(3, 2, 4))
    viewed = TABLE["matrix"].meaning(np, x, out=out)
    fan_in, fan_out = (TABLE[n].meaning(np, x, out=out) for n in ("fan_in", "fan_out"))
    assert viewed.shape == (fan_in, fan_out)
    assert np.array_equal(TABLE["unmatrix"].meaning(np, viewed, x, out=out), x)


def test_global_mean_is_over_entries_of_tensors_and_over_parameters_of_layers() -> None:
    mean = TABLE["global_mean"].meaning
    assert mean(np, [np.ones((3, 1)), np.zeros((1, 1))]) == 0.75
    assert mean(np, [np.ones((1, 1)), np.zeros((1,))]) == 0.5


@pytest.mark.parametrize(
    ("name", "kinds", "options", "ndim", "said"),
    [
        ("mean", (tensor(1),), {"axis": 1}, 1,
         "axis 1 does not exist for a parameter with 1 axis: guard it with `if ndim(w) >= 2`."),
        ("mean", (tensor(1),), {"axis": -3}, 1,
         "axis -3 does not exist for a parameter with 1 axis: guard it with `if ndim(w) >= 3`."),
        ("mean", (tensor(2),), {"axis": 0, "keep": 1}, 2, "mean takes axis= or keep=, not both."),
        ("global_sum", (SCALAR,), {}, 2,
         "global_sum takes an array of each parameter, not a Scalar."),
        ("newton_schulz", (tensor(1),), {}, 1,
         "newton_schulz takes parameters with 2 axes or more, not with 1 axis: "
         "guard it with `if ndim(w) >= 2`."),
        ("fan_in", (interned("Array", ()),), {}, 2, "fan_in takes a Tensor, not a Layer."),
        ("matmul", (tensor(2), tensor(2)), {}, 2,
         "@ needs equal inner sides, not a Matrix[0, 1] @ a Matrix[0, 1]."),
        ("matmul", (tensor(3), tensor(3)), {}, 3,
         "matmul takes matrices, not a Tensor of a parameter with 3 axes: view it with matrix(x)."),
    ],
)  # fmt: skip
def test_kind_errors(name: str, kinds: tuple, options: dict, ndim: int, said: str) -> None:
    with pytest.raises(KindError) as error:
        kind_of(TABLE[name], kinds, options, ndim)
    assert str(error.value) == said


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_has_its_facts(name: str) -> None:
    primitive = TABLE[name]
    assert primitive.name == name
    assert primitive.result in RULES
    assert primitive.doc.endswith(".")
    assert primitive.flops >= 0
    assert name.isidentifier()


def test_rows_name_every_primitive_once() -> None:
    rows = describe()
    assert [row.name for row in rows] == list(TABLE)
    assert signature(TABLE["add"]) == "x + y"
    assert signature(TABLE["mean"]) == "mean(x, axis=, keep=)"
    assert len({row.signature for row in rows}) == len(rows)
