"""What papers prove of their rules: bounds, invariances, memory.

Each holds of the program alone, without a second implementation to compare with.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from paths import TINY, arrays, descent, updates

from dsl import load, state_bytes
from dsl.simulate import simulate

RNG = np.random.default_rng(0)


# --- bounds on the update


@pytest.mark.parametrize("name", ["lion(weight_decay=0.0)", "signum", "sign_sgd"])
def test_sign_rules_move_every_entry_by_the_learning_rate(name: str) -> None:
    for step in updates(name, [arrays(k) for k in range(5)], arrays(9)):
        for u in step:
            np.testing.assert_allclose(np.abs(u), 0.1, rtol=1e-9)


@pytest.mark.parametrize("name", ["cautious(lion(weight_decay=0.0))", "grams"])
def test_no_entry_moves_against_its_gradient(name: str) -> None:
    grads = [arrays(k) for k in range(8)]
    for step, gs in zip(updates(name, grads, arrays(9)), grads, strict=True):
        assert all((u * g >= 0).all() for u, g in zip(step, gs, strict=True))


def test_adafactor_bounds_the_root_mean_square_of_its_update() -> None:
    start = arrays(9)
    grads = [[100.0**k * g for g in arrays(k)] for k in (0, 1, 0, 2, 0)]
    path = [start, *simulate(load("adafactor"), start, grads, 0.01)]
    for t, (old, new) in enumerate(itertools.pairwise(path), start=1):
        for a, b in zip(old, new, strict=True):
            size = max(1e-3, float(np.sqrt(np.mean(a**2)))) * min(0.01, t**-0.5)
            assert np.sqrt(np.mean((a - b) ** 2)) <= size * (1 + 1e-9)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_clipped_gradient_keeps_its_direction(scale: float) -> None:
    g = [scale * x for x in arrays(1)]
    ((*clipped,),) = updates("clip_by_global_norm(bound=2.0)", [g], arrays(9))
    size = np.sqrt(sum((x**2).sum() for x in clipped))
    factor = min(1.0, 2.0 / np.sqrt(sum((x**2).sum() for x in g)))
    assert size <= 2.0 * (1 + 1e-9)
    for x, y in zip(clipped, g, strict=True):
        np.testing.assert_allclose(x, factor * y, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("lars(beta=0.0, trust=0.02)", 0.02),
        ("lamb(weight_decay=0.0)", 1.0),
        ("larc(beta=0.0, trust=0.02)", None),
    ],
)
def test_layers_move_in_proportion_to_their_size(
    name: str, share: float | None, scale: float
) -> None:
    start = arrays(9)
    (step,) = updates(name, [[scale * g for g in arrays(1)]], start)
    for w, u, g in zip(start, step, arrays(1), strict=True):
        ratio = np.linalg.norm(u) / np.linalg.norm(w)
        if share is not None:
            np.testing.assert_allclose(ratio, 0.1 * share, rtol=1e-6)
        else:  # LARC never exceeds the plain step
            assert np.linalg.norm(u) <= 0.1 * scale * np.linalg.norm(g) * (1 + 1e-9)


def test_diffgrad_slows_adam_by_half_at_most() -> None:
    grads = [arrays(k) for k in range(6)]
    slowed, plain = (updates(n, grads, arrays(9), eps=TINY) for n in ("diffgrad", "adam"))
    for a, b in zip(slowed, plain, strict=True):
        for u, v in zip(a, b, strict=True):
            assert ((u / v >= 0.5 - 1e-9) & (u / v <= 1 + 1e-9)).all()


def test_normalized_descent_takes_steps_of_one_length() -> None:
    for scale in (1e-5, 1.0, 1e5):
        (step,) = updates("normalized_gd", [[scale * g for g in arrays(1)]], arrays(9))
        np.testing.assert_allclose(np.sqrt(sum((u**2).sum() for u in step)), 0.1, rtol=1e-9)


def test_muon_moves_every_direction_of_a_matrix_alike() -> None:
    start = [np.zeros((6, 4))]
    (step,) = updates("muon(weight_decay=0.0)", [arrays(1, [(6, 4)])], start)
    values = np.linalg.svd(step[0] / 0.1, compute_uv=False)
    assert values.max() / values.min() < 2  # five steps of the quintic end between 0.7 and 1.2


# --- where the parameters stay


def test_nero_keeps_the_rows_of_a_matrix_centred_and_of_length_one() -> None:
    path = simulate(load("nero"), arrays(9), [arrays(k) for k in range(4)], 0.1)
    for w in path[-1]:
        if w.ndim >= 2:
            rows = w.reshape(w.shape[0], -1)
            np.testing.assert_allclose(rows.mean(axis=1), 0, atol=1e-9)
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)


def test_fromage_is_bounded_by_the_size_of_a_layer() -> None:
    path = simulate(load("fromage"), arrays(9), [arrays(k) for k in range(40)], 0.1)
    for first, last in zip(arrays(9), path[-1], strict=True):
        assert np.linalg.norm(last) <= (1.1 / np.sqrt(1.01)) ** 40 * np.linalg.norm(first)


def test_orthograd_keeps_the_length_of_the_gradient_and_stands_upright_on_the_weights() -> None:
    w, g = arrays(9), arrays(1)
    (step,) = updates("orthograd", [g], w)
    for a, u, b in zip(w, step, g, strict=True):
        assert abs((a * u).sum()) < 1e-9 * np.linalg.norm(a) * np.linalg.norm(u)
        np.testing.assert_allclose(np.linalg.norm(u), np.linalg.norm(b), rtol=1e-9)


# --- invariances


@pytest.mark.parametrize(
    "name", ["adam", "adagrad", "rmsprop", "adamax", "amsgrad", f"adabelief(eps_root={TINY})"]
)
def test_without_eps_the_scale_of_every_entry_cancels(name: str) -> None:
    scales = [10.0 ** RNG.uniform(-3, 3, size=w.shape) for w in arrays(0)]
    grads = [arrays(k) for k in range(6)]
    scaled = [[d * g for d, g in zip(scales, gs, strict=True)] for gs in grads]
    ours, theirs = (updates(name, gs, arrays(9), eps=TINY) for gs in (grads, scaled))
    for a, b in zip(ours, theirs, strict=True):
        for u, v in zip(a, b, strict=True):
            np.testing.assert_allclose(u, v, rtol=1e-6)


@pytest.mark.parametrize("name", ["sania", "kate"])
def test_rescaled_coordinates_give_the_same_path(name: str) -> None:
    """The path on f(D x) is D^-1 times that on f: no diagonal scaling is to be tuned."""
    matrix = RNG.normal(size=(8, 5))
    scale = 10.0 ** RNG.uniform(-2, 2, size=5)

    def path(d: np.ndarray) -> list[np.ndarray]:
        def loss(x: np.ndarray) -> float:
            return float(np.log1p(np.exp(matrix @ (d * x))).sum())

        def slope(x: np.ndarray) -> np.ndarray:
            return d * (matrix.T @ (1 / (1 + np.exp(-matrix @ (d * x)))))

        return descent(name, loss, slope, np.linspace(-1, 1, 5) / d, 8, 0.1, eps=TINY)

    for x, y in zip(path(np.ones(5)), path(scale), strict=True):
        np.testing.assert_allclose(x, scale * y, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ["sgd", "momentum_sgd", "nesterov_sgd", "normalized_gd"])
def test_rules_without_coordinates_turn_with_them(name: str) -> None:
    turn = np.linalg.qr(RNG.normal(size=(7, 7)))[0]
    grads = [arrays(k, [(7,)]) for k in range(5)]
    plain = updates(name, grads, arrays(9, [(7,)]))
    turned = updates(name, [[turn @ g] for (g,) in grads], arrays(8, [(7,)]))
    for (u,), (v,) in zip(plain, turned, strict=True):
        np.testing.assert_allclose(v, turn @ u, atol=1e-12)


def test_the_one_sided_preconditioner_of_asgo_turns_with_the_other_side() -> None:
    turn = np.linalg.qr(RNG.normal(size=(6, 6)))[0]
    grads = [arrays(k, [(4, 6)]) for k in range(4)]
    plain = updates("asgo(weight_decay=0.0)", grads, arrays(9, [(4, 6)]))
    turned = updates("asgo(weight_decay=0.0)", [[g @ turn] for (g,) in grads], arrays(9, [(4, 6)]))
    for (u,), (v,) in zip(plain, turned, strict=True):
        np.testing.assert_allclose(v, u @ turn, atol=1e-9)


# --- memory, and what is asked for


@pytest.mark.parametrize(
    ("name", "most"),
    [("novograd", 4.1), ("adafactor", 0.1), ("sm3", 4.1), ("lion", 4.0), ("sgd", 0.0)],
)
def test_state_is_as_small_as_its_paper_says(name: str, most: float) -> None:
    assert state_bytes(load(name)) <= most < state_bytes(load("adam"))


@pytest.mark.parametrize("name", ["spsa", "mezo"])
def test_rules_of_zeroth_order_never_look_at_the_gradient(name: str) -> None:
    loss = lambda x: float((x[0] ** 2).sum())  # noqa: E731
    paths = [
        simulate(
            load(name), [np.ones(4)], [[np.full(4, g)]] * 5, 0.1,
            oracles=lambda t, w: {"loss_at": loss},
        )
        for g in (0.0, 1.0)
    ]  # fmt: skip
    for (one,), (other,) in zip(*paths, strict=True):
        np.testing.assert_array_equal(one, other)
