"""Searching for update rules."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .config import Config
    from .kept import Run, open_run
    from .run import Search

__all__ = ["Config", "Run", "Search", "open_run"]


_HOMES = {"Config": "config", "Run": "kept", "Search": "run", "open_run": "kept"}


def __getattr__(name: str) -> Any:
    # The command line lives in this package too, and its help must not wait for the rest.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
