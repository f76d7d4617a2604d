"""The language: programs as text and as data, what they cost, how they run and where they go."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .check import check, kinds
from .errors import ProgramError
from .load import load
from .parse import parse
from .program import Program
from .text import text

if TYPE_CHECKING:
    from .canonical import canonical_key, structure_key
    from .cost import flops, state_bytes
    from .export import export
    from .lift import lift
    from .lower import lower
    from .probe import behavioural_key
    from .simplify import simplify

# Imported when first asked for: `lower` needs JAX, and reading a program does not.
_LATER = {
    "behavioural_key": ".probe",
    "canonical_key": ".canonical",
    "export": ".export",
    "flops": ".cost",
    "lift": ".lift",
    "lower": ".lower",
    "simplify": ".simplify",
    "state_bytes": ".cost",
    "structure_key": ".canonical",
}

__all__ = [
    "Program",
    "ProgramError",
    "behavioural_key",
    "canonical_key",
    "check",
    "export",
    "flops",
    "kinds",
    "lift",
    "load",
    "lower",
    "parse",
    "simplify",
    "state_bytes",
    "structure_key",
    "text",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name], __name__), name)


class _Package(ModuleType):
    """Keeps `dsl.lower` the function: importing the module of that name would hide it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _LATER and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
