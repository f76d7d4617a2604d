"""Lowered programs: optax transformations on any pytree, under jit, grad, vmap and scan."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from walks import SILENT, oracles, real_loss

from dsl.errors import ProgramError
from dsl.load import load
from dsl.lower import State
from dsl.lower import eval_params as typed_eval_params
from dsl.lower import lower as typed_lower
from dsl.parse import parse
from dsl.program import Program
from dsl.simulate import simulate
from dsl.zoo import EXPRESSIONS

lower: Any = typed_lower  # optax's types of states and updates are any pytree
eval_params: Any = typed_eval_params
SHAPES = {"a": (6, 4), "b": (4,), "c": (4, 2, 3, 3), "d": ()}


def zoo(name: str) -> Program:
    return load(name)


def tree(seed: int, dtype: Any = jnp.float32) -> dict[str, Any]:
    """Returns a nested pytree of random numbers."""
    rng = np.random.default_rng(seed)
    a, b, c, d = (jnp.asarray(rng.normal(size=s) + 0.3, dtype) for s in SHAPES.values())
    return {"layer": {"a": a, "b": b}, "rest": (c, [d])}


def train(transform: Any, params: Any, steps: int = 6, **extra: Any) -> Any:
    """Returns the parameters after some steps on fixed gradients."""
    state, update = transform.init(params), jax.jit(transform.update)
    dtype = jax.tree.leaves(params)[0].dtype
    for step in range(steps):
        updates, state = update(tree(step + 1, dtype), state, params, **extra)
        params = optax.apply_updates(params, updates)
    return params


def same(a: Any, b: Any, rtol: float = 0.0) -> bool:
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.allclose(x, y, rtol=rtol, atol=rtol) for x, y in pairs)


# soap: gradients leave a part of its bases open, which NumPy and JAX fill each its own way.
@pytest.mark.parametrize("name", [name for name in EXPRESSIONS if name != "soap"])
def test_lowered_equals_the_interpreter(name: str, x64: None) -> None:
    start = tree(0, jnp.float64)
    transform = lower(zoo(name), 0.1)
    state, params, path = transform.init(start), start, []
    gradients = [tree(t, jnp.float64) for t in range(1, 7)]
    for g in gradients:
        updates, state = jax.jit(partial(transform.update, value_fn=real_loss))(g, state, params)
        params = optax.apply_updates(params, updates)
        path.append(jax.tree.leaves(params))
    leaves = [*map(jax.tree.leaves, gradients)]
    expected = simulate(zoo(name), jax.tree.leaves(start), leaves, 0.1, oracles=oracles)
    assert same(path, expected, 1e-13)


@pytest.mark.parametrize("name", ["adamw", "adafactor", "muon"])
def test_scan_gives_what_a_loop_gives(name: str) -> None:
    transform, params = lower(zoo(name), 0.1), tree(0)
    gradients = jax.tree.map(lambda *gs: jnp.stack(gs), *[tree(t) for t in range(1, 7)])

    def step(carry: Any, g: Any) -> Any:
        params, state = carry
        updates, state = transform.update(g, state, params)
        return (optax.apply_updates(params, updates), state), None

    (scanned, state), _ = jax.lax.scan(step, (params, transform.init(params)), gradients)
    assert same(scanned, train(transform, params), 1e-6)
    assert state.t == 6


def test_vmap_over_models() -> None:
    transform = lower(zoo("lamb"), 0.1)
    pair = [tree(0), tree(9)]
    stacked = jax.tree.map(lambda *ws: jnp.stack(ws), *pair)

    def one(params: Any) -> Any:
        updates, _ = transform.update(tree(1), transform.init(params), params)
        return updates

    both = jax.jit(jax.vmap(one))(stacked)
    for place, params in enumerate(pair):
        found = jax.tree.map(lambda u, place=place: u[place], both)
        assert same(found, jax.jit(one)(params), 1e-6)


def test_second_call_does_not_compile() -> None:
    for name in SILENT:
        transform, params = lower(zoo(name), 0.1), tree(0)
        update: Any = jax.jit(transform.update)
        state = transform.init(params)
        for step in range(3):
            updates, state = update(tree(step), state, params)
            params = optax.apply_updates(params, updates)
        assert update._cache_size() == 1, name


def test_a_traced_learning_rate_does_not_compile_again() -> None:
    params = tree(0)

    def call(lr: Any, beta2: Any, g: Any, state: State) -> Any:
        return lower(zoo("adamw"), lr, beta2=beta2).update(g, state, params)

    update: Any = jax.jit(call)

    state = lower(zoo("adamw")).init(params)
    for lr, beta2 in ((0.1, 0.999), (0.2, 0.9)):
        found, _ = update(lr, beta2, tree(1), state)
        expected, _ = lower(zoo("adamw"), lr, beta2=beta2).update(tree(1), state, params)
        assert same(found, expected, 3e-5)
    assert update._cache_size() == 1


def test_gradients_reach_the_hyperparameters(x64: None) -> None:
    start = tree(0, jnp.float64)

    def loss(settings: Any) -> Any:
        transform = lower(zoo("adamw"), settings["lr"], beta2=settings["beta2"],
                          weight_decay=settings["weight_decay"])
        return sum(jnp.sum(w**2) for w in jax.tree.leaves(train(transform, start, 3)))

    settings = {"lr": 0.1, "beta2": 0.99, "weight_decay": 0.1}
    slopes = jax.jit(jax.grad(loss))(settings)
    loss = jax.jit(loss)
    for name in settings:
        up, down = ({**settings, name: settings[name] + h} for h in (1e-6, -1e-6))
        numeric = float(loss(up) - loss(down)) / 2e-6
        assert float(slopes[name]) == pytest.approx(numeric, rel=1e-6)


def test_slopes_are_finite_where_gradients_are_zero() -> None:
    zeros = {"a": jnp.zeros((3, 2)), "b": jnp.zeros(3)}

    def moved(beta2: Any, name: str) -> Any:
        transform = lower(zoo(name), 0.1, beta2=beta2)
        updates, _ = transform.update(zeros, transform.init(zeros), zeros)
        return sum(jnp.sum(u) for u in jax.tree.leaves(updates))

    for name in ("adam", "adamw", "amsgrad", "lamb"):
        slope = jax.jit(jax.grad(moved), static_argnums=1)(0.99, name)
        assert jnp.isfinite(slope), name


def test_a_schedule_is_read_from_zero(x64: None) -> None:
    schedule = optax.cosine_decay_schedule(0.1, 6)
    params = tree(0, jnp.float64)
    expected = train(optax.adamw(schedule, weight_decay=0.01), params)
    assert same(train(lower(zoo("adamw"), schedule), params), expected, 1e-13)
    constant = train(lower(zoo("adamw"), lambda count: 0.1), params)
    assert same(constant, train(lower(zoo("adamw"), 0.1), params))


def test_a_hyperparameter_may_be_a_schedule() -> None:
    text = "def f(w, g, *, a=1.0):\n    return a * g"
    transform = lower(parse(text), a=lambda count: 1.0 + count)
    g = {"x": jnp.ones(2)}
    state = transform.init(g)
    for step in range(3):
        updates, state = transform.update(g, state)
        assert updates["x"][0] == -(1.0 + step)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32])
@pytest.mark.parametrize("name", ["adamw", "muon", "adafactor"])
def test_parameters_keep_their_dtype_and_states_are_float32(name: str, dtype: Any) -> None:
    params = tree(0, dtype)
    transform = lower(zoo(name), 0.1)
    state = transform.init(params)
    updates, state = transform.update(tree(1, dtype), state, params)
    after = optax.apply_updates(params, updates)
    assert {w.dtype for w in jax.tree.leaves(after)} == {jnp.dtype(dtype)}
    assert {u.dtype for u in jax.tree.leaves(updates)} == {jnp.dtype(jnp.float32)}
    assert {v.dtype for v in jax.tree.leaves(state.values)} == {jnp.dtype(jnp.float32)}


def test_mixed_dtypes_are_computed_each_in_its_own(x64: None) -> None:
    params = {"wide": jnp.ones(3, jnp.float64), "narrow": jnp.ones(3, jnp.float32)}
    transform = lower(zoo("adamw"), 0.1)
    updates, state = jax.jit(transform.update)(params, transform.init(params), params)
    assert {name: u.dtype for name, u in updates.items()} == {
        "wide": jnp.float64, "narrow": jnp.float32
    }  # fmt: skip
    assert state.values["m"]["narrow"].dtype == jnp.float32


def test_states_may_be_kept_narrower() -> None:
    params = tree(0)
    transform = lower(zoo("lion"), 0.1, state_dtype="bfloat16")
    updates, state = transform.update(tree(1), transform.init(params), params)
    assert {v.dtype for v in jax.tree.leaves(state.values)} == {jnp.dtype(jnp.bfloat16)}
    assert {u.dtype for u in jax.tree.leaves(updates)} == {jnp.dtype(jnp.float32)}


def test_state_has_names_and_holds_only_what_is_read() -> None:
    state = lower(zoo("adafactor")).init(tree(0))
    assert state.t == 0
    assert list(state.values) == ["row", "col", "v"]
    assert state.values["row"]["layer"]["a"].shape == (6, 1)
    assert state.values["col"]["layer"]["a"].shape == (1, 4)
    assert state.values["v"]["layer"]["a"] is None
    assert state.values["row"]["layer"]["b"] is None
    nadam = lower(zoo("nadam")).init(tree(0))
    assert nadam.values["product"].shape == ()


def test_any_pytree_will_do() -> None:
    for params in (jnp.ones((2, 3)), (jnp.ones(2),), {}, {"x": None, "y": jnp.ones(())}):
        transform = lower(zoo("muon"), 0.1)
        updates, _ = transform.update(params, transform.init(params), params)
        assert jax.tree.structure(updates) == jax.tree.structure(params)


def test_it_composes_with_optax(x64: None) -> None:
    params = tree(0, jnp.float64)
    ours = optax.chain(optax.clip_by_global_norm(1.0), lower(zoo("adamw"), 0.1))
    theirs = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(0.1, weight_decay=0.01))
    assert same(train(ours, params), train(theirs, params), 1e-13)
    masked = optax.masked(lower(zoo("sgd"), 0.1), {"layer": True, "rest": False})
    updates: Any = masked.update(tree(1), masked.init(params), params)[0]
    assert same(updates["layer"], jax.tree.map(lambda g: -0.1 * g, tree(1)["layer"]), 1e-7)


def test_roles_come_from_patterns_or_a_function() -> None:
    params = {"embed": {"w": jnp.ones((3, 2))}, "body": {"w": jnp.ones((3, 2))}}
    for roles in ({"embed/*": "embedding"}, lambda path, array: path.split("/")[0] + "ding"):
        state = lower(zoo("muon"), roles=roles).init(params)
        body_is_matrix = state.values["m"]["body"]["w"] is not None
        assert body_is_matrix
        if isinstance(roles, dict):
            assert state.values["m"]["embed"]["w"] is None


def test_by_role_sets_hyperparameters_for_some_parameters() -> None:
    params = {"w": jnp.ones(3), "bias": jnp.ones(3)}
    zeros = jax.tree.map(jnp.zeros_like, params)
    transform = lower(
        zoo("adamw"), 0.1, weight_decay=0.5, roles={"bias": "bias"},
        by_role={"bias": {"weight_decay": 0.0}},
    )  # fmt: skip
    updates, _ = jax.jit(transform.update)(zeros, transform.init(params), params)
    assert np.allclose(updates["w"], -0.05)
    assert np.allclose(updates["bias"], 0.0)


def test_out_is_the_output_axis() -> None:
    params = {"w": jnp.ones((8, 2))}
    g = {"w": jnp.asarray(np.random.default_rng(0).normal(size=(8, 2)), jnp.float32)}

    def size(out: int) -> float:
        transform = lower(zoo("muon"), out=out, weight_decay=0.0)
        updates, _ = transform.update(g, transform.init(params), params)
        return float(jnp.linalg.norm(updates["w"]))

    assert size(0) == pytest.approx(2 * size(-1), rel=1e-5)


def test_initial_values_that_read_the_gradient_are_taken_at_the_first_step() -> None:
    text = """
def f(w, g, t):
    first: Tensor = 2 * g
    first = first + 0
    return first
"""
    params = {"x": jnp.zeros(2)}
    transform = lower(parse(text))
    state = transform.init(params)
    for step in range(1, 3):
        updates, state = jax.jit(transform.update)({"x": step * jnp.ones(2)}, state, params)
        assert updates["x"][0] == -2


@pytest.mark.parametrize(
    ("condition", "matrix", "vector"),
    [
        ("t == 2 and ndim(w) >= 2", [3, 1, 3], [3, 3, 3]),
        ("ndim(w) < 2 or t == 2", [3, 1, 3], [1, 2, 3]),
        ("not (every(3, 1) and ndim(w) >= 2)", [3, 1, 2], [1, 2, 3]),
    ],
)
def test_a_condition_may_join_the_shape_with_a_number(
    condition: str, matrix: list[int], vector: list[int]
) -> None:
    program = parse(
        "def f(w, g, lr, t):\n    m: Tensor = 0\n"
        f"    if {condition}:\n        m = m + g\n        u = m\n"
        "    else:\n        u = 3 * g\n    return lr * u"
    )
    w = {"matrix": jnp.ones((2, 3)), "vector": jnp.ones(3)}
    rule = lower(program, lr=1.0)
    state, seen = rule.init(w), []
    for _ in range(3):
        update, state = jax.jit(rule.update)(w, state, w)
        seen.append([int(-update[name].ravel()[0]) for name in w])
    assert [list(steps) for steps in zip(*seen, strict=True)] == [matrix, vector]


def test_an_if_on_a_number_stays_lazy_under_jit() -> None:
    text = """
def f(w, g, t):
    m: Tensor = 0
    u = 0
    if t % 2 == 0:
        m = m + g
        u = m
    return u
"""
    params = {"x": jnp.zeros(2)}
    transform = lower(parse(text))
    state = transform.init(params)
    assert " cond[" in str(jax.make_jaxpr(transform.update)(params, state, params))
    seen = []
    for _ in range(4):
        updates, state = jax.jit(transform.update)({"x": jnp.ones(2)}, state, params)
        seen.append(float(updates["x"][0]))
    assert seen == [0, -1, 0, -2]


def test_loss_is_handed_in() -> None:
    program = parse("def f(w, g, loss):\n    return loss * g")
    g = {"x": jnp.ones(2)}
    transform = lower(program)
    assert transform.update(g, transform.init(g), g, value=3.0)[0]["x"][0] == -3
    by_function = transform.update(g, transform.init(g), g, value_fn=lambda p: 2 * p["x"][0])
    assert by_function[0]["x"][0] == -2
    with pytest.raises(ProgramError, match="f reads loss: pass value= or value_fn= to update"):
        transform.update(g, transform.init(g), g)


def test_the_point_of_evaluation_is_computed_when_asked() -> None:
    text = """
def averaged(w, g, t, lr, *, beta=0.5):
    z: Tensor = w
    z = z - lr * g
    w = lerp(w, z, beta)
    w_eval = (w - (1 - beta) * z) / beta
"""
    program = parse(text)
    params: Any = {"x": jnp.ones(2)}
    transform = lower(program, 0.1)
    updates, state = transform.update({"x": jnp.ones(2)}, transform.init(params), params)
    params = optax.apply_updates(params, updates)
    z = 1 - 0.1
    w = 0.5 * 1 + 0.5 * z
    assert params["x"][0] == pytest.approx(w)
    assert eval_params(program, state, params, 0.1)["x"][0] == pytest.approx((w - 0.5 * z) / 0.5)
    assert eval_params(zoo("sgd"), state, params)["x"] is params["x"]


def test_the_horizon_must_be_told() -> None:
    program = parse("def ranger21(w, g, t, T):\n    return g * t / T")
    params = {"x": jnp.ones(2)}
    with pytest.raises(ProgramError, match=r"^ranger21 reads T: pass T=$"):
        lower(program).init(params)
    transform = lower(program, T=4)
    assert transform.update(params, transform.init(params))[0]["x"][0] == -0.25


def test_bad_arguments_are_answered_with_a_sentence() -> None:
    with pytest.raises(ProgramError, match=r"not 'beta3'\. Did you mean 'beta2'\?"):
        lower(zoo("adamw"), beta3=0.9)
    with pytest.raises(ProgramError, match="expected a number or a schedule for eps, not 'x'"):
        lower(zoo("adamw"), eps="x")
    with pytest.raises(ProgramError, match=r"not 'weight_dec'\. Did you mean 'weight_decay'\?"):
        lower(zoo("adamw"), by_role={"bias": {"weight_dec": 0.0}})
    with pytest.raises(ProgramError, match="expected a number or a schedule for lr, not None"):
        lower(zoo("adamw"), None)
    transform, params = lower(zoo("adamw")), tree(0)
    state = transform.init(params)
    with pytest.raises(ProgramError, match="adamw reads w: pass the parameters to update"):
        transform.update(params, state)


def test_structure_may_be_set() -> None:
    every = parse("def f(w, g, t, *, k=2):\n    return where(every(k), g, 0)")
    g = {"x": jnp.ones(2)}
    transform = lower(every, k=3)
    state, seen = transform.init(g), []
    for _ in range(6):
        updates, state = transform.update(g, state)
        seen.append(float(updates["x"][0]))
    assert seen == [0, 0, -1, 0, 0, -1]
    with pytest.raises(ProgramError, match=r"expected int for k, not 2\.5"):
        lower(every, k=2.5)


@pytest.mark.parametrize("dtype", [jnp.int32, jnp.complex64, bool])
def test_parameters_that_are_not_real_are_named(dtype: Any) -> None:
    params = {"layer": {"w": jnp.ones(2), "count": jnp.ones(2, dtype)}}
    with pytest.raises(TypeError, match=r"not \w+ at layer/count"):
        lower(zoo("sgd")).init(params)


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_compiling_is_quick(name: str) -> None:
    params = {f"w{i}": jnp.ones((8 + i, 6)) for i in range(6)}
    transform = lower(zoo(name), 0.1 + time.time() % 1e-3)  # a constant that no cache has seen
    state = transform.init(params)
    start = time.perf_counter()
    jax.jit(transform.update).lower(params, state, params).compile()
    assert time.perf_counter() - start < 5
