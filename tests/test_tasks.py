"""Every task of the table: a finite start, gradients, batches; and what suites may not share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evaluators import SUITES, TASKS, TaskError, suite, task
from evaluators.data import mnist, pooled, unicode_names
from evaluators.schedule import decay
from evaluators.task import (
    batches,
    examples,
    flat_init,
    flat_loss,
    init_params,
    mean_loss,
    shapes,
    size,
    unflatten,
)

NAMES = sorted(TASKS)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_can_begin(name: str) -> None:
    one = task(name)
    assert one.name == name
    assert one.doc
    assert one.data
    assert one.architecture
    params = init_params(one, 0)
    batch = tuple(array[batches(one, 0, 1)[0]] for array in one.train)
    loss, gradient = jax.jit(jax.value_and_grad(one.loss))(params, batch)
    assert loss.shape == ()
    assert jnp.isfinite(loss)
    for leaf in jax.tree.leaves(gradient):
        assert jnp.all(jnp.isfinite(leaf))
        assert jnp.any(leaf != 0)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_float32_and_flatten_back(name: str) -> None:
    one = task(name)
    params = init_params(one, 3)
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(params))
    flat = flat_init(one, (3,))
    assert flat.shape == (1, size(one))
    assert flat.dtype == np.float32
    back = unflatten(one, jnp.asarray(flat[0]))
    assert jax.tree.structure(back) == jax.tree.structure(params)
    assert all(map(np.array_equal, jax.tree.leaves(back), jax.tree.leaves(params)))
    assert tuple(leaf.shape for leaf in jax.tree.leaves(params)) == shapes(one)


@pytest.mark.parametrize("name", NAMES)
def test_training_and_validation_sets_are_alike_and_apart(name: str) -> None:
    one = task(name)
    assert len(one.valid) == len(one.train)
    assert len(one.valid[0]) >= 256
    for train, valid in zip(one.train, one.valid, strict=True):
        assert train.shape[1:] == valid.shape[1:]
        assert train.dtype == valid.dtype
        assert len(train) == examples(one)
    seen = {row.tobytes() for row in one.train[0]}
    repeated = np.mean([row.tobytes() in seen for row in one.valid[0]])
    assert repeated < 0.1  # of text, some pieces recur


def test_the_benchmark_task_is_what_its_numbers_are_quoted_for() -> None:
    one = task("digits_mlp")
    assert set(shapes(one)) == {(64, 32), (32,), (32, 10), (10,)}
    assert (one.batch_size, one.horizon, size(one)) == (64, 150, 2410)


def test_tiny_tasks_have_a_thousand_parameters() -> None:
    assert len(SUITES["tiny"]) == 2
    assert all(size(one) >= 1000 for one in suite("tiny"))


def test_held_out_tasks_share_neither_data_nor_architecture_with_the_search() -> None:
    searched = suite("tiny") + suite("quick")
    assert len(SUITES["quick"]) == 4
    assert len(SUITES["held_out"]) >= 2
    for held in suite("held_out"):
        assert held.data not in {one.data for one in searched}
        assert held.architecture not in {one.architecture for one in searched}
    assert not set(SUITES["unseen"]) & {one.name for one in searched + suite("held_out")}


def test_batches_are_epochs_without_repetition_decided_by_the_seed() -> None:
    one = task("digits_mlp")
    order = batches(one, 5)
    assert order.shape == (150, 64)
    assert order.dtype == np.int32
    epoch = examples(one) // 64
    assert len(np.unique(order[:epoch])) == epoch * 64
    assert np.array_equal(order, batches(one, 5))
    assert not np.array_equal(order, batches(one, 6))


def test_a_longer_run_sees_the_same_batches_first() -> None:
    one = task("digits_small")
    assert np.array_equal(batches(one, 1, 400)[:25], batches(one, 1, 25))


@pytest.mark.parametrize("count", [100, 256, 700])
def test_the_mean_loss_counts_every_example_once(count: int) -> None:
    one = task("digits_mlp")
    data = tuple(array[:count] for array in one.train)
    params = init_params(one, 0)
    assert mean_loss(one, params, data) == pytest.approx(float(one.loss(params, data)), rel=1e-5)


def test_the_flat_loss_is_the_loss() -> None:
    one = task("scaled_small")
    flat = jnp.asarray(flat_init(one, (2,))[0])
    expected = float(one.loss(init_params(one, 2), one.valid))
    assert float(flat_loss(one, flat, one.valid)) == pytest.approx(expected, rel=1e-6)


def test_a_convolution_by_patches_is_a_convolution() -> None:
    from evaluators.tasks.digits import _patches

    rng = np.random.default_rng(0)
    x = jnp.asarray(rng.normal(size=(2, 6, 6, 3)), jnp.float32)
    kernel = jnp.asarray(rng.normal(size=(3, 3, 3, 4)), jnp.float32)
    numbers = ("NHWC", "HWIO", "NHWC")
    expected = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=numbers)
    np.testing.assert_allclose(_patches(x) @ kernel.reshape(27, 4), expected, atol=1e-4)


def test_attention_looks_at_no_later_place() -> None:
    from evaluators.tasks.networks import attention

    rng = np.random.default_rng(0)
    qkv, x = rng.normal(size=(4, 12)), rng.normal(size=(1, 6, 4))
    later = x.copy()
    later[:, 4:] += 1
    before, after = (attention(jnp.asarray(qkv), jnp.asarray(z)) for z in (x, later))
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert not np.allclose(before[:, 4:], after[:, 4:])


def test_data_is_what_it_says() -> None:
    images, labels = mnist()
    assert images.shape == (5000, 784)
    assert set(labels.tolist()) == set(range(10))
    assert images.min() == 0
    assert images.max() == 1
    np.testing.assert_allclose(pooled(images, 28, 2).mean(), images.mean(), rtol=1e-5)
    text = unicode_names(16)
    assert text.min() == 0
    assert text.max() == 38
    assert text.shape[0] > 20_000


def test_the_rate_falls_from_one_to_almost_nothing() -> None:
    factors = decay(np.arange(1, 101), 100, np)
    assert factors[0] == 1
    assert np.all(np.diff(factors) < 0)
    assert 0 < factors[-1] < 1e-3


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: task("digit_mlp"), "Expected a task, not 'digit_mlp'; did you mean 'digits_mlp'?"),
        (lambda: suite("tinny"), "Expected a suite, not 'tinny'; did you mean 'tiny'?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(call, sentence: str) -> None:
    with pytest.raises(TaskError) as caught:
        call()
    assert str(caught.value) == sentence


def test_a_name_always_gives_the_same_object() -> None:
    assert task("digits_mlp") is task("digits_mlp")
