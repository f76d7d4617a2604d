"""The benchmark's plain trainers of the digits MLP: PyTorch eager, and NumPy by hand.

Both train one candidate at a time, on the same batches from the same start as the population.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np

from dsl import Program
from dsl.export import export
from evaluators.schedule import decay
from evaluators.task import Task, batches, init_params

Layers = list[np.ndarray]  # weights and biases, in the order of the task's leaves


def load_export(program: Program, target: str) -> ModuleType:
    """Writes a program's export to a file and imports it, as its user would."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "exported.py"
        path.write_text(export(program, target, checked=False), encoding="utf-8")
        spec = importlib.util.spec_from_file_location("exported", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def rates(task: Task, rate: float) -> np.ndarray:
    """Returns the learning rate of every step."""
    return rate * decay(np.arange(1, task.horizon + 1), task.horizon, np)


def start(task: Task, seed: int) -> tuple[list[str], Layers]:
    """Returns the paths and arrays of a task's start, in the order of its leaves."""
    leaves = jax.tree_util.tree_leaves_with_path(init_params(task, seed))
    return [jax.tree_util.keystr(path) for path, _ in leaves], [np.array(x) for _, x in leaves]


def mlp_order(layers: Layers) -> tuple[int, int, int, int]:
    """Returns where the first and second weights and biases of a two-layer MLP are."""
    weights = [i for i, x in enumerate(layers) if x.ndim == 2]
    weights.sort(key=lambda i: -layers[i].shape[0])
    biases = [i for i, x in enumerate(layers) if x.ndim == 1]
    biases.sort(key=lambda i: layers[i].shape[0] != layers[weights[0]].shape[1])
    return weights[0], biases[0], weights[1], biases[1]


def train_numpy(program: Program, task: Task, rate: float, seed: int) -> Callable[[], float]:
    """Returns a function that trains once in NumPy and gives the final training loss."""
    module = load_export(program, "numpy")
    horizon = {"T": task.horizon} if "T" in program.inputs else {}

    def run() -> float:
        _, params = start(task, seed)
        a, b, c, d = mlp_order(params)
        images, labels = task.train[0], task.train[1]
        state = module.init(params)
        for chosen, lr in zip(batches(task, seed), rates(task, rate), strict=True):
            gradients = _backward(params, (a, b, c, d), images[chosen], labels[chosen])
            params, state = module.update(state, params, gradients, float(lr), **horizon)
        return _loss(params, (a, b, c, d), images, labels)

    return run


def _forward(params: Layers, at: tuple[int, ...], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = at
    hidden = np.maximum(x @ params[a] + params[b], 0)
    logits = hidden @ params[c] + params[d]
    logits -= logits.max(axis=1, keepdims=True)
    return hidden, logits


def _loss(params: Layers, at: tuple[int, ...], x: np.ndarray, y: np.ndarray) -> float:
    _, logits = _forward(params, at, x)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]
    return float(losses.mean())


def _backward(params: Layers, at: tuple[int, ...], x: np.ndarray, y: np.ndarray) -> Layers:
    hidden, logits = _forward(params, at, x)
    error = np.exp(logits)
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(y)), y] -= 1
    error /= len(y)
    back = (error @ params[at[2]].T) * (hidden > 0)
    gradients = list(params)
    for place, value in zip(
        at, (x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)), strict=True
    ):
        gradients[place] = value
    return gradients


def train_torch(
    make: Callable[[list[Any], float], Any], task: Task, rate: float, seed: int
) -> Callable[[], float]:
    """Returns a function that trains once in PyTorch eager; make(params, lr) is the optimizer."""
    import torch

    def loss(params: list[Any], at: tuple[int, ...], x: Any, y: Any) -> Any:
        a, b, c, d = at
        hidden = torch.relu(x @ params[a] + params[b])
        return torch.nn.functional.cross_entropy(hidden @ params[c] + params[d], y)

    images = torch.from_numpy(np.array(task.train[0]))
    labels = torch.from_numpy(np.array(task.train[1])).long()

    def run() -> float:
        _, layers = start(task, seed)
        params = [torch.from_numpy(layer).requires_grad_() for layer in layers]
        at = mlp_order(layers)
        rule = make(params, rate)
        for chosen, lr in zip(batches(task, seed), rates(task, rate), strict=True):
            index = torch.from_numpy(chosen)
            for group in rule.param_groups:
                group["lr"] = float(lr)
            rule.zero_grad()
            loss(params, at, images[index], labels[index]).backward()
            rule.step()
        with torch.no_grad():
            return float(loss(params, at, images, labels))

    return run
