"""Makes calls the way a person would have written them: a table of rewrites, one call at a time.

Each rewrite keeps the value, but for rounding, wherever all values are finite.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from primitives import TABLE
from primitives.core import ELEMENTWISE

from .nodes import Node, node, number

Rewrite = Callable[..., Node | None]  # of the arguments of a call; None if it stays

NOT_BELOW_ZERO = frozenset(
    {"norm", "rms", "abs", "square", "sqrt", "global_norm", "global_rms", "size", "isfinite"}
)
REDUCTIONS = frozenset({"sum", "mean", "max", "min", "norm", "rms", "dot"})
REWRITES: dict[str, Rewrite] = {}  # filled by `arithmetic` and `conditions`


def make(op: str, *args: Node, detail: object = ()) -> Node:
    """Returns the node of a call, rewritten."""
    known = _folded(op, args) if not detail else None
    if known is None and op in REWRITES:
        known = REWRITES[op](*args, detail) if op in REDUCTIONS else REWRITES[op](*args)
    return node(op, *args, detail=detail) if known is None else known


def _folded(op: str, args: tuple[Node, ...]) -> Node | None:
    """Works a call on numbers out, but for `1 - c`, which reads better."""
    values = [arg.value for arg in args]
    if None in values or TABLE[op].scope != ELEMENTWISE or (op == "sub" and values[0] == 1):
        return None
    with np.errstate(all="ignore"):
        result = TABLE[op].meaning(np, *values)
    return number(result.item() if isinstance(result, np.generic | np.ndarray) else result)


def is_whole(one: Node) -> bool:
    """Tells whether a value is one number for the layer or the model."""
    if one.op in REDUCTIONS:
        return not one.detail
    if one.op.startswith("global_") or one.op in ("size", "ndim", "number"):
        return True
    if not one.args:
        return one.op == "input" and one.detail in ("t", "lr", "loss")
    return all(map(is_whole, one.args))
