"""What a target is: how it spells each primitive, and the names that it keeps for itself."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from . import noise

# A spelling is a Python expression over these names; nothing else in it is replaced.
ARGUMENTS = ("x", "y", "z")
LISTS = ("xs", "ys")  # for a primitive on the whole model: the arrays of all parameters
REDUCERS = frozenset("sum mean max min amax amin norm vector_norm quantile".split())


@dataclass(frozen=True, eq=False)
class Target:
    """A language that programs are exported to.

    numbers: spellings where every argument is a Python number, arrays: where one is an array.
    helpers: functions that some spelling calls, with their source. cast: how a truth value
    becomes 0 or 1, whole: how a value with lost axes gets the shape of the parameter w.
    """

    name: str
    arrays: Mapping[str, str]
    numbers: Mapping[str, str]
    helpers: Mapping[str, str]
    axis: str = "axis"
    keep: str = "keepdims"
    empty_is_all: bool = False  # a reduction over no axes is one over all of them
    in_place: bool = False  # new values overwrite the old ones, parameter by parameter
    traced: bool = False  # hyperparameters, t and lr may be tracers, so `if` cannot read them
    cast: str = "x.astype(w.dtype)"
    whole: str = "x"
    reserved: frozenset[str] = frozenset()


# Operators and built-in functions mean the same for numbers and for arrays of every library.
OPERATORS: dict[str, str] = {
    "add": "x + y",
    "sub": "x - y",
    "mul": "x * y",
    "div": "x / y",
    "pow": "x ** y",
    "mod": "x % y",
    "neg": "-x",
    "matmul": "x @ y",
    "transpose": "x.T",
    "lt": "x < y",
    "le": "x <= y",
    "gt": "x > y",
    "ge": "x >= y",
    "eq": "x == y",
    "ne": "x != y",
    "abs": "abs(x)",
    "square": "x ** 2",
    "cube": "x ** 3",
    "reciprocal": "1 / x",
    "lerp": "x + z * (y - x)",
    "exp10": "10.0 ** x",
    "divide_eps": "x / (y + 1e-08)",
    "role": "role",
    "ndim": "x.ndim",
    "shape": "x.shape[y]",
    "fan_in": "fan_in(x)",
    "fan_out": "fan_out(x)",
    "one_of": "x in y",
}

_SAME_IN_MATH = (
    "sqrt cbrt exp expm1 log log2 log10 log1p sin cos tan sinh cosh tanh isfinite".split()
)

NUMBERS: dict[str, str] = OPERATORS | {
    "where": "y if x else z",
    "maximum": "max(x, y)",
    "minimum": "min(x, y)",
    "clip": "min(max(x, y), z)",
    "relu": "max(x, 0)",
    "sign": "(x > 0) - (x < 0)",
    "floor": "math.floor(x)",
    "sigmoid": "0.5 + 0.5 * math.tanh(0.5 * x)",
    "softplus": "max(x, 0.0) + math.log1p(math.exp(-abs(x)))",
    "exp2": "2.0 ** x",
    "arcsin": "math.asin(x)",
    "arccos": "math.acos(x)",
    "arctan": "math.atan(x)",
    "arcsinh": "math.asinh(x)",
    "arccosh": "math.acosh(x)",
    "arctanh": "math.atanh(x)",
    "divide_no_nan": "x / y if y else 0.0",
    "sqrt_abs": "math.sqrt(abs(x))",
    "log_abs": "math.log(abs(x)) if x else 0.0",
    "power_abs": "abs(x) ** y if x else 0.0",
    "logical_and": "x and y",
    "logical_or": "x or y",
    "logical_not": "not x",
    # A reduction of a number has nothing to reduce.
    "sum": "x",
    "mean": "x",
    "max": "x",
    "min": "x",
    "norm": "abs(x)",
    "rms": "abs(x)",
    "dot": "x * y",
    "cosine": "float(x * y != 0) * math.copysign(1.0, x * y)",
    "orthogonalize": "x / (abs(x) + 1e-08)",
} | {
    name: f"math.{name}(x)"
    for name in _SAME_IN_MATH
} | {"copysign": "math.copysign(x, y)"}


@cache
def parsed(spelling: str) -> ast.expr:
    """Returns the expression of a spelling; callers must not change it."""
    return ast.parse(spelling, mode="eval").body


@cache
def repeats(spelling: str) -> frozenset[str]:
    """Returns the placeholders that a spelling writes more than once."""
    names = [n.id for n in ast.walk(parsed(spelling)) if isinstance(n, ast.Name)]
    return frozenset(name for name in ARGUMENTS if names.count(name) > 1)


@cache
def taken(target: Target) -> frozenset[str]:
    """Returns the names that no variable of a generated text may have."""
    words = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))
    own = frozenset({"math", "role", "i"}) | noise.NAMES
    return words | target.reserved | frozenset(target.helpers) | own
