"""The zoo: known optimizers as program texts, each with its paper and its reference."""

from ._catalogue import FAMILIES, NAMES, agreement, family, measured, programs, reference, source

__all__ = [
    "FAMILIES",
    "NAMES",
    "agreement",
    "family",
    "measured",
    "programs",
    "reference",
    "source",
]
