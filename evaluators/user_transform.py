"""Optimizers of the user's own, out of a Python file that is run, or of optax: what is lifted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import optax

from .task import TaskError
from .user_file import hint, module_of, split

OPTAX = "optax"


def load_transform(name: str) -> Any:
    """Returns what FILE:NAME or optax:NAME names: an optax transformation, or a function that makes
    one of nothing or of a learning rate.

    `optax:contrib.prodigy` is a function of optax, with its own defaults. The file is run in double
    precision, so that its constants keep their digits. Raises TaskError with one sentence.
    """
    path, attribute = split(name, "my_optimizer.py:make")
    if path == OPTAX:
        return _of_optax(attribute)
    with jax.enable_x64(True):
        module = module_of(Path(path), "an optimizer")
    if not hasattr(module, attribute):
        raise TaskError(f"{path} has no {attribute!r}{hint(attribute, vars(module))}")
    return getattr(module, attribute)


def _of_optax(name: str) -> Any:
    found: Any = optax
    for part in name.split("."):
        if not hasattr(found, part) or part.startswith("_"):
            raise TaskError(f"optax has no {name!r}{hint(part, dir(found))}")
        found = getattr(found, part)
    return found
