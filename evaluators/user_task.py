"""Tasks of the user's own, out of a Python file that is run: FILE:NAME."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .task import Arrays, Task, TaskError, init_params
from .user_file import guarded, hint, module_of, split

FIELDS = ("init", "loss", "data", "horizon")
OPTIONAL = ("batch_size", "doc")
SHAPE = "(init, loss, data, horizon), a dict with these names, or a Task"


@cache
def load_task(name: str) -> Task:
    """Returns the task that FILE:NAME makes; the same object at every call.

    NAME is a function without arguments. It returns (init, loss, data, horizon): init(key) gives
    the parameters, loss(params, batch) a mean over the batch, shape (); data is a tuple of arrays
    with one row an example, or {"train": arrays, "valid": arrays}. A dict with these four names,
    and batch_size if wanted, will do too. Raises TaskError with one sentence.
    """
    path, function = split(name, "my_task.py:make")
    module = module_of(Path(path), "a task")
    make = getattr(module, function, None)
    if not callable(make):
        raise TaskError(f"{path} has no function {function!r}{hint(function, vars(module))}")
    made = guarded(f"{name} raised", make)
    return checked(_as_task(name, made))


def _as_task(name: str, made: Any) -> Task:
    if isinstance(made, Task):
        return replace(made, name=name)  # the name by which every worker finds it again
    fields = dict(made) if isinstance(made, Mapping) else _named(name, made)
    for field in fields:
        if field not in FIELDS + OPTIONAL:
            near = hint(field, FIELDS + OPTIONAL)
            raise TaskError(f"{name} returned an unknown field {field!r}{near}")
    missing = [field for field in FIELDS if field not in fields]
    if missing:
        raise TaskError(f"{name} returned no {missing[0]!r}; expected {SHAPE}.")
    train, valid = _data(name, fields["data"])
    size = fields.get("batch_size", min(64, len(train[0])))
    return Task(
        name,
        fields["init"],
        fields["loss"],
        train,
        _whole(name, "horizon", fields["horizon"]),
        valid,
        _whole(name, "batch_size", size),
        data=name,
        architecture=name,
        doc=fields.get("doc", "The user's own task."),
    )


def _named(name: str, made: Any) -> dict[str, Any]:
    if not isinstance(made, tuple) or len(made) != len(FIELDS):
        length = f" of {len(made)}" if isinstance(made, tuple | list) else ""
        raise TaskError(f"{name} returned a {type(made).__name__}{length}; expected {SHAPE}.")
    return dict(zip(FIELDS, made, strict=True))


def _data(name: str, data: Any) -> tuple[Arrays, Arrays]:
    """Returns (train, valid) as tuples of float32 or int32 arrays with equally many rows."""
    parts = data if isinstance(data, Mapping) else {"train": data}
    unknown = [key for key in parts if key not in ("train", "valid")]
    if unknown or "train" not in parts:
        keys = ", ".join(map(repr, parts))
        raise TaskError(f"{name} has data with {keys}; expected 'train' and perhaps 'valid'.")
    return _arrays(name, "train", parts["train"]), _arrays(name, "valid", parts.get("valid", ()))


def _arrays(name: str, part: str, values: Any) -> Arrays:
    if not isinstance(values, Sequence):
        values = (values,)
    arrays = tuple(_array(f"{name} has {part} data", value) for value in values)
    rows = {len(array) if array.ndim else 0 for array in arrays}
    if len(rows) > 1:
        raise TaskError(f"{name} has {part} arrays of {sorted(rows)} rows; expected equally many.")
    if part == "train" and not sum(rows):
        raise TaskError(f"{name} has no training examples; expected arrays with one row each.")
    return arrays


def _array(whose: str, values: Any) -> np.ndarray:
    array = guarded(f"{whose} that raised", lambda: np.asarray(values))
    if array.dtype.kind not in "fiub":
        raise TaskError(f"{whose} of type {array.dtype}; expected numbers.")
    return array.astype(np.float32 if array.dtype.kind == "f" else np.int32)


def _whole(name: str, field: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TaskError(f"{name} has {field} {value!r}; expected a whole number of at least 1.")
    return value


def checked(task: Task) -> Task:
    """Returns the task if a run can begin: parameters, loss and gradient are real and finite."""
    name = task.name
    for field in ("init", "loss"):
        if not callable(getattr(task, field)):
            raise TaskError(f"{name} has {field} {getattr(task, field)!r}; expected a function.")
    if task.batch_size > len(task.train[0]):
        rows = len(task.train[0])
        raise TaskError(f"{name} has batch_size {task.batch_size} but only {rows} examples.")
    params = guarded(f"{name}: init raised", lambda: init_params(task, 0))
    _check_params(name, params)
    batch = tuple(jnp.asarray(array[: task.batch_size]) for array in task.train)
    value = guarded(f"{name}: loss raised", lambda: task.loss(params, batch))
    if jnp.shape(value) != () or not jnp.issubdtype(jnp.result_type(value), jnp.floating):
        came = f"shape {jnp.shape(value)}, {jnp.result_type(value)}"
        raise TaskError(f"{name}: expected a loss that is one float, got {came}.")
    gradient = guarded(f"{name}: the gradient raised", lambda: jax.grad(task.loss)(params, batch))
    if not _finite(value):
        raise TaskError(f"{name}: the loss at the start is {float(value)}; expected a finite one.")
    if not _finite(gradient):
        raise TaskError(f"{name}: the gradient at the start is not finite.")
    return task


def _check_params(name: str, params: Any) -> None:
    leaves = jax.tree.leaves(params)
    if not leaves:
        raise TaskError(f"{name}: init returned no parameters; expected a tree of float arrays.")
    for leaf in leaves:
        if leaf.dtype != jnp.float32:
            raise TaskError(f"{name}: init returned a parameter of {leaf.dtype}; expected float32.")
    if not _finite(params):
        raise TaskError(f"{name}: init returned parameters that are not finite.")


def _finite(tree: Any) -> bool:
    return all(bool(jnp.all(jnp.isfinite(leaf))) for leaf in jax.tree.leaves(tree))
