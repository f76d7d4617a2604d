"""Where rules lead, as their papers prove it: energies that never rise, exact steps, limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from paths import descent, updates

from dsl import load
from dsl.simulate import simulate

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("lr", [1e-3, 1.0, 1e3])
def test_the_energy_of_aegd_never_rises(lr: float) -> None:
    """u = 2 lr r v with v = g / (2 sqrt(loss + 1)) tells the energy r of every entry."""
    curve = np.array([1.0, 10.0, 100.0])

    def loss(x: np.ndarray) -> float:
        return float((curve * x**2).sum() / 2)

    path = descent("aegd", loss, lambda x: curve * x, np.ones(3), 40, lr)
    energy = np.full(3, np.sqrt(loss(path[0]) + 1))
    for old, new in itertools.pairwise(path):
        v = curve * old / (2 * np.sqrt(loss(old) + 1))
        moving = np.abs(v) > 1e-100
        r = np.where(moving, (old - new) / np.where(moving, 2 * lr * v, 1), energy)
        assert (r <= energy * (1 + 1e-6) + 1e-12).all()
        assert (r >= -1e-12).all()
        energy = r


@pytest.mark.parametrize("lr", [1e-2, 1.0, 1e2])
def test_the_norm_of_adagrad_saves_any_learning_rate(lr: float) -> None:
    curve = np.array([1.0, 4.0])
    path = descent("adagrad_norm", lambda x: 0.0, lambda x: curve * x, np.ones(2), 3000, lr)
    assert (curve * path[-1] ** 2).sum() < 0.9 * curve.sum()
    assert np.isfinite(path).all()


def test_a_polyak_step_lands_where_a_line_through_the_loss_ends() -> None:
    """On a quadratic of one entry, loss / slope^2 * slope is half of the way, at any curvature."""
    for curve in (1e-2, 1.0, 1e2):
        path = descent(
            "polyak_sgd", lambda x, c=curve: float(c * x[0] ** 2 / 2), lambda x, c=curve: c * x,
            np.ones(1), 5, most=np.inf,
        )  # fmt: skip
        np.testing.assert_allclose(np.ravel(path), 0.5 ** np.arange(6), rtol=1e-12)


def test_an_accepted_step_of_armijo_falls_by_its_share() -> None:
    curve = np.array([1.0, 3.0, 30.0])

    def loss(x: np.ndarray) -> float:
        return float((curve * x**2).sum() / 2)

    path = descent("armijo_backtracking(tries=40)", loss, lambda x: curve * x, np.ones(3), 20)
    for old, new in itertools.pairwise(path):
        step = np.linalg.norm(old - new) / np.linalg.norm(curve * old)
        assert loss(new) <= loss(old) - 1e-4 * step * ((curve * old) ** 2).sum() + 1e-15


def test_malitsky_and_mishchenko_s_descent_needs_no_learning_rate() -> None:
    for scale in (1e-2, 1.0, 1e2):
        curve = scale * np.array([1.0, 5.0])
        path = descent(
            "adgd_malitsky", lambda x: 0.0, lambda x, c=curve: c * x, np.ones(2), 300,
            first=1e-6,
        )  # fmt: skip
        assert np.linalg.norm(path[-1]) < 1e-6


def test_newton_by_conjugate_gradients_solves_the_damped_system() -> None:
    hessian = (lambda a: a @ a.T)(RNG.normal(size=(4, 4)))
    start, g = RNG.normal(size=4), RNG.normal(size=4)
    answers = {"hvp": lambda v: [hessian @ v[0]]}
    ((after,),) = simulate(
        load("newton_damped(steps=4, damping=0.3)"), [start], [[g]], 1.0,
        oracles=lambda t, w: answers,
    )  # fmt: skip
    expected = np.linalg.solve(hessian + 0.3 * np.eye(4), g)
    np.testing.assert_allclose(start - after, expected, rtol=1e-9)


def test_regularization_by_differences_tends_to_the_slope_of_the_squared_gradient() -> None:
    """g + gamma (grad(w + a g) - g) / a tends to g + gamma H g, the slope of f + gamma |g|^2/2."""
    curve = np.array([1.0, 2.0, 5.0])
    slope = lambda x: curve * np.sin(x)  # noqa: E731
    start = np.array([0.3, 1.0, -0.7])
    g = slope(start)
    exact = g + 0.05 * curve * np.cos(start) * g
    for ascent, near in ((1e-2, 1e-2), (1e-4, 1e-4), (1e-6, 1e-6)):
        name = f"fd_gradient_regularization(sgd, gamma=0.05, ascent={ascent})"
        old, new = descent(name, lambda x: 0.0, slope, start, 1, 1.0)
        assert np.abs(old - new - exact).max() < near


def test_sam_of_no_radius_is_its_base() -> None:
    slope = lambda x: x**3 - x  # noqa: E731
    paths = [
        descent(name, lambda x: 0.0, slope, np.array([0.4, 2.0]), 10, 0.1)
        for name in ("sam(momentum_sgd, rho=0.0)", "momentum_sgd")
    ]
    np.testing.assert_allclose(*paths, rtol=1e-12)


def test_where_adam_goes_the_wrong_way_amsgrad_does_not() -> None:
    """Reddi et al., 2018: one gradient of C in three, the others of -1; descent must go down."""
    c = 10.0
    grads = [[np.array([c if t % 3 == 1 else -1.0])] for t in range(1, 301)]
    settings = f"beta1=0.0, beta2={1 / (1 + c**2)}"
    ends = {
        name: simulate(load(f"{name}({settings})"), [np.zeros(1)], grads, 0.01)
        for name in ("adam", "amsgrad")
    }
    assert ends["adam"][-1][0].item() > 0 > ends["amsgrad"][-1][0].item()


def test_ademamix_remembers_a_gradient_longer_than_adam_does() -> None:
    grads = [[np.ones(1)], *([[np.full(1, 1e-12)]] * 400)]
    slow, fast = (updates(name, grads, [np.zeros(1)]) for name in ("ademamix", "adam"))
    share = [abs(one[-1][0].item() / one[0][0].item()) for one in (slow, fast)]
    assert share[0] > 1e3 * share[1]


def test_a_schedule_that_falls_linearly_ends_at_nothing() -> None:
    grads = [[np.ones(1)]] * 50
    steps = updates("linear_decay_schedule | sgd", grads, [np.zeros(1)])
    sizes = [u.item() for (u,) in steps]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] <= sizes[0] / 25
