"""Calls of other programs and of helpers, written out in place of the call."""

from __future__ import annotations

import ast

from .build import Builder, Scope
from .errors import nearest
from .expressions import static, value
from .names import INPUTS
from .program import Block, Declared, Hyperparameter, Literal, Ref, State
from .signature import check_form, defaults, is_program, overridden, positional
from .statements import finish, run


def call_definition(
    builder: Builder, node: ast.Call, function: ast.FunctionDef, foreign: bool = False
) -> Ref:
    """Adds the statements of `function` and returns its value; `foreign` if from another text."""
    if any(scope.name == function.name for scope in builder.scopes):
        raise builder.at(node, f"{function.name} calls itself: recursion is not in the language.")
    site = builder.site
    given = _given(builder, node, function)
    if foreign:
        builder.site = site or node
    try:
        check_form(builder, function)
        builder.inlined += 1
        scope = Scope(function.name, f"{function.name}#{builder.inlined}.")
        _bind(builder, node, function, scope, given)
        builder.scopes.append(scope)
        role, result = finish(builder, function, run(builder, function.body))
        if role == "w":
            start = scope.received.get("w", "w")
            result = builder.call(node, "sub", start, result)
        if "w_eval" in scope.results:
            sentence = f"{function.name} sets w_eval, so another program cannot call it yet."
            raise builder.at(node, sentence)
        builder.scopes.pop()
    finally:
        builder.site = site
    return result


def _given(
    builder: Builder, node: ast.Call, function: ast.FunctionDef
) -> dict[str, ast.expr]:
    """Maps parameter names to arguments: positions fill the inputs, then the hyperparameters."""
    names = [a.arg for a in [*positional(function), *function.args.kwonlyargs]]
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


def _bind(
    builder: Builder,
    node: ast.Call,
    function: ast.FunctionDef,
    scope: Scope,
    given: dict[str, ast.expr],
) -> None:
    names = [argument.arg for argument in positional(function)]
    values = {n: value(builder, argument, n) for n, argument in given.items() if n in names}
    for name in names:
        if name in values:
            scope.received[name] = values[name]
        elif is_program(function):
            scope.received[name] = _received(builder, node, name, function)
        else:
            raise builder.at(node, f"{function.name} needs its argument {name}.")
    for name, ref in scope.received.items():
        builder.env[scope.prefix + name] = ref
    _bind_hyperparameters(builder, function, scope, given)


def _received(builder: Builder, node: ast.Call, name: str, function: ast.FunctionDef) -> Ref:
    """An input that is not passed is the one the caller received; `t` counts the calls."""
    if name == "t" and builder.lazy:
        return _own_count(builder, node, function)
    caller = builder.scope
    if name in caller.received:
        return caller.received[name]
    if name not in builder.inputs:
        builder.inputs.append(name)
    return name


def _own_count(builder: Builder, node: ast.Call, function: ast.FunctionDef) -> Ref:
    """Inside a Scalar `if` not every step is a call, so the calls are counted in a state."""
    builder.scopes.append(Scope(function.name))
    name = builder.free_name(f"{function.name}_t")
    builder.scopes.pop()
    key = f"#.{name}"
    builder.declare(State(name, Declared("Scalar"), Block((), (Literal(0),))), key)
    builder.env[key] = builder.call(node, "add", name, Literal(1), name=name)
    builder.assigned.append(key)
    return builder.env[key]  # type: ignore[return-value]


def _bind_hyperparameters(
    builder: Builder, function: ast.FunctionDef, scope: Scope, given: dict[str, ast.expr]
) -> None:
    program = is_program(function)
    for name, default in defaults(builder, function).items():
        key = scope.prefix + name
        if name in given:
            builder.env[key] = _argument(builder, given[name], name, default)
        elif not program:
            builder.env[key] = Literal(default)
        else:
            builder.scopes.append(scope)
            whole = builder.free_name(name)
            builder.scopes.pop()
            if whole in builder.settled:
                builder.env[key] = Literal(default)
                continue
            builder.hyperparameters.append(Hyperparameter(whole, default))
            builder.env[key] = whole


def _argument(builder: Builder, node: ast.expr, name: str, default: object) -> Ref:
    if isinstance(default, float):
        return value(builder, node, name)
    held = static(builder, node, name)
    try:
        return Literal(overridden(default, held, name))  # type: ignore[arg-type]
    except ValueError as error:
        raise builder.at(node, str(error)) from None
