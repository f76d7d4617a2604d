"""Python files of the user's own, which are run: FILE:NAME."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from .task import TaskError


def split(name: str, example: str) -> tuple[str, str]:
    """Returns the two parts of FILE:NAME. Raises TaskError with an example."""
    path, _, function = name.rpartition(":")
    if not path or not function:
        raise TaskError(f"Expected FILE:NAME, such as {example}, not {name!r}.")
    return path, function


def module_of(path: Path, what: str) -> ModuleType:
    """Runs a file and returns its module; what: what it is expected to hold, "a task"."""
    if not path.is_file():
        raise TaskError(f"Expected a Python file with {what}, found no {str(path)!r}.")
    spec = importlib.util.spec_from_file_location(f"user_file_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise TaskError(f"Expected a Python file with {what}, whose name ends in .py, not {path}.")
    module, loader = importlib.util.module_from_spec(spec), spec.loader
    guarded(f"{path} raised", lambda: loader.exec_module(module))
    return module


def guarded(what: str, action: Callable[[], Any]) -> Any:
    """Returns action(), whose every failure, in the user's own code, becomes one sentence."""
    try:
        return action()
    except TaskError:
        raise
    except Exception as error:
        lines = str(error).strip().splitlines()
        text = f": {lines[0]}" if lines else ""
        raise TaskError(f"{what} {type(error).__name__}{text}") from error


def hint(name: str, names: Iterable[str]) -> str:
    """Returns `; did you mean 'x'?` for the name nearest to one that is unknown, or a full stop."""
    near = get_close_matches(name, [n for n in names if not n.startswith("_")], 1)
    return f"; did you mean {near[0]!r}?" if near else "."
