"""Expressions of a syntax tree, as calls of primitives."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from primitives import NOISE, TABLE, Primitive

from . import listing, zoo
from .build import Builder, Settle
from .errors import nearest
from .names import KINDS
from .program import Literal, Ref
from .syntax import definitions, refuse

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}
STATIC: dict[type[ast.operator], Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
PAIRED = {"max": "maximum", "min": "minimum"}  # of several arguments
# What takes its option without its name too.
POSITIONAL = ("gram", "mode", "solve_along", "singular_vectors")
MAX_INT = 2**53  # beyond it a double does not hold every whole number


def value(builder: Builder, node: ast.expr, name: str = "") -> Ref:
    """Returns the value of an expression; `name` is the variable it is assigned to."""
    match node:
        case ast.Constant():
            return Literal(constant(builder, node))
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
            return Literal(-number)
        case ast.Name():
            return _name(builder, node)
        case ast.BinOp(left, op, right) if type(op) in BINARY:
            args = value(builder, left), value(builder, right)
            word = BINARY[type(op)]
            word = listing.OPERATORS.get(word, word) if builder.scope.listing else word
            return builder.call(node, word, *args, name=name)
        case ast.UnaryOp(ast.USub() | ast.Not() as op, operand):
            word = "neg" if isinstance(op, ast.USub) else "logical_not"
            return builder.call(node, word, value(builder, operand), name=name)
        case ast.UnaryOp(ast.UAdd(), operand):
            return value(builder, operand, name)
        case ast.BoolOp(op, operands):
            word = "logical_and" if isinstance(op, ast.And) else "logical_or"
            return _chain(builder, node, word, operands, name)
        case ast.Compare():
            return _comparison(builder, node, name)
        case ast.IfExp(test, then, orelse):
            args = value(builder, test), value(builder, then), value(builder, orelse)
            return builder.call(node, "where", *args, name=name)
        case ast.Attribute(inner, "T"):
            return builder.call(node, "transpose", value(builder, inner), name=name)
        case ast.Attribute(ast.Name(program), _) if program in builder.scope.programs:
            return builder.held(node, state_of(builder, node, program), node.attr)
        case ast.Subscript(ast.Name(word)) if word in builder.scope.groups:
            return builder.held(node, axis_of(builder, node, word), word)
        case ast.Subscript(ast.Name(word)) if builder.knows(word):
            return Literal(static(builder, node, f"{word}[i]"))  # type: ignore[arg-type]
        case ast.Call(ast.Name("len")):
            return Literal(static(builder, node, "len"))  # type: ignore[arg-type]
        case ast.Call():
            return _call(builder, node, name)
    raise builder.at(node, str(refuse(node)))


def state_of(builder: Builder, node: ast.Attribute, program: str) -> str:
    """Returns the key of `env` that `inner.m` stands for: a state of a program that was called."""
    called = builder.scope.called.get(program)
    if called is None:
        raise builder.at(node, f"{program}.{node.attr} is known once {program} has been called.")
    if node.attr not in called.states:
        sentence = f"{called.name} has no state {node.attr}."
        raise builder.at(node, sentence, nearest(node.attr, called.states))
    return called.prefix + node.attr


def axis_of(builder: Builder, node: ast.Subscript, name: str) -> str:
    """Returns the key of `env` that `L[axis]` or `h[-1]` stands for: one state of a group."""
    count = builder.scope.groups[name]
    place = static(builder, node.slice, "A place")
    if not isinstance(place, int) or not -count <= place < count:
        raise builder.at(node, f"{name} has the places 0 to {count - 1}, and not {place!r}.")
    return f"{builder.scope.prefix}{name}[{place % count}]"


def constant(builder: Builder, node: ast.Constant) -> int | float | bool | str | None:
    """Returns the value of a number, a word or None."""
    held = node.value
    if isinstance(held, int) and abs(held) > MAX_INT:
        raise builder.at(node, "Whole numbers go to 2**53: write a decimal point, as in 1e30.")
    if held is None or isinstance(held, int | float | str):
        return held
    raise builder.at(node, f"Expected a number, not {held!r}.")


def static(builder: Builder, node: ast.expr, what: str) -> object:
    """Returns the Python value of an expression that must be known before the run."""
    match node:
        case ast.Constant():
            return constant(builder, node)
        case ast.UnaryOp(ast.USub(), operand):
            return -_number(builder, operand, what)
        case ast.Tuple(elements):
            return tuple(static(builder, element, what) for element in elements)
        case ast.BinOp(left, op, right) if type(op) in STATIC:
            sides = _number(builder, left, what), _number(builder, right, what)
            held = STATIC[type(op)](*sides)
            if abs(held) <= MAX_INT:
                return held
        case ast.Call(ast.Name("len"), [argument], []):
            held = static(builder, argument, what)
            if isinstance(held, tuple):
                return len(held)
        case ast.Subscript(base, index):
            held, place = static(builder, base, what), static(builder, index, what)
            if isinstance(held, tuple) and isinstance(place, int):
                if -len(held) <= place < len(held):
                    return held[place]
                raise builder.at(node, f"There are {len(held)} numbers, and none at {place}.")
        case ast.Name():
            ref = _name(builder, node)
            if isinstance(ref, Literal):
                return ref.value
            if isinstance(ref, str) and builder.all_static((ref,)):
                raise Settle(ref)
    raise builder.at(node, f"{what} must be known before the run: a whole number, not data.")


def _number(builder: Builder, node: ast.expr, what: str) -> int | float:
    held = static(builder, node, what)
    if isinstance(held, int | float):
        return held
    raise builder.at(node, f"{what} takes numbers, not {held!r}.")


def _name(builder: Builder, node: ast.Name) -> Ref:
    known = builder.scope.prefix + node.id in builder.env
    if not known and (node.id in TABLE or node.id in PAIRED or node.id in builder.definitions):
        raise builder.at(node, f"{node.id} is a function: call it, as in {node.id}(x).")
    if not known and node.id in builder.scope.groups:
        raise builder.at(node, f"{node.id} is several states: read one, as in {node.id}[0].")
    if not known and node.id in KINDS:
        raise builder.at(node, f"{node.id} is a kind: it declares a state, as in `m: Tensor = 0`.")
    return builder.read(node)


def _chain(
    builder: Builder, node: ast.AST, op: str, operands: list[ast.expr], name: str
) -> Ref:
    result = value(builder, operands[0])
    for operand in operands[1:]:
        ref = value(builder, operand)
        last = name if operand is operands[-1] else ""
        result = builder.call(node, op, result, ref, name=last)
    return result


def _comparison(builder: Builder, node: ast.Compare, name: str) -> Ref:
    if len(node.ops) > 1:
        raise builder.at(node, "Compare two values at a time and join them with `and`.")
    left, op, right = value(builder, node.left), node.ops[0], node.comparators[0]
    if type(op) in COMPARE:
        return builder.call(node, COMPARE[type(op)], left, value(builder, right), name=name)
    if not isinstance(op, ast.In | ast.NotIn):
        raise builder.at(node, "`is` is not in the language: write `==`.")
    if not isinstance(right, ast.Tuple) or not right.elts:
        raise builder.at(right, '`in` takes a tuple, as in `role(w) in ("embedding", "head")`.')
    choices = [Literal(static(builder, element, "`in`")) for element in right.elts]  # type: ignore[arg-type]
    inside = isinstance(op, ast.In)
    found = builder.call(node, "one_of", left, *choices, name=name if inside else "")
    return found if inside else builder.call(node, "logical_not", found, name=name)


def _call(builder: Builder, node: ast.Call, name: str) -> Ref:
    if not isinstance(node.func, ast.Name):
        raise builder.at(node.func, str(refuse(node.func)))
    for part in (*node.args, *node.keywords):
        if isinstance(part, ast.Starred) or (isinstance(part, ast.keyword) and not part.arg):
            raise builder.at(part, "`*` before an argument is not in the language.")
    word = node.func.id
    if builder.scope.listing and word in listing.FUNCTIONS:
        return _listed(builder, node, word, name)
    if word in builder.scope.programs:
        return builder.inline.program(builder, node, word)
    if word in builder.definitions:
        return builder.inline.definition(builder, node, builder.definitions[word])
    if word == "every":
        return _every(builder, node, name)
    if word in PAIRED and len(node.args) > 1:
        _no_options(builder, node, word)
        return _chain(builder, node, PAIRED[word], node.args, name)
    if word in TABLE:
        return _primitive(builder, node, TABLE[word], name)
    return _other(builder, node, word)


def _other(builder: Builder, node: ast.Call, word: str) -> Ref:
    """Calls a program of the zoo, or says what the word may have meant."""
    if builder.scope.prefix + word in builder.env:
        raise builder.at(node, f"{word} is a value, not a function.")
    if word in zoo.EVERY:
        function = definitions(zoo.source(word))[word]
        return builder.inline.definition(builder, node, function, foreign=True)
    known = [*TABLE, *PAIRED, *builder.definitions, *zoo.EVERY, "every"]
    raise builder.at(node, f"There is no function {word}.", nearest(word, known))


def _no_options(builder: Builder, node: ast.Call, word: str) -> None:
    for keyword in node.keywords:
        raise builder.at(keyword, f"{word} of several arguments takes no option {keyword.arg}.")


def _primitive(builder: Builder, node: ast.Call, primitive: Primitive, name: str) -> Ref:
    arity, given = primitive.arity, len(node.args)
    more = primitive.options if primitive.name in POSITIONAL else ()
    if given < arity or (given > arity + len(more) and not primitive.variadic):
        plural = "argument" if arity == 1 else "arguments"
        raise builder.at(node, f"{primitive.name} takes {arity} {plural}, not {given}.")
    operands = node.args if primitive.variadic else node.args[:arity]
    refs = [value(builder, argument) for argument in operands]
    if primitive.name == "shape":
        refs[1] = Literal(_number(builder, node.args[1], "The axis"))
    options: dict[str, object] = {
        word: static(builder, argument, f"The {word}")
        for word, argument in zip(more, node.args[arity:], strict=False)
    }
    for keyword in node.keywords:
        word = str(keyword.arg)
        if word not in primitive.options:
            raise builder.at(keyword, *_no_such_option(primitive, word))
        options[word] = static(builder, keyword.value, f"{word}=")
    if primitive.scope == NOISE:
        stream = options.setdefault("stream", builder.streams)  # two calls are two draws
        if isinstance(stream, int):
            builder.streams = max(builder.streams, stream + 1)
    return builder.call(node, primitive.name, *refs, options=tuple(options.items()), name=name)


def _no_such_option(primitive: Primitive, word: str) -> tuple[str, str]:
    if not primitive.options:
        return f"{primitive.name} takes no options.", ""
    choices = ", ".join(f"{option}=" for option in primitive.options)
    near = nearest(word, primitive.options)
    return f"{primitive.name} has no option {word}: it takes {choices}.", near


def _every(builder: Builder, node: ast.Call, name: str) -> Ref:
    """every(k, offset=0) is (t - offset) % k == 0."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if not 1 <= len(given) <= 2 or any(k.arg != "offset" for k in node.keywords):
        raise builder.at(node, "every takes a number of steps and an offset, as in every(10, 1).")
    step = builder.read(ast.copy_location(ast.Name("t"), node))
    refs = [value(builder, argument) for argument in given]
    if len(refs) == 2:
        step = builder.call(node, "sub", step, refs[1])
    left = builder.call(node, "mod", step, refs[0])
    return builder.call(node, "eq", left, Literal(0), name=name)


def _listed(builder: Builder, node: ast.Call, word: str, name: str) -> Ref:
    """Calls a function with the meaning that the Lion paper gives it."""
    if node.keywords:
        raise builder.at(node.keywords[0], f"{word} takes no options in a listing.")
    function = listing.FUNCTIONS[word]
    refs = [value(builder, argument) for argument in node.args]
    if len(refs) != function.arity:
        raise builder.at(node, f"{word} takes {function.arity} arguments, not {len(refs)}.")
    return listing.expand(builder, node, function, refs, name)
