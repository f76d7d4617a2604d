"""Calls with all rewrites in place: what the other modules make nodes with."""

from . import arithmetic, conditions
from .calls import NOT_BELOW_ZERO, is_whole, make
from .conditions import chosen, is_step_test

__all__ = [
    "NOT_BELOW_ZERO",
    "arithmetic",
    "chosen",
    "conditions",
    "is_step_test",
    "is_whole",
    "make",
]
