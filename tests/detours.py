"""Other ways to write a call, and identities that are exact in floating point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from dsl.program import Call, Literal, Ref

Numbers = Iterator[int]
Made = tuple[list[Call], Ref]  # calls, and the value that they end in

# --- calls written out in others


def _lerp(call: Call, fresh: Numbers) -> list[Call]:
    x, y, share = call.args
    way, part = next(fresh), next(fresh)
    return [
        Call(way, "sub", (y, x)),
        Call(part, "mul", (way, share)),
        replace(call, op="add", args=(part, x)),
    ]


def _sub(call: Call, fresh: Numbers) -> list[Call]:
    x, y = call.args
    less = next(fresh)
    return [Call(less, "neg", (y,)), replace(call, op="add", args=(less, x))]


def _square(call: Call, fresh: Numbers) -> list[Call]:
    del fresh
    return [replace(call, op="mul", args=call.args * 2)]


def _clip(call: Call, fresh: Numbers) -> list[Call]:
    x, low, high = call.args
    floor = next(fresh)
    return [
        Call(floor, "maximum", (low, x)),
        replace(call, op="minimum", args=(high, floor)),
    ]


def _mul(call: Call, fresh: Numbers) -> list[Call]:
    x, y = call.args
    less, other = next(fresh), next(fresh)
    return [
        Call(less, "neg", (x,)),
        Call(other, "neg", (y,)),
        replace(call, args=(other, less)),
    ]


FORMS: Mapping[str, Callable[[Call, Numbers], list[Call]]] = {
    "lerp": _lerp, "sub": _sub, "square": _square, "clip": _clip, "mul": _mul,
}  # fmt: skip


# --- identities


def _one(op: str, *others: Ref) -> Callable[[Ref, Numbers], Made]:
    def identity(ref: Ref, fresh: Numbers) -> Made:
        out = next(fresh)
        return [Call(out, op, (ref, *others))], out

    return identity


def _twice(op: str) -> Callable[[Ref, Numbers], Made]:
    def identity(ref: Ref, fresh: Numbers) -> Made:
        out = next(fresh)
        return [Call(out, op, (ref, ref))], out

    return identity


def _negated(ref: Ref, fresh: Numbers) -> Made:
    first, out = next(fresh), next(fresh)
    return [Call(first, "neg", (ref,)), Call(out, "neg", (first,))], out


def _chosen(ref: Ref, fresh: Numbers) -> Made:
    first, out = next(fresh), next(fresh)
    return [Call(first, "gt", (ref, Literal(0.5))), Call(out, "where", (first, ref, ref))], out


def _signed(ref: Ref, fresh: Numbers) -> Made:
    first, out = next(fresh), next(fresh)
    return [Call(first, "abs", (ref,)), Call(out, "copysign", (first, ref))], out


IDENTITIES: tuple[Callable[[Ref, Numbers], Made], ...] = (
    _one("mul", Literal(1)), _one("div", Literal(1)), _one("sub", Literal(0)), _twice("maximum"),
    _twice("minimum"), _negated, _chosen, _signed,
)  # fmt: skip
