"""Primitives that act entry by entry; their arguments broadcast."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import ModuleType

from .core import Array, Primitive

# Python numbers and strings are known before anything runs; comparing them must stay static.
# NumPy's float64 is a float too, but no static one: hence the exact types.
_STATIC = (bool, int, float, str)


def _truth(xp: ModuleType, truth: Array, *sources: Array) -> Array:
    """Turns truth values into 0 and 1 of the sources' dtype, so that they add and subtract."""
    number = xp.result_type(*sources).type
    # Not `truth.astype`: XLA makes a product with that a selection, in which 0 * NaN is 0.
    return xp.where(truth, number(1), number(0))


def _comparison(compare: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def meaning(xp: ModuleType, x: Array, y: Array) -> Array:
        if x.__class__ in _STATIC and y.__class__ in _STATIC:
            return int(compare(x, y))
        return _truth(xp, compare(x, y), x, y)

    return meaning


def _logical(join: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def meaning(xp: ModuleType, x: Array, y: Array) -> Array:
        both = join(x != 0, y != 0)
        if x.__class__ in _STATIC and y.__class__ in _STATIC:
            return int(both)
        return _truth(xp, both, x, y)

    return meaning


def _logical_not(xp: ModuleType, x: Array) -> Array:
    return int(x == 0) if x.__class__ in _STATIC else _truth(xp, x == 0, x)


def _one_of(xp: ModuleType, x: Array, *choices: Array) -> Array:
    del xp
    return int(x in choices)


def _isfinite(xp: ModuleType, x: Array) -> Array:
    return _truth(xp, xp.isfinite(x), x)


def _pow(xp: ModuleType, x: Array, y: Array) -> Array:
    if y.__class__ is int:
        if y == 2:
            return xp.square(x)
        if x.__class__ is int:
            return xp.power(float(x), y)
    return xp.power(x, y)


def _lerp(xp: ModuleType, x: Array, y: Array, a: Array) -> Array:
    del xp
    return x + a * (y - x)


def _clip(xp: ModuleType, x: Array, low: Array, high: Array) -> Array:
    return xp.minimum(xp.maximum(x, low), high)


def _divide_no_nan(xp: ModuleType, x: Array, y: Array) -> Array:
    empty = y == 0
    return xp.where(empty, 0 * x, xp.divide(x, xp.where(empty, 1, y)))


def _log_abs(xp: ModuleType, x: Array) -> Array:
    size = xp.abs(x)
    return xp.log(xp.where(size == 0, 1, size))


def _power_abs(xp: ModuleType, x: Array, y: Array) -> Array:
    size = xp.abs(x)
    return xp.where(size == 0, 0, xp.power(xp.where(size == 0, 1, size), y))


def _sigmoid(xp: ModuleType, x: Array) -> Array:
    return 0.5 + 0.5 * xp.tanh(0.5 * x)  # does not overflow


def _unary(name: str, doc: str, flops: float = 1.0, function: str = "") -> Primitive:
    """Makes the primitive that is a function of the array namespace itself."""
    wanted = function or name
    return Primitive(name, lambda xp, x: getattr(xp, wanted)(x), 1, flops=flops, doc=doc)


def _row(
    name: str, arity: int, meaning: Callable[..., Array], doc: str, **facts: object
) -> Primitive:
    return Primitive(name, meaning, arity, doc=doc, **facts)  # type: ignore[arg-type]


_SLOW = 10.0  # operations an entry of a transcendental function, roughly

ARITHMETIC = (
    _row("add", 2, lambda xp, x, y: x + y, "x + y.", commutative=True, operator="+"),
    _row("sub", 2, lambda xp, x, y: x - y, "x - y.", operator="-"),
    _row("mul", 2, lambda xp, x, y: x * y, "x * y.", commutative=True, operator="*"),
    _row("div", 2, lambda xp, x, y: xp.divide(x, y), "x / y, with IEEE infinities.", operator="/"),
    _row("pow", 2, _pow, "x to the power y.", operator="**", flops=_SLOW),
    _row("mod", 2, lambda xp, x, y: xp.mod(x, y), "x modulo y, signed as y.", operator="%"),
    _row("neg", 1, lambda xp, x: -x, "-x.", operator="-"),
    _row("maximum", 2, lambda xp, x, y: xp.maximum(x, y), "The larger.", commutative=True),
    _row("minimum", 2, lambda xp, x, y: xp.minimum(x, y), "The smaller.", commutative=True),
    _row("lerp", 3, _lerp, "x + a * (y - x): the way from x to y, a share a of it.", flops=3.0),
    _row("clip", 3, _clip, "x held between a lower and an upper bound.", flops=2.0),
    _row("where", 3, lambda xp, c, x, y: xp.where(c, x, y), "x where c is not 0, y elsewhere."),
    _row("copysign", 2, lambda xp, x, y: xp.copysign(x, y), "The size of x, the sign of y."),
)

POWERS = (
    _unary("abs", "The size of x."),
    _unary("sign", "-1, 0 or 1."),
    _unary("sqrt", "The square root of x, NaN below 0.", 4.0),
    _unary("square", "x * x."),
    _row("cube", 1, lambda xp, x: x * x * x, "x * x * x.", flops=2.0),
    _unary("cbrt", "The real cube root of x.", _SLOW),
    _row("reciprocal", 1, lambda xp, x: xp.divide(1.0, x), "1 / x."),
    _unary("floor", "The largest whole number that is not above x."),
    _row("relu", 1, lambda xp, x: xp.maximum(x, 0), "x above 0, else 0."),
)

EXPONENTIALS = (
    _unary("exp", "e to the power x.", _SLOW),
    _unary("exp2", "2 to the power x.", _SLOW),
    _row("exp10", 1, lambda xp, x: xp.power(10.0, x), "10 to the power x.", flops=_SLOW),
    _unary("expm1", "exp(x) - 1, exact near 0.", _SLOW),
    _unary("log", "The natural logarithm of x, NaN below 0.", _SLOW),
    _unary("log2", "The logarithm of x to base 2, NaN below 0.", _SLOW),
    _unary("log10", "The logarithm of x to base 10, NaN below 0.", _SLOW),
    _unary("log1p", "log(1 + x), exact near 0.", _SLOW),
    _row("sigmoid", 1, _sigmoid, "1 / (1 + exp(-x)).", flops=13.0),
    _row("softplus", 1, lambda xp, x: xp.logaddexp(x, 0.0), "log(1 + exp(x)).", flops=20.0),
)

TRIGONOMETRY = (
    _unary("sin", "The sine of x.", _SLOW),
    _unary("cos", "The cosine of x.", _SLOW),
    _unary("tan", "The tangent of x.", _SLOW),
    _unary("arcsin", "The angle whose sine is x, NaN outside -1 to 1.", _SLOW),
    _unary("arccos", "The angle whose cosine is x, NaN outside -1 to 1.", _SLOW),
    _unary("arctan", "The angle whose tangent is x.", _SLOW),
    _unary("sinh", "The hyperbolic sine of x.", _SLOW),
    _unary("cosh", "The hyperbolic cosine of x.", _SLOW),
    _unary("tanh", "The hyperbolic tangent of x.", _SLOW),
    _unary("arcsinh", "The inverse of sinh.", _SLOW),
    _unary("arccosh", "The inverse of cosh, NaN below 1.", _SLOW),
    _unary("arctanh", "The inverse of tanh, NaN outside -1 to 1.", _SLOW),
)

GUARDED = (
    _row("divide_no_nan", 2, _divide_no_nan, "x / y, and 0 where y is 0.", flops=3.0),
    _row("divide_eps", 2, lambda xp, x, y: xp.divide(x, y + 1e-8), "x / (y + 1e-8).", flops=2.0),
    _row("sqrt_abs", 1, lambda xp, x: xp.sqrt(xp.abs(x)), "The square root of abs(x).", flops=5.0),
    _row("log_abs", 1, _log_abs, "The logarithm of abs(x), and 0 where x is 0.", flops=13.0),
    _row("power_abs", 2, _power_abs, "abs(x) to the power y, and 0 where x is 0.", flops=13.0),
)

TRUTH = (
    _row("lt", 2, _comparison(operator.lt), "1 where x < y, else 0.", operator="<"),
    _row("le", 2, _comparison(operator.le), "1 where x <= y, else 0.", operator="<="),
    _row("gt", 2, _comparison(operator.gt), "1 where x > y, else 0.", operator=">"),
    _row("ge", 2, _comparison(operator.ge), "1 where x >= y, else 0.", operator=">="),
    _row(
        "eq", 2, _comparison(operator.eq), "1 where x == y, else 0.",
        operator="==", commutative=True,
    ),
    _row(
        "ne", 2, _comparison(operator.ne), "1 where x != y, else 0.",
        operator="!=", commutative=True,
    ),
    _row(
        "logical_and", 2, _logical(operator.and_), "1 where neither is 0, else 0.",
        operator="and", commutative=True,
    ),
    _row(
        "logical_or", 2, _logical(operator.or_), "1 where one is not 0, else 0.",
        operator="or", commutative=True,
    ),
    _row("logical_not", 1, _logical_not, "1 where x is 0, else 0.", operator="not"),
    _row("isfinite", 1, _isfinite, "1 where x is a finite number, else 0."),
    _row(
        "one_of", 2, _one_of, "Whether a role or an option is one of those listed.",
        result="static", variadic=True, operator="in",
    ),
)

PRIMITIVES = ARITHMETIC + POWERS + EXPONENTIALS + TRIGONOMETRY + GUARDED + TRUTH
