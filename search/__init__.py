"""Searching for update rules."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .config import Config
    from .run import Run, Search, open_run

__all__ = ["Config", "Run", "Search", "open_run"]


def __getattr__(name: str) -> Any:
    # The command line lives in this package too, and its help must not wait for the rest.
    if name == "Config":
        from .config import Config

        return Config
    if name in __all__:
        from . import run

        return getattr(run, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
