"""The tasks by name and the suites that searches and tables use."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache

from ..task import Task, TaskError
from ..user_task import load_task
from . import digits, language, mnist, regression

TASKS: dict[str, Callable[[], Task]] = {
    "digits_small": digits.digits_small,
    "scaled_small": regression.scaled_small,
    "digits_mlp": digits.digits_mlp,
    "digits_mlp_wide": digits.digits_mlp_wide,
    "digits_autoencoder": digits.digits_autoencoder,
    "digits_conv": digits.digits_conv,
    "ill_conditioned": regression.ill_conditioned,
    "mnist_mlp": mnist.mnist_mlp,
    "mnist_gru": mnist.mnist_gru,
    "bytes_transformer": language.bytes_transformer,
}

SUITES: dict[str, tuple[str, ...]] = {
    "tiny": ("digits_small", "scaled_small"),
    "quick": ("digits_mlp", "digits_autoencoder", "digits_conv", "ill_conditioned"),
    "unseen": ("mnist_mlp",),
    "held_out": ("mnist_gru", "bytes_transformer"),
}

OTHER_SIZES = {"digits_mlp": "digits_mlp_wide"}  # the same task at another width and batch


@cache
def task(name: str) -> Task:
    """Returns the task of a name, one of ours or FILE:NAME; the same object at every call."""
    if ":" in name:
        return load_task(name)
    if name not in TASKS:
        raise TaskError(_unknown("task", name, TASKS))
    return TASKS[name]()


def suite(name: str) -> tuple[Task, ...]:
    """Returns the tasks of a suite."""
    if name not in SUITES:
        raise TaskError(_unknown("suite", name, SUITES))
    return tuple(task(member) for member in SUITES[name])


def _unknown(what: str, name: str, table: dict) -> str:
    near = get_close_matches(name, table, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the {what}s are {', '.join(table)}."
    return f"Expected a {what}, not {name!r}; {hint}"
