"""Identities that hold bit for bit, NaN and infinities included: what canonical keys may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .program import Call

if TYPE_CHECKING:
    from .graph import Graph

Rule = Callable[["Graph", list[int], int, Call], int | None]  # the equal node, None if none is


def _add(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    if graph.op[y] == "neg":
        return graph.make("sub", (x, graph.args(y)[0]), region, call)  # x + (-y) -> x - y
    if graph.op[x] == "neg":
        return graph.make("sub", (y, graph.args(x)[0]), region, call)
    return None


def _sub(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    if graph.op[y] == "neg":
        return graph.make("add", (x, graph.args(y)[0]), region, call)  # x - (-y) -> x + y
    return x if graph.integers.get(y) == 0 else None  # x - 0 -> x


def _mul(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    if x == y:
        return graph.make("square", (x,), region, call)  # x * x -> square(x)
    if graph.integers.get(y) == 1:
        return x  # x * 1 -> x
    return y if graph.integers.get(x) == 1 else None


def _div(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del region, call
    return args[0] if graph.integers.get(args[1]) == 1 else None  # x / 1 -> x


def _pow(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    power = graph.integers.get(y)
    if power == 2:
        return graph.make("square", (x,), region, call)  # x**2 -> square(x)
    return x if power == 1 else None  # x**1 -> x


def _neg(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del region, call
    (x,) = args
    return graph.args(x)[0] if graph.op[x] == "neg" else None  # -(-x) -> x


def _abs(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    (x,) = args
    if graph.op[x] == "abs":
        return x  # abs(abs(x)) -> abs(x)
    if graph.op[x] == "neg":
        return graph.make("abs", graph.args(x), region, call)  # abs(-x) -> abs(x)
    return None


def _square(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    (x,) = args
    if graph.op[x] == "neg" or graph.op[x] == "abs":
        return graph.make("square", graph.args(x), region, call)  # square(-x) -> square(x)
    return None


def _where(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del region, call
    _, x, y = args
    return x if x == y and graph.is_full(x) else None  # where(c, x, x) -> x


def _extreme(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del graph, region, call
    return args[0] if args[0] == args[1] else None  # max(x, x) -> x


def _gt(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    return _turned(graph, "lt", args, region, call)  # x > y -> y < x, but for a constant y


def _ge(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    return _turned(graph, "le", args, region, call)  # x >= y -> y <= x, but for a constant y


def _lt(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    return None if not _ends(graph, args) else _turned(graph, "gt", args, region, call)


def _le(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    return None if not _ends(graph, args) else _turned(graph, "ge", args, region, call)


def _turned(graph: Graph, op: str, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    if op in ("lt", "le") and _ends(graph, [y, x]):
        return None
    return graph.make(op, (y, x), region, call)


def _ends(graph: Graph, args: list[int]) -> bool:
    """Whether a comparison reads better turned: `x > 0` and not `0 < x`."""
    x, y = args
    return _is_constant(graph, x) and not _is_constant(graph, y)


def _is_constant(graph: Graph, node: int) -> bool:
    return node in graph.integers or node in graph.slots


EXACT: dict[str, Rule] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "neg": _neg,
    "abs": _abs,
    "square": _square,
    "where": _where,
    "maximum": _extreme,
    "minimum": _extreme,
    "gt": _gt,
    "ge": _ge,
    "lt": _lt,
    "le": _le,
}
