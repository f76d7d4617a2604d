"""Program text to Program. The text is read with `ast` and never executed."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from inspect import cleandoc

from . import listing
from .build import Builder, Scope, Settle
from .errors import ProgramError
from .fit import fitted
from .infer import Fault
from .inline import call_definition
from .names import INPUTS
from .program import Block, Declared, Literal, Program, Ref, State
from .renumber import renumbering
from .signature import (
    check_form,
    check_inputs,
    check_name,
    declare_hyperparameters,
    positional,
)
from .statements import finish, run
from .syntax import At, definitions, place


def parse(text: str, given: Mapping[str, object] | None = None) -> Program:
    """Returns the checked program of a text, its last `def`; those above it are helpers.

    given: new defaults of hyperparameters. Raises ProgramError.
    """
    program, places = build(text, given)
    try:
        fitted(program)
    except Fault as fault:
        error = ProgramError(fault.sentence)
        raise (error.at(text, *places[fault.out]) if fault.out in places else error) from None
    return program


def build(
    text: str, given: Mapping[str, object] | None = None
) -> tuple[Program, dict[int, tuple[int, int]]]:
    """Returns the program of a text, not checked, and the line and column of each value."""
    found = definitions(text)
    settled: frozenset[str] = frozenset()
    try:
        while True:
            builder = Builder(found, call_definition, settled)
            try:
                program = _program(builder, list(found.values())[-1], given or {})
                break
            except Settle as asked:
                settled |= {asked.name}
    except At as error:
        raise error.within(text) from None
    except RecursionError:
        raise ProgramError("The text is nested too deeply to be read.") from None
    program, numbers = renumbering(program)
    return program, {new: place(text, builder.places[old]) for old, new in numbers.items()}


def _program(
    builder: Builder, function: ast.FunctionDef, given: Mapping[str, object]
) -> Program:
    check_form(builder, function)
    scope = Scope(function.name, listing=listing.is_listing(function))
    builder.scopes.append(scope)
    if not scope.listing:
        check_inputs(builder, function)
    for argument in positional(function):
        _declare_input(builder, scope, argument)
    declare_hyperparameters(builder, function, given)
    update = run(builder, function.body)
    role, ref = finish(builder, function, update)
    return Program(
        function.name,
        tuple(builder.inputs),
        tuple(builder.hyperparameters),
        tuple(builder.states),
        tuple(builder.body),
        (*_finals(builder), (role, ref), *_evaluation_point(builder, function)),
        cleandoc((ast.get_docstring(function) or "").strip()),
    )


def _declare_input(builder: Builder, scope: Scope, argument: ast.arg) -> None:
    """Adds an input; an unknown one of a listing is a Tensor state that starts at 0."""
    name = argument.arg
    if name in INPUTS:
        builder.inputs.append(name)
        builder.env[name] = scope.received[name] = name
        return
    check_name(builder, argument, name, "state")
    scope.states[name] = name
    builder.declare(State(name, Declared("Tensor"), Block((), (Literal(0),))), name)


def _finals(builder: Builder) -> list[tuple[str, Ref]]:
    keys = {name: key for key, name in builder.state_keys.items()}
    held = builder.env
    return [(s.name, held.get(keys[s.name], s.name)) for s in builder.states]  # type: ignore[misc]


def _evaluation_point(builder: Builder, function: ast.FunctionDef) -> list[tuple[str, Ref]]:
    if "w_eval" not in builder.scope.results:
        return []
    return [("w_eval", builder.read(ast.copy_location(ast.Name("w_eval"), function)))]
