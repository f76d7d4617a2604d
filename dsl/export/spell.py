"""Turns calls into Python expressions, by the spellings of a target."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from primitives import NOISE, TABLE

from ..program import Call, Literal, Ref
from .errors import ExportError
from .levels import FULL, SINGLE, Info, Infos, axes_of, is_of_model, is_oracle, look
from .target import ARGUMENTS, LISTS, REDUCERS, Target, parsed

# Which arguments of a call are asked whether they are true; the others are computed with.
_ASKED = {"where": (0,), "logical_and": (0, 1), "logical_or": (0, 1), "logical_not": (0,)}
_WORDS = frozenset({"axis", "rank"})  # options that a spelling has a place for
_POWER = re.compile(r"\b([\w.]+) \*\* ([\w.]+)\b")
_NEGATIVE = re.compile(r"\b([\w.]+) \*\* \(-([\w.]+)\)")
# `sum((x for x in xs))`: the inner brackets are not needed.
_LONELY = re.compile(r"\b(sum|max|min)\(\((.+? for .+? in (?:[\w.\[\]'\"]+|zip\([^()]*\)))\)\)")
_MIX = "z * x + (1 - z) * y"  # lerp(x, y, 1 - z) as people write it


@dataclass(frozen=True)
class Scope:
    """All that the spelling of a value depends on.

    inlined: calls that are written where they are used. names: variables of the other values.
    lists: for a value read by a reduction over the model, the list of it for all parameters.
    """

    target: Target
    infos: Infos
    inlined: Mapping[int, Call]
    names: Mapping[Ref, str]
    lists: Mapping[Ref, str]


class _Fill(ast.NodeTransformer):
    """Replaces the placeholders of a spelling."""

    def __init__(self, values: Mapping[str, ast.expr], axes: list[ast.keyword]) -> None:
        self.values = values
        self.axes = axes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Puts a value in the place of its placeholder."""
        return self.values.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """Adds the axes to the call that reduces."""
        new = ast.Call(
            self.visit(node.func),
            [self.visit(a) for a in node.args],
            [ast.keyword(k.arg, self.visit(k.value)) for k in node.keywords],
        )
        if isinstance(node.func, ast.Attribute) and node.func.attr in REDUCERS:
            new.keywords += self.axes
        return new

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Copies a node with its children replaced: spellings are shared."""
        fields = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                fields[name] = [self.visit(v) for v in value]
            else:
                fields[name] = self.visit(value) if isinstance(value, ast.AST) else value
        return type(node)(**fields)


def fill(
    spelling: str, values: Mapping[str, ast.expr], axes: list[ast.keyword] | None = None
) -> ast.expr:
    """Returns the expression of a spelling with `values` in the place of its placeholders."""
    return _Fill(values, axes or []).visit(parsed(spelling))


def substituted(made: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr:
    """Returns an expression with others in the place of some of its names."""
    return _Fill(values, []).visit(made)


def chosen(call: Call, scope: Scope) -> tuple[str, tuple[Ref, ...]]:
    """Returns the spelling of a call and its arguments in the order of the placeholders."""
    target, args = scope.target, call.args
    infos = [look(scope.infos, ref) for ref in args]
    python = [info.python for info in infos]
    if call.op == "where":
        return _where(scope, infos), args
    if not is_of_model(call) and all(python) and call.op in target.numbers:
        return target.numbers[call.op], args
    if call.op == "lerp":
        return _lerp(call, scope, python)
    if axes_of(call) and f"{call.op}:axes" in target.arrays:
        return target.arrays[f"{call.op}:axes"], args
    key = f"{call.op}:number"
    if key in target.arrays and any(python):
        return target.arrays[key], args[::-1] if python[0] and _turns(call) else args
    if call.op not in target.arrays:
        kind = "oracle" if is_oracle(call) else "primitive"
        raise ExportError(f"export to {target.name} has no form for the {kind} {call.op}.")
    return target.arrays[call.op], args


def _turns(call: Call) -> bool:
    return TABLE[call.op].commutative and len(call.args) == 2


def _where(scope: Scope, infos: list[Info]) -> str:
    condition, then, orelse = infos
    arrays = scope.target.arrays
    if condition.python:
        plain = scope.target.numbers["where"]
        if then.python == orelse.python or FULL not in (then.form, orelse.form):
            return plain
        return arrays.get("where:then" if then.python else "where:else", plain)
    if then.python and orelse.python:
        return arrays["where:numbers" if condition.leaf else "where:number"]
    return arrays["where"]


def _lerp(call: Call, scope: Scope, python: list[bool]) -> tuple[str, tuple[Ref, ...]]:
    x, y, share = call.args
    if not python[0] and not python[1] and "lerp:arrays" in scope.target.arrays:
        return scope.target.arrays["lerp:arrays"], call.args
    inner = scope.inlined.get(share) if isinstance(share, int) else None
    if inner and inner.op == "sub" and inner.args[0] == Literal(1):
        rest = inner.args[1]
        if not isinstance(rest, int) or rest not in scope.inlined:
            return _MIX, (x, y, rest)
    return scope.target.numbers["lerp"], call.args


def expression(ref: Ref, scope: Scope) -> ast.expr:
    """Returns the expression of a value where it is used."""
    if isinstance(ref, Literal):
        return constant(ref.value)
    if isinstance(ref, int) and ref in scope.inlined:
        return of_call(scope.inlined[ref], scope)
    return ast.Name(scope.names[ref])


def of_call(call: Call, scope: Scope) -> ast.expr:
    """Returns the expression of a call."""
    spelling, args = chosen(call, scope)
    if is_of_model(call):
        return _of_model(call, spelling, scope)
    if TABLE[call.op].scope == NOISE:
        return _drawn(call, spelling, scope)
    if call.op == "one_of":
        choices = ast.Tuple([expression(ref, scope) for ref in args[1:]])
        return fill(spelling, {"x": expression(args[0], scope), "y": choices})
    asked = _ASKED.get(call.op, ())
    values = [_truth(a, scope) if i in asked else _value(a, scope) for i, a in enumerate(args)]
    if call.op == "where" and scope.target.in_place and look(scope.infos, args[0]).python:
        values = [  # what is overwritten in place must not be kept as it is
            fill(scope.target.arrays["copy"], {"x": value}) if ref in ("w", "g") else value
            for ref, value in zip(args, values, strict=True)
        ]
    placed = _WORDS & {n.id for n in ast.walk(parsed(spelling)) if isinstance(n, ast.Name)}
    options = {k: v for k, v in call.options if k not in {*axes_of(call), *placed}}
    given: dict[str, ast.expr] = dict(zip(ARGUMENTS, values, strict=False))
    given |= {k: constant(v) for k, v in call.options if k in placed}
    axes = _axes(call, scope)
    filled = fill(spelling, given, axes)
    if axes and "keep" in axes_of(call) and scope.target.empty_is_all:
        filled = _over_some(call, filled, given)
    if options:
        extra = [ast.keyword(k, constant(v)) for k, v in options.items()]
        assert isinstance(filled, ast.Call), call.op
        filled.keywords += extra
    return filled


def _drawn(call: Call, spelling: str, scope: Scope) -> ast.expr:
    """Returns a draw of noise like an array, of a parameter by its place or of the whole model."""
    (ref,) = call.args
    like = look(scope.infos, ref)
    if like.python or like.weak:
        raise ExportError(
            f"export to {scope.target.name} has {call.op} in the shape of an array only, not of a"
            " number: lower the program instead."
        )
    place = ast.Name("place") if look(scope.infos, call.out).own else constant(-1)
    made = fill(spelling, {"x": number(ref, scope), "place": place})
    assert isinstance(made, ast.Call), call.op
    made.keywords += [ast.keyword(k, constant(v)) for k, v in call.options]
    return made


# What a reduction over no axes leaves.
_UNREDUCED = {"norm": "abs(x)", "rms": "abs(x)", "dot": "x * y"}


def _over_some(call: Call, reduced: ast.expr, given: Mapping[str, ast.expr]) -> ast.expr:
    """Reduces only where the parameter has more axes than those to keep."""
    kept = axes_of(call)["keep"]
    count = len(kept) if isinstance(kept, tuple) else 1
    alone = fill(_UNREDUCED.get(call.op, "x"), given)
    return fill(
        f"y if x.ndim > {count} else z", {"x": given["x"], "y": reduced, "z": alone}
    )


def _of_model(call: Call, spelling: str, scope: Scope) -> ast.expr:
    lists = {k: _list(call, ref, scope) for k, ref in zip(LISTS, call.args, strict=False)}
    return fill(spelling, lists)


def _list(call: Call, ref: Ref, scope: Scope) -> ast.expr:
    """Returns the list of a value for all parameters."""
    if look(scope.infos, ref).leaf and ref in scope.lists:
        return parsed(scope.lists[ref])
    if look(scope.infos, ref).leaf or not is_oracle(call):
        raise ExportError(f"export to {scope.target.name} has no form for this {call.op}.")
    full = fill(scope.target.arrays["full_like"], {"x": ast.Name("w"), "y": number(ref, scope)})
    return fill(f"[x for w in {scope.lists['w']}]", {"x": full})


def _axes(call: Call, scope: Scope) -> list[ast.keyword]:
    options = axes_of(call)
    if not options or look(scope.infos, call.args[0]).form == SINGLE:
        return []
    value = constant(options.get("axis"))
    if "keep" in options:
        others = fill("other_axes(x, y)", {"y": constant(options["keep"])})
        value = fill("y", {"y": others})
        value = _Fill({"x": expression(call.args[0], scope)}, []).visit(value)
    return [ast.keyword(scope.target.axis, value), ast.keyword(scope.target.keep, constant(True))]


def _value(ref: Ref, scope: Scope) -> ast.expr:
    """Returns an expression to compute with: a truth value as 0 or 1."""
    made = expression(ref, scope)
    info = look(scope.infos, ref)
    if not info.truth or isinstance(ref, Literal):
        return made
    if info.python or not info.leaf:
        return fill("float(x)" if info.python else "1.0 * x", {"x": made})
    return fill(scope.target.cast, {"x": made})


def number(ref: Ref, scope: Scope) -> ast.expr:
    """Returns the expression of a value that is stored or handed out."""
    return _value(ref, scope)


def _truth(ref: Ref, scope: Scope) -> ast.expr:
    """Returns an expression to ask: True or False."""
    made = expression(ref, scope)
    if look(scope.infos, ref).truth:
        return made
    return fill("x != 0", {"x": made})


def condition(ref: Ref, scope: Scope) -> ast.expr:
    """Returns the expression that an `if` statement asks."""
    made = expression(ref, scope)
    info = look(scope.infos, ref)
    return made if info.truth or info.python else fill("x != 0", {"x": made})


def constant(value: object) -> ast.expr:
    """Returns the expression of a literal."""
    match value:
        case tuple():
            return ast.Tuple([constant(v) for v in value])
        case float() if math.isnan(value):
            return parsed("math.nan")
        case float() if math.isinf(value):
            return parsed("math.inf" if value > 0 else "-math.inf")
        case int() | float() if not isinstance(value, bool) and math.copysign(1, value) < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)  # type: ignore[arg-type]


def negated(made: ast.expr) -> ast.expr:
    """Returns -x, with the sign at the first factor of a product."""
    if isinstance(made, ast.BinOp) and isinstance(made.op, ast.Mult | ast.Div):
        return ast.BinOp(negated(made.left), made.op, made.right)
    return ast.UnaryOp(ast.USub(), made)


def written(made: ast.expr) -> str:
    """Returns the text of an expression, spaced as people do."""
    text = _LONELY.sub(r"\1(\2)", ast.unparse(ast.fix_missing_locations(made)))
    if '"' in text or "\\" in text:
        return text
    pieces = text.split("'")  # the odd ones are strings
    pieces[::2] = [_NEGATIVE.sub(r"\1**-\2", _POWER.sub(r"\1**\2", p)) for p in pieces[::2]]
    return '"'.join(pieces)
