"""Rewrites of sums, products, powers and reductions."""

from __future__ import annotations

from itertools import permutations

from .calls import NOT_BELOW_ZERO, REWRITES, Rewrite, is_whole, make
from .nodes import Node, close, is_number, node, number

ROOTS = {"sum": "norm", "mean": "rms", "global_sum": "global_norm", "global_mean": "global_rms"}


def _add(x: Node, y: Node) -> Node | None:
    for a, b in ((x, y), (y, x)):
        if is_number(b, 0):
            return a
        if b.op == "neg":
            same = a.op == "neg"
            return make("neg", make("add", *x.args, *y.args)) if same else make("sub", a, *b.args)
        if _is_negative_product(b):
            return make("sub", a, _flipped(b))
        if b.op == "sub" and b.args[1] is a:
            return b.args[0]
        if a.op == "sub" and is_number(a.args[1]) and is_number(b):
            return make("sub", a.args[0], number(a.args[1].detail - b.detail))  # type: ignore
    return _average(x, y) or _average(y, x)


def _average(x: Node, y: Node) -> Node | None:
    """Reads b * x + (1 - b) * y as lerp(x, y, 1 - b), b the larger share or that of a state."""
    b, kept = _share(x)
    a, new = _share(y)
    if b is None or a is None:
        return None
    if isinstance(b, Node) or isinstance(a, Node):
        if not (isinstance(b, Node) and isinstance(a, Node) and b.op == "sub"):
            return None
        whole = is_number(b.args[0], 1) and b.args[1] is a
        return make("lerp", kept, new, a) if whole else None  # (1 - a) * kept + a * new
    if not close(a + b, 1) or not (kept.op == "state" or (b >= a and new.op != "state")):
        return None
    return node("lerp", kept, new, node("sub", number(1), number(_rounder(a, b))))


def _rounder(a: float, b: float) -> float:
    """Returns b as it was written: 0.9, not 1 - 0.09999999999999998."""
    return b if len(repr(b)) <= len(repr(1 - a)) else 1 - a


def _share(one: Node) -> tuple[float | Node | None, Node]:
    if one.op != "mul":
        return None, one
    for c, x in permutations(one.args):
        if is_number(c) and not is_number(x):
            return float(c.detail), x  # type: ignore[arg-type]
    return one.args[0], one.args[1]


def _is_negative_product(one: Node) -> bool:
    return one.op == "mul" and is_number(one.args[0]) and one.args[0].detail < 0  # type: ignore


def _flipped(one: Node) -> Node:
    return make("mul", number(-one.args[0].detail), *one.args[1:])  # type: ignore[operator]


def _sub(x: Node, y: Node) -> Node | None:
    if is_number(y, 0):
        return x
    if is_number(x, 0):
        return make("neg", y)
    if x is y:
        return number(0)
    if y.op == "neg":
        return make("add", x, y.args[0])
    if x.op == "neg":
        return make("neg", make("add", x.args[0], y))
    if _is_negative_product(y):
        return make("add", x, _flipped(y))
    if x.op == "sub" and is_number(x.args[1]) and is_number(y):
        return make("sub", x.args[0], number(x.args[1].detail + y.detail))  # type: ignore
    if x.op == "add" and is_number(y) and is_number(x.args[1]):
        return make("add", x.args[0], number(x.args[1].detail - y.detail))  # type: ignore
    return None


def _mul(x: Node, y: Node) -> Node | None:
    for a, b in ((x, y), (y, x)):
        if is_number(a, 0) or is_number(a, 1):
            return b if a.detail else a
        if is_number(a, -1):
            return make("neg", b)
        if a.op == "neg":
            return make("neg", make("mul", a.args[0], b) if a is x else make("mul", b, a.args[0]))
        if a.op == "div" and is_number(a.args[0], 1):
            return make("div", b, a.args[1])
        if _is_negative_product(a) and not is_number(b):
            return make("mul", a.args[0], make("mul", a.args[1], b))
        if a.op == "mul" and a.args[1] is b:
            return make("mul", a.args[0], square(b))
    if x is y:
        return make("square", x)
    return node("mul", y, x) if is_number(y) else None


def _div(x: Node, y: Node) -> Node | None:
    if is_number(y, 1):
        return x
    if x is y:
        return number(1)
    if x.op == "neg":
        return make("neg", make("div", x.args[0], y))
    if y.op == "neg":
        return make("neg", make("div", x, y.args[0]))
    if y.op == "div" and is_number(y.args[0], 1):
        return make("mul", x, y.args[1])
    if x.op == "sum" and y.op == "size" and not x.detail:
        return make("mean", *x.args)
    return None


def _neg(x: Node) -> Node | None:
    if x.op == "neg":
        return x.args[0]
    return _flipped(x) if _is_negative_product(x) else None


def _pow(x: Node, y: Node) -> Node | None:
    powers = {1: lambda: x, 2: lambda: make("square", x), 0.5: lambda: make("sqrt", x)}
    powers |= {-1: lambda: make("div", number(1), x), -2: lambda: make("div", number(1), square(x))}
    powers |= {-0.5: lambda: make("div", number(1), make("sqrt", x)), 0: lambda: number(1)}
    return powers[y.detail]() if is_number(y) and y.detail in powers else None  # type: ignore


def square(x: Node) -> Node:
    """Returns x * x."""
    return make("square", x)


def _square(x: Node) -> Node | None:
    if x.op in ("neg", "abs"):
        return make("square", x.args[0])
    return x.args[0] if x.op == "sqrt" else None


def _lerp(x: Node, y: Node, share: Node) -> Node | None:
    if share.op == "where" and any(is_number(one, 0) or is_number(one, 1) for one in share.args):
        return make("where", share.args[0], *(make("lerp", x, y, s) for s in share.args[1:]))
    if is_number(share, 0) or is_number(share, 1):
        return y if share.detail else x
    if share.op == "sub" and is_number(share.args[0], 1):
        return None
    if x.op != "state" and y.op == "state":
        return node("lerp", y, x, node("sub", number(1), share))
    return None


def _abs(x: Node) -> Node | None:
    return x if x.op in NOT_BELOW_ZERO else None


def _sqrt(x: Node) -> Node | None:
    if x.op == "square":
        return make("abs", x.args[0])
    if x.op == "where" and any(map(is_number, x.args[1:])):
        return make("where", x.args[0], *(make("sqrt", side) for side in x.args[1:]))
    if x.op in ROOTS and x.args[0].op == "square":
        return node(ROOTS[x.op], *x.args[0].args, detail=x.detail)
    return None


def _reduced(op: str) -> Rewrite:
    def rewrite(x: Node, detail: object) -> Node | None:
        return x if x.op == op and not detail and not x.detail else None

    return rewrite


def _sum(x: Node, detail: object) -> Node | None:
    if x.op == "mul" and not detail and not any(map(is_number, x.args)):
        return node("dot", *x.args)
    return x if x.op in ("sum", "dot") and not detail and not x.detail else None


def _global_sum(x: Node) -> Node | None:
    if x.op == "sum" and not x.detail:
        return make("global_sum", *x.args)
    if x.op in ("dot", "mul") and not x.detail and not any(map(is_number, x.args)):
        return node("global_dot", *x.args)
    if x.op == "square" and x.args[0].op == "norm" and not x.args[0].detail:
        return make("global_sum", square(*x.args[0].args))
    return None


def _global_extreme(op: str) -> Rewrite:
    def rewrite(x: Node) -> Node | None:
        return make(f"global_{op}", *x.args) if x.op == op and not x.detail else None

    return rewrite


def _maximum(x: Node, y: Node) -> Node | None:
    if x is y:
        return x
    for a, b in ((x, y), (y, x)):
        if is_number(b, 0) and a.op in NOT_BELOW_ZERO:
            return a
    return node("maximum", y, x) if is_number(x) else None


def _minimum(x: Node, y: Node) -> Node | None:
    for a, b in ((x, y), (y, x)):
        if a.op == "maximum" and not is_number(b, 1):
            low, one = sorted(a.args, key=is_whole, reverse=True)
            return node("clip", one, low, b)
    return node("minimum", y, x) if is_number(x) else None


REWRITES |= {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "neg": _neg, "pow": _pow, "abs": _abs,
    "lerp": _lerp, "square": _square, "sqrt": _sqrt, "sum": _sum, "max": _reduced("max"),
    "min": _reduced("min"), "global_sum": _global_sum, "global_max": _global_extreme("max"),
    "global_min": _global_extreme("min"), "maximum": _maximum, "minimum": _minimum,
}  # fmt: skip
