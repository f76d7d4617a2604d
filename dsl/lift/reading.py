"""Reads a jaxpr, equation by equation, into expressions of our primitives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import source_info_util
from jax.extend.core import Literal

from .algebra import make
from .axes import AXES, Read
from .nodes import Node, is_number, number
from .unify import Leaves
from .values import JOINS, PLACE, LiftError, Parts, Value, constant, joined_dims, owner

MOST_TURNS = 64  # of a loop that is written out


class Reader:
    """Reads equations over the parameters of one traced model."""

    def __init__(self, leaves: Leaves) -> None:
        self.leaves = leaves
        self.narrow = False  # whether a part is computed in single precision

    def read(self, jaxpr: Any, consts: Sequence[Any], args: Sequence[Any]) -> list[Any]:
        """Returns the values of the outputs of a jaxpr."""
        env = dict(zip(jaxpr.constvars, map(_const, consts), strict=True))
        env |= zip(jaxpr.invars, args, strict=True)

        def value(ref: Any) -> Any:
            return _const(ref.val) if isinstance(ref, Literal) else env[ref]

        for equation in jaxpr.eqns:
            try:
                outs = self.equation(equation, [value(ref) for ref in equation.invars])
            except LiftError as error:
                raise _placed(error, equation) from None
            env |= zip(equation.outvars, outs, strict=True)
        return [value(ref) for ref in jaxpr.outvars]

    def equation(self, equation: Any, args: list[Any]) -> list[Any]:
        """Returns the values that one equation defines."""
        name = equation.primitive.name
        known = [arg for arg in args if isinstance(arg, Unknown)]
        if known and name not in THROUGH:
            raise LiftError(known[0].sentence)
        if name in ELEMENTWISE:
            return [self.elementwise(ELEMENTWISE[name], args)]
        if name in SPECIAL:
            return SPECIAL[name](self, equation, args)
        raise LiftError(WHY.get(name, f"The language has no {name}") + PLACE)

    def elementwise(self, op: str, args: list[Any]) -> Any:
        """Applies a primitive entry by entry, or joins numbers of several parameters."""
        if any(isinstance(arg, Parts) for arg in args) or len(owner(args)) > 1:
            return self.joined(op, args)
        dims = joined_dims(args)
        leaf = next(iter(owner(args)), None)
        if op == "not":
            op = "logical_not"
        return Value(self.made(op, *[arg.node for arg in args]), dims, leaf)

    def made(self, op: str, *args: Node) -> Node:
        """Makes a node; a sum over the model, divided by its size, is a mean."""
        if op == "div" and args[0].op == "global_sum" and is_number(args[1], self.leaves.size):
            return make("global_mean", *args[0].args)
        if op == "mul" and is_number(args[1], 1 / self.leaves.size):
            return self.made("div", args[0], number(self.leaves.size))
        return make(op, *args)

    def joined(self, op: str, args: list[Any]) -> Any:
        """Takes a step from numbers of single parameters to one number of the model."""
        if op not in JOINS:
            raise LiftError(
                f"One parameter meets another in {op}, not in a sum or a maximum{PLACE}"
            )
        terms: dict[Any, Node] = {}
        for arg in args:
            if isinstance(arg, Value) and is_number(arg.node, 0) and op == "add":
                continue
            more = arg.terms if isinstance(arg, Parts) else {arg.leaf: arg.node}
            fits = not isinstance(arg, Parts) or arg.join == op
            if not fits or set(more) & set(terms) or None in more:
                raise LiftError(f"Parameters meet in {op} otherwise than each of them once{PLACE}")
            terms |= more
            if isinstance(arg, Value) and any(arg.dims):
                raise LiftError(f"Whole arrays of several parameters meet in {op}{PLACE}")
        return self.complete(op, terms)

    def complete(self, join: str, terms: dict[int, Node]) -> Any:
        """Returns the number of the model once every parameter has its term."""
        if len(terms) < len(self.leaves.shapes):
            return Parts(join, terms)
        one = self.leaves.unified([terms[leaf] for leaf in sorted(terms)])
        if one is None:
            raise LiftError(f"The terms of a sum differ from parameter to parameter{PLACE}")
        return Value(make(JOINS[join], one))


class Unknown:
    """An array that the language cannot hold; the sentence is told where it is used."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence



def _placed(error: LiftError, equation: Any) -> LiftError:
    place = source_info_util.summarize(equation.source_info)
    place = place.rpartition("site-packages/")[2]
    return LiftError(error.sentence.replace(PLACE, f": {place}.", 1)) if place else error


def _const(value: Any) -> Any:
    if jnp.issubdtype(getattr(value, "dtype", np.dtype(float)), jax.dtypes.prng_key):
        return Unknown(WHY["random_bits"] + PLACE)
    array = np.asarray(value)
    if jnp.issubdtype(array.dtype, jnp.floating) and array.dtype.itemsize < 4:
        array = array.astype(np.float64)
    if array.dtype.kind not in "fiub":
        return Unknown(f"It computes with {array.dtype}{PLACE}")
    if array.size and (array.ndim == 0 or (array == array.flat[0]).all()):
        first = array.flat[0]
        short = float(str(first)) if array.dtype == np.float32 else first.item()
        return constant(short, array.ndim)
    return Unknown(f"It holds an array of {array.size} different numbers, not single ones{PLACE}")


# --- operations that keep the entries where they are


def _power(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    (x,) = args
    return [Value(make("pow", x.node, number(equation.params["y"])), x.dims, x.leaf)]


def _reverse_root(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    (x,) = args
    return [Value(make("div", number(1), make("sqrt", x.node)), x.dims, x.leaf)]


def _select(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    which, *cases = args
    if len(cases) > 2:
        raise LiftError(f"It selects among more than two arrays{PLACE}")
    no, yes = cases
    largest = number(np.iinfo(equation.outvars[0].aval.dtype).max) if _whole(equation) else None
    if largest is not None and no.node is largest:  # a counter that stops before it overflows
        return [yes]
    return [reader.elementwise("where", [which, yes, no])]


def _whole(equation: Any) -> bool:
    return equation.outvars[0].aval.dtype.kind == "i"


def _clamp(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    low, x, high = args
    return [reader.elementwise("clip", [x, low, high])]


def _converted(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    new = np.dtype(equation.params["new_dtype"])
    old = equation.invars[0].aval.dtype
    if new.itemsize < 4 and new.kind != "b":
        raise LiftError(
            f"It rounds to {new.name}{PLACE} Lift it in full precision, and pass"
            f' state_dtype="{new.name}" to lower.'
        )
    reader.narrow = reader.narrow or (new == np.float32 and old.kind in "fi")
    if new.kind == "i" and old.kind == "f":
        raise LiftError(f"It rounds to whole numbers{PLACE}")
    if new.kind == "b" and old.kind != "b":
        return [reader.elementwise("ne", [args[0], constant(0)])]
    return args


def _same(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    return args


# --- computations inside computations


def _inlined(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    params = equation.params
    inner = params.get("jaxpr") or params.get("call_jaxpr") or params.get("fun_jaxpr")
    if params.get("name") == "remainder":
        return [reader.elementwise("mod", args)]
    if params.get("name") == "floor_divide":
        quotient = reader.elementwise("div", args)
        return [Value(make("floor", quotient.node), quotient.dims, quotient.leaf)]
    closed = hasattr(inner, "consts")
    jaxpr, consts = (inner.jaxpr, inner.consts) if closed else (inner, ())
    return reader.read(jaxpr, consts, args)


def _conditional(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    """Reads both sides of a condition; what they give differs by `where`."""
    which, *operands = args
    sides = [reader.read(b.jaxpr, b.consts, operands) for b in equation.params["branches"]]
    if len(sides) > 2:
        raise LiftError(f"It chooses among more than two computations{PLACE}")
    no, yes = sides
    return [
        a if a == b else reader.elementwise("where", [which, a, b])
        for a, b in zip(yes, no, strict=True)
    ]


def _loop(reader: Reader, equation: Any, args: list[Any]) -> list[Any]:
    """Writes a loop of a fixed length out."""
    params = equation.params
    consts, carried = params["num_consts"], params["num_carry"]
    inner, turns = params["jaxpr"], params["length"]
    if len(args) > consts + carried or turns > MOST_TURNS or len(equation.outvars) > carried:
        raise LiftError(f"It loops over the entries of an array{PLACE}")
    state = args[consts:]
    for _ in range(turns):
        state = reader.read(inner.jaxpr, inner.consts, [*args[:consts], *state])
    return state


ELEMENTWISE = {
    **{name: name for name in (
        "add", "sub", "mul", "div", "neg", "abs", "sign", "sqrt", "square", "cbrt", "exp", "exp2",
        "expm1", "log", "log1p", "tanh", "sin", "cos", "tan", "sinh", "cosh", "floor", "lt", "le",
        "gt", "ge", "eq", "ne", "pow", "not",
    )},
    "add_any": "add", "max": "maximum", "min": "minimum", "logistic": "sigmoid",
    "and": "logical_and", "or": "logical_or", "is_finite": "isfinite", "asin": "arcsin",
    "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "rem": "mod",
}  # fmt: skip
SPECIAL: dict[str, Read] = {
    "integer_pow": _power, "rsqrt": _reverse_root, "select_n": _select, "clamp": _clamp,
    "convert_element_type": _converted, "copy": _same, "stop_gradient": _same, "copy_p": _same,
    "cond": _conditional, "scan": _loop, **AXES,
    **dict.fromkeys(
        ("jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call", "remat", "checkpoint",
         "core_call", "custom_vjp_call_jaxpr"), _inlined,
    ),
}  # fmt: skip
THROUGH = frozenset({"jit", "pjit", "cond", "scan", "copy", "stop_gradient"})
NOISE = "It draws random numbers: the noise of a program is its own, so write `normal(Tensor)`"
WHY = {
    **dict.fromkeys(("random_bits", "random_split", "random_wrap", "random_unwrap", "random_seed",
                     "random_fold_in", "threefry2x32", "erf_inv"), NOISE),
    "while": "It loops until something holds, which a program does at most a fixed number of times",
    **dict.fromkeys(("pure_callback", "io_callback", "debug_callback"),
                    "It calls Python at every step"),
}  # fmt: skip
