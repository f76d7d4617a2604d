"""Known rules near a program by structure, and what sets two rules apart in words."""

from .nearest import Near, nearest_structures, set_apart

__all__ = ["Near", "nearest_structures", "set_apart"]
