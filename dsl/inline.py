"""Calls of other programs and of helpers, written out in place of the call."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .build import Builder
from .errors import nearest
from .expressions import value
from .handed import handed, passed
from .names import INPUTS
from .program import Hyperparameter, Literal, Ref
from .scope import Bound, Point, Scope
from .signature import check_form, defaults, inputs, is_program, overridden, program_parameters
from .statements import finish, run


def definition(
    builder: Builder, node: ast.Call, function: ast.FunctionDef, foreign: bool = False
) -> Ref:
    """Adds the statements of a `def` that is called by its name; returns its value."""
    scope, programs = builder.scope, program_parameters(function)
    held = defaults(builder, function)
    given = _given(builder, node, function, [*programs, *_places(function), *held])
    bound = Bound(
        function,
        given={n: passed(builder, given[n], n, held[n]) for n in held if n in given},
        programs={name: handed(builder, node, function, name, given) for name in programs},
        open=scope.open,
        foreign=foreign,
    )
    return _written(builder, node, bound, given)


def program(builder: Builder, node: ast.Call, name: str) -> Ref:
    """Adds the statements of a program that the caller was handed under `name`."""
    scope = builder.scope
    bound = scope.programs[name]
    if name in scope.called:
        sentence = f"{name} is called at two places: call it once, after the `if` or the loop."
        raise builder.at(node, sentence)
    given = _given(builder, node, bound.function, _places(bound.function))
    return _written(builder, node, bound, given, name)


def _places(function: ast.FunctionDef) -> list[str]:
    """What positional arguments fill: `w`, `g` and other inputs; a helper's own arguments."""
    own = inputs(function)
    return list(dict.fromkeys(["w", "g", *own])) if is_program(function) else own


def _given(
    builder: Builder, node: ast.Call, function: ast.FunctionDef, names: list[str]
) -> dict[str, ast.expr]:
    """Maps the names of parameters to arguments; a program takes any input by keyword."""
    if len(node.args) > len(names):
        raise builder.at(node, f"{function.name} takes at most {len(names)} arguments,"
                         f" not {len(node.args)}.")
    given = dict(zip(names, node.args, strict=False))
    open_inputs = set(INPUTS) if is_program(function) else set()
    for keyword in node.keywords:
        name = str(keyword.arg)
        if name in given:
            raise builder.at(keyword, f"{function.name} is given {name} twice.")
        if name not in names and name not in open_inputs:
            raise builder.at(keyword, f"{function.name} has no parameter {name}.",
                             nearest(name, names))
        given[name] = keyword.value
    return given


def _written(
    builder: Builder, node: ast.Call, bound: Bound, given: Mapping[str, ast.expr], name: str = ""
) -> Ref:
    """Reads the text of a program with its inputs bound; `name`: what the caller calls it."""
    function, caller, site = bound.function, builder.scope, builder.site
    if function.name in bound.open:
        raise builder.at(node, f"{function.name} calls itself: recursion is not in the language.")
    arguments = {
        word: value(builder, argument, word)
        for word, argument in given.items()
        if word in INPUTS or word in inputs(function)
    }
    builder.site = (site or node) if bound.foreign else site
    try:
        check_form(builder, function)
        builder.inlined += 1
        scope = Scope(
            function.name,
            f"{function.name}#{builder.inlined}.",
            programs=bound.programs,
            open=bound.open | {function.name},
        )
        _bind_inputs(builder, node, function, scope, arguments)
        _bind_hyperparameters(builder, bound, scope)
        if name:
            caller.called[name] = scope
        builder.scopes.append(scope)
        role, result = finish(builder, function, run(builder, function.body))
        result = _update(builder, node, scope, caller, role, result)
        builder.scopes.pop()
    finally:
        builder.site = site
    return result


def _update(
    builder: Builder, node: ast.Call, scope: Scope, caller: Scope, role: str, result: Ref
) -> Ref:
    """Returns the update that a called program gives; the caller learns its point of evaluation."""
    new = result
    if role == "w":
        result = builder.call(node, "sub", scope.received.get("w", "w"), new)
    if "w_eval" in scope.results:
        at = builder.read(ast.copy_location(ast.Name("w_eval"), node))
        caller.points[result] = Point(scope.name, new, at)
    elif result in scope.points:
        caller.points[result] = scope.points[result]
    elif scope.points:
        raise builder.at(node, scope.changes_point())
    return result


def _bind_inputs(
    builder: Builder,
    node: ast.Call,
    function: ast.FunctionDef,
    scope: Scope,
    given: Mapping[str, Ref],
) -> None:
    """Inputs that are not passed are those that the caller received."""
    scope.received = {**builder.scope.received, **given}
    scope.count = given.get("t")
    builder.scopes.append(scope)
    for name in inputs(function):
        if name not in given:
            if not is_program(function):
                raise builder.at(node, f"{function.name} needs its argument {name}.")
            scope.received[name] = builder.input(node, name)
        builder.env[scope.prefix + name] = scope.received[name]
    builder.scopes.pop()


def _bind_hyperparameters(builder: Builder, bound: Bound, scope: Scope) -> None:
    function = bound.function
    for name, default in defaults(builder, function).items():
        key = scope.prefix + name
        if name in bound.defaults:
            default = overridden(default, bound.defaults[name], name)
        if name in bound.given:
            builder.env[key] = bound.given[name]
        elif not is_program(function):
            builder.env[key] = Literal(default)
        else:
            builder.env[key] = _hyperparameter(builder, scope, name, default)


def _hyperparameter(builder: Builder, scope: Scope, name: str, default: object) -> Ref:
    """Adds a hyperparameter of the whole program."""
    builder.scopes.append(scope)
    whole = builder.free_name(name)
    builder.scopes.pop()
    if whole in builder.settled:
        return Literal(default)  # type: ignore[arg-type]
    builder.hyperparameters.append(Hyperparameter(whole, default))  # type: ignore[arg-type]
    return whole
