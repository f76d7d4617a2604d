"""Tasks by the name that a user gives: one of ours, or FILE:NAME."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

from evaluators import TASKS, Task, task

from .errors import ConfigError, nearest, one_of


@cache
def find_task(name: str) -> Task:
    """Returns the task of a name; the same object at every call.

    FILE:NAME names a function without arguments, in a Python file of the user's own, which is
    run, that returns a `Task`. Raises ConfigError.
    """
    path, colon, function = name.rpartition(":")
    if not colon:
        if name not in TASKS:
            raise ConfigError(one_of("a task (or FILE:NAME)", name, TASKS))
        return task(name)
    made = _call(_module(Path(path)), function, path)
    if not isinstance(made, Task):
        raise ConfigError(f"expected {name} to return a Task, got {type(made).__name__!r}.")
    return made


def _module(path: Path) -> ModuleType:
    if not path.is_file():
        raise ConfigError(f"expected a Python file with a task, found no {str(path)!r}.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"expected a Python file with a task, got {str(path)!r}.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the user's own code raises
        raise ConfigError(f"{path} raised {type(error).__name__}: {error}") from error
    return module


def _call(module: ModuleType, function: str, path: str) -> object:
    make = getattr(module, function, None)
    if not callable(make):
        raise ConfigError(f"{path} has no function {function!r}{nearest(function, vars(module))}")
    try:
        return make()
    except Exception as error:  # whatever the user's own code raises
        raise ConfigError(f"{path}:{function} raised {type(error).__name__}: {error}") from error
