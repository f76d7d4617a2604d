"""Programs that are handed to other programs, and the numbers that they are given."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from . import zoo
from .build import Builder
from .errors import nearest
from .expressions import static, value
from .program import Literal, Ref
from .scope import Bound
from .signature import defaults, overridden, program_parameters, takes_a_program
from .syntax import definitions

PIPE = definitions("def pipe(first, second, w, g):\n    return second(w, first(w, g))\n")["pipe"]


def passed(builder: Builder, node: ast.expr, name: str, default: object) -> Ref:
    """Returns what a hyperparameter is given: a value for a float, else a word or whole number."""
    if isinstance(default, float):
        return value(builder, node, name)
    return Literal(_override(builder, node, name, default))  # type: ignore[arg-type]


def _override(builder: Builder, node: ast.expr, name: str, default: object) -> object:
    held = static(builder, node, name)
    try:
        return overridden(default, held, name)  # type: ignore[arg-type]
    except ValueError as error:
        raise builder.at(node, str(error)) from None


def handed(
    builder: Builder,
    node: ast.expr,
    function: ast.FunctionDef,
    name: str,
    given: Mapping[str, ast.expr],
) -> Bound:
    """Returns the program that a call gives to `function` under `name`."""
    if name not in given:
        raise builder.at(node, takes_a_program(function, name))
    return bound(builder, given[name])


def bound(builder: Builder, node: ast.expr) -> Bound:
    """Reads what stands for a program: a name, a name with numbers, a pipe `a | b`."""
    match node:
        case ast.Name(word) if word in builder.scope.programs:
            return builder.scope.programs[word]
        case ast.Name(word):
            return _named(builder, node, word, ast.Call(node, [], []))
        case ast.Call(ast.Name(word)):
            return _named(builder, node, word, node)
        case ast.BinOp(left, ast.BitOr(), right):
            programs = {"first": bound(builder, left), "second": bound(builder, right)}
            return Bound(PIPE, programs=programs, foreign=True)
    raise builder.at(node, "Expected a program here, such as adamw or adamw(beta1=0.95).")


def _named(builder: Builder, node: ast.expr, word: str, call: ast.Call) -> Bound:
    function = builder.definitions.get(word)
    foreign = function is None
    if function is None:
        function = _from_zoo(builder, node, word)
    names, held = program_parameters(function), defaults(builder, function)
    given = _arguments(builder, function, call, [*names, *held])
    ours = builder.scope.composing
    numbers = {name: given[name] for name in held if name in given}
    new = {n: _override(builder, x, n, held[n]) for n, x in numbers.items()} if ours else {}
    fixed = {} if ours else {n: passed(builder, x, n, held[n]) for n, x in numbers.items()}
    programs = {name: handed(builder, node, function, name, given) for name in names}
    return Bound(function, fixed, new, programs, builder.scope.open, foreign)


def _arguments(
    builder: Builder, function: ast.FunctionDef, call: ast.Call, names: list[str]
) -> dict[str, ast.expr]:
    """Maps programs and hyperparameters to arguments: by position in their order, or by name."""
    if len(call.args) > len(names):
        sentence = f"{function.name} takes at most {len(names)} arguments, not {len(call.args)}."
        raise builder.at(call.args[len(names)], sentence)
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        name = keyword.arg
        if name is None or name in given:
            sentence = f"{function.name} is given {name or '**'} twice or out of place."
            raise builder.at(keyword.value, sentence)
        if name not in names:
            sentence = f"{function.name} has no hyperparameter {name}."
            raise builder.at(keyword.value, sentence, nearest(name, names))
        given[name] = keyword.value
    return given


def _from_zoo(builder: Builder, node: ast.expr, word: str) -> ast.FunctionDef:
    if word in zoo.EVERY:
        return definitions(zoo.source(word))[word]
    known = [*builder.scope.programs, *builder.definitions, *zoo.EVERY]
    raise builder.at(node, f"There is no program {word}.", nearest(word, known))
