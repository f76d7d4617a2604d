"""The published listings of the Lion paper: their form, and the functions as they define them.

Symbolic Discovery of Optimization Algorithms. Chen et al., 2023. arXiv:2302.06675.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass

from .build import Builder
from .names import INPUTS
from .program import Literal, Ref

Pattern = tuple | str | float  # (primitive, pattern, ...), an argument "x", "y", "a", a constant


@dataclass(frozen=True)
class Listed:
    """A function of the listings, written with primitives."""

    arity: int
    pattern: Pattern


def _plain(op: str, arity: int = 1) -> Listed:
    return Listed(arity, (op, *"xya"[:arity]))


_ABS = ("abs", "x")
_NORMS = ("mul", ("global_norm", "x"), ("global_norm", "y"))
_SCALE = ("minimum", 1.0, ("divide_eps", "y", ("global_norm", "x")))

# The 45 functions but for the operators. Division, roots and logarithms are guarded.
FUNCTIONS: dict[str, Listed] = {
    "max": _plain("maximum", 2),
    "min": _plain("minimum", 2),
    "get_pi": Listed(0, math.pi),
    "get_e": Listed(0, math.e),
    "get_eps": Listed(0, 1e-8),
    **{name: _plain(name) for name in ("cos", "sin", "tan", "arcsin", "arccos", "arctan")},
    **{name: _plain(name) for name in ("sinh", "cosh", "tanh")},
    **{name: _plain(name) for name in ("arcsinh", "arccosh", "arctanh")},
    **{name: _plain(name) for name in ("exp", "exp2", "exp10", "expm1")},
    "log": Listed(1, ("log", _ABS)),
    "log2": Listed(1, ("log2", _ABS)),
    "log10": Listed(1, ("log10", _ABS)),
    "log1p": Listed(1, ("log", ("abs", ("add", 1.0, "x")))),
    "square": _plain("square"),
    "sqrt": _plain("sqrt_abs"),
    "cube": _plain("cube"),
    "cbrt": _plain("cbrt"),
    "reciprocal": Listed(1, ("divide_eps", 1.0, "x")),
    "power": _plain("pow", 2),
    "abs": _plain("abs"),
    "sign": _plain("sign"),
    "negative": _plain("neg"),
    "norm": _plain("norm"),
    "global_norm": _plain("global_norm"),
    "dot": _plain("global_dot", 2),
    "cosine_sim": Listed(2, ("divide_eps", ("global_dot", "x", "y"), _NORMS)),
    "clip_by_global_norm": Listed(2, ("mul", "x", _SCALE)),
    "interpolate": _plain("lerp", 3),
    "interp": _plain("lerp", 3),  # as the listings abbreviate it
    "clip": Listed(2, ("clip", "x", ("neg", "y"), "y")),
}

OPERATORS = {"div": "divide_eps"}  # what `/` means in a listing


def is_listing(function: ast.FunctionDef) -> bool:
    """Tells whether a `def` ends in a tuple return, `return update, m, v`, and asks for more
    than inputs."""
    last = function.body[-1]
    tupled = isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple)
    return tupled and any(argument.arg not in INPUTS for argument in function.args.args)


def expand(
    builder: Builder, node: ast.AST, function: Listed, refs: list[Ref], name: str = ""
) -> Ref:
    """Adds the calls that a function of the listings stands for."""
    bound = dict(zip("xya", refs, strict=False))

    def built(pattern: Pattern, name: str = "") -> Ref:
        if isinstance(pattern, float):
            return Literal(pattern)
        if isinstance(pattern, str):
            return bound[pattern]
        assert isinstance(pattern, tuple)
        op, *parts = pattern
        return builder.call(node, op, *[built(part) for part in parts], name=name)

    return built(function.pattern, name)
