"""All primitives in one table."""

from __future__ import annotations

from . import elementwise, linalg, oracles, reductions
from .core import Primitive

# A new family of primitives is one module more here.
FAMILIES = (elementwise, reductions, linalg, oracles)

TABLE: dict[str, Primitive] = {
    primitive.name: primitive for family in FAMILIES for primitive in family.PRIMITIVES
}
