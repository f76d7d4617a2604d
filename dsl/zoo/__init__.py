"""The zoo: known optimizers as program texts, each with its paper and its reference."""

from ._catalogue import (
    COMBINATORS,
    EVERY,
    EXPRESSIONS,
    FAMILIES,
    NAMES,
    SAME_AS,
    agreement,
    family,
    measured,
    noticed,
    programs,
    reference,
    source,
)

__all__ = [
    "COMBINATORS",
    "EVERY",
    "EXPRESSIONS",
    "FAMILIES",
    "NAMES",
    "SAME_AS",
    "agreement",
    "family",
    "measured",
    "noticed",
    "programs",
    "reference",
    "source",
]
