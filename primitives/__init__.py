"""The primitives: every function that a program may call, in one table."""

from . import elementwise, linalg, reductions
from .core import ELEMENTWISE, LEAF, MODEL, Array, Primitive
from .describe import Row
from .describe import describe as _describe
from .kinds import LAYER, SCALAR, STATIC, Kind, tensor

# A new family of primitives is one module more here.
FAMILIES = (elementwise, reductions, linalg)

TABLE: dict[str, Primitive] = {
    primitive.name: primitive for family in FAMILIES for primitive in family.PRIMITIVES
}


def describe() -> list[Row]:
    """Returns name, signature, scope and sentence of every primitive, as rows to print."""
    return _describe(TABLE)


__all__ = [
    "ELEMENTWISE",
    "FAMILIES",
    "LAYER",
    "LEAF",
    "MODEL",
    "SCALAR",
    "STATIC",
    "TABLE",
    "Array",
    "Kind",
    "Primitive",
    "Row",
    "describe",
    "tensor",
]
