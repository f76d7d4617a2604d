"""A torch export is an optimizer like torch's own: groups, checkpoints, closures, compilation."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import torch._dynamo.testing
from exporting import RATE, STEPS, executed, load, model, run_torch

from dsl.export import class_name, export

CHECKPOINTED = ["adamw", "nadam", "prodigy", "adafactor", "lookahead(adam)", "soap", "handed_on"]
ENTRYWISE = [
    "sgd", "momentum_sgd", "nesterov_sgd", "adagrad", "rmsprop", "adam", "adamw", "nadam",
    "amsgrad", "adamax", "lion", "prodigy", "clip_by_global_norm(1.0) | adamw", "squares",
]  # fmt: skip


def made(name: str) -> Any:
    return executed(export(load(name), "torch", checked=False))[class_name(load(name))]


def parameters(shapes: list[tuple[int, ...]] | None = None) -> list[torch.Tensor]:
    start = model(np.float64)[0] if shapes is None else [np.ones(shape) for shape in shapes]
    return [torch.tensor(p, requires_grad=True) for p in start]


def follow(rule: Any, w: list[torch.Tensor], steps: list[list[np.ndarray]]) -> list[torch.Tensor]:
    for step in steps:
        for p, g in zip(w, step, strict=True):
            p.grad = torch.tensor(g)
        rule.step()
    return [p.detach().clone() for p in w]


@pytest.mark.parametrize("name", CHECKPOINTED)
def test_state_survives_a_checkpoint(name: str) -> None:
    params, grads = model(np.float64, ((4, 4), (3, 3)) if name == "soap" else ((6, 4), (4,)))
    space = executed(export(load(name), "torch", checked=False))
    whole = run_torch(space, load(name), params, grads)
    w = [torch.tensor(p, requires_grad=True) for p in params]
    rule = made(name)(w, RATE)
    follow(rule, w, grads[: STEPS // 2])
    saved = rule.state_dict()
    other = made(name)(w, 77.0)
    other.load_state_dict(saved)
    for p, want in zip(follow(other, w, grads[STEPS // 2 :]), whole, strict=True):
        np.testing.assert_array_equal(p.numpy(), want)


@pytest.mark.parametrize("name", ENTRYWISE)
def test_an_entrywise_rule_steps_on_lists(name: str) -> None:
    text = export(load(name), "torch", checked=False)
    assert "torch._foreach_" in text
    w = parameters()
    rule = made(name)(w, RATE)
    grads = model(np.float64)[1][0]
    follow(rule, w, [grads])
    for p, g in zip(w, grads, strict=True):
        np.testing.assert_array_equal(p.grad, g, "a step must not change the gradients")


@pytest.mark.parametrize("name", ["swapped", "lamb", "cautious(adamw)"])
def test_other_rules_step_on_one_parameter_after_another(name: str) -> None:
    assert "torch._foreach_" not in export(load(name), "torch", checked=False)


@pytest.mark.parametrize("name", ["adamw", "adafactor", "two_passes", "by_step"])
def test_groups_have_their_own_hyperparameters(name: str) -> None:
    grads = model(np.float64)[1][:5]
    apart, together = parameters(), parameters()
    slow = made(name)([{"params": together[:2]}, {"params": together[2:], "lr": RATE / 4}], RATE)
    first, second = made(name)(apart[:2], RATE), made(name)(apart[2:], RATE / 4)
    got = follow(slow, together, grads)
    follow(first, apart[:2], [step[:2] for step in grads])
    follow(second, apart[2:], [step[2:] for step in grads])
    for a, b in zip(got, apart, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", ["adamw", "lamb"])
def test_parameters_without_a_gradient_are_left_alone(name: str) -> None:
    w = parameters()
    rule = made(name)(w, RATE)
    rule.step()  # none has one
    w[0].grad = torch.ones_like(w[0])
    before = [p.detach().clone() for p in w]
    rule.step()
    assert [torch.equal(p, b) for p, b in zip(w, before, strict=True)] == [False] + [True] * 4


@pytest.mark.parametrize("name", ["adamw", "lamb"])
def test_a_closure_is_called_once_and_its_loss_returned(name: str) -> None:
    w = parameters([(3, 2)])
    rule = made(name)(w, RATE)

    def closure() -> torch.Tensor:
        rule.zero_grad()
        loss = (w[0] ** 2).sum()
        loss.backward()
        return loss

    assert rule.step(closure).item() == 6
    assert not torch.equal(w[0], torch.ones_like(w[0]))


@pytest.mark.parametrize("name", ["adamw", "lion", "lamb"])
def test_a_compiled_step_agrees_and_is_compiled_a_few_times(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "exported", ModuleType("exported"))  # it looks itself up
    grads = model(np.float64)[1][:6]
    plain, compiled = parameters(), parameters()
    want = follow(made(name)(plain, RATE), plain, grads)
    space = executed(export(load(name), "torch", checked=False))
    vars(sys.modules["exported"]).update(space)
    rule = space[class_name(load(name))](compiled, RATE)
    counter = torch._dynamo.testing.CompileCounter()
    rule.step = torch.compile(rule.step, backend=counter, fullgraph=False)
    got = follow(rule, compiled, grads)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)
    assert 1 <= counter.frame_count <= 3  # the count of steps is a number that differs
