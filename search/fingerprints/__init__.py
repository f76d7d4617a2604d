"""Fingerprints of rules: vectors made from what they do, and those of the whole zoo."""

from .neighbours import Families, between, families, nearest
from .stored import Kept, kept
from .vector import fingerprint, known_or_taken

__all__ = [
    "Families",
    "Kept",
    "between",
    "families",
    "fingerprint",
    "kept",
    "known_or_taken",
    "nearest",
]
