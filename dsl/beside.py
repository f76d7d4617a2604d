"""What a root, a size or a sign makes beside what it is of: x / sqrt(x) = sqrt(x) and its like."""

from __future__ import annotations

from collections.abc import Callable

from .polynomial import ONE, Algebra, Atom, Sum

BESIDE = frozenset({"sqrt", "abs", "sign"})
# The arguments whose sign is that of the result, and those whose sign does not matter.
ODD = {
    **dict.fromkeys(
        ("sign", "tanh", "sinh", "cbrt", "arctan", "arcsinh", "arcsin", "arctanh", "sin", "sum",
         "mean", "global_sum", "global_mean", "transpose", "matrix"), (0,),
    ),
    **dict.fromkeys(("matmul", "dot", "global_dot", "mode"), (0, 1)),
    "copysign": (1,),
}  # fmt: skip
# The arguments that the result is proportional to.
LINEAR = {
    **dict.fromkeys(
        ("sum", "mean", "global_sum", "global_mean", "transpose", "matrix", "div"), (0,)
    ),
    **dict.fromkeys(("matmul", "dot", "global_dot", "mode", "mul"), (0, 1)),
}
EVEN = {
    **dict.fromkeys(
        ("abs", "cos", "cosh", "sqrt_abs", "norm", "rms", "global_norm", "global_rms", "gram"),
        (0,),
    ),
    "copysign": (0,),
}


def beside(
    algebra: Algebra, op: str, inner: Sum, held: dict[Atom, int], atom: Atom,
    call: Callable[[str, tuple[Sum, ...]], Atom],
) -> Sum | None:  # fmt: skip
    """Returns a product of powers that holds op(inner) without it, None if it has to stay.

    call: makes a new atom, a function of a sum. All hold wherever the product is finite.
    """
    exponent, rest = held[atom], {a: e for a, e in held.items() if a != atom}
    if op != "sign" and abs(exponent) >= 2:  # sqrt(x) * sqrt(x), abs(x) * abs(x)
        whole = exponent // 2 if exponent > 0 else -(-exponent // 2)
        left = algebra.product({**rest, atom: exponent - 2 * whole}, ONE)
        return algebra.times(left, algebra.power(inner, whole if op == "sqrt" else 2 * whole))
    base = _as_atom(inner)
    other = rest.get(base, 0) if base is not None else 0
    step = 1 if other > 0 else -1
    if op == "sqrt" and other * exponent < 0:  # x / sqrt(x)
        return algebra.product({**rest, base: other - step, atom: exponent + 2 * step}, ONE)
    if op == "abs" and other * exponent < 0:  # x / abs(x), abs(x) / x
        new, left = call("sign", (inner,)), exponent + step
    elif op == "sign" and exponent > 0 and other > 0:  # x * sign(x)
        new, left = call("abs", (inner,)), exponent - 1
    else:
        return None
    fewer = {**rest, base: other - step, atom: left}
    return algebra.product({**fewer, new: fewer.get(new, 0) + 1}, ONE)


def _as_atom(x: Sum) -> Atom | None:
    """The atom that a sum is, if it is one."""
    if not x.single:
        return x
    ((powers, coefficient),) = x.terms
    return powers[0][0] if coefficient == ONE and len(powers) == 1 and powers[0][1] == 1 else None
