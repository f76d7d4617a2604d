"""Program text to Program. The text is read with `ast` and never executed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from inspect import cleandoc

from . import inline, listing
from .build import Builder, Settle
from .errors import ProgramError
from .fit import fitted
from .handed import bound
from .infer import Fault
from .live import without_unread
from .names import INPUTS
from .program import Block, Declared, Literal, Program, Ref, State
from .renumber import renumbering
from .scope import Scope
from .signature import (
    check_form,
    check_inputs,
    check_name,
    declare_hyperparameters,
    positional,
)
from .statements import finish, run
from .syntax import At, definitions, expression, place


def parse(text: str, given: Mapping[str, object] | None = None) -> Program:
    """Returns the checked program of a text, its last `def`; those above it are helpers.

    given: new defaults of hyperparameters. Raises ProgramError.
    """
    return _fitted(*build(text, given), text)


def compose(what: str) -> Program:
    """Returns the checked program of an expression, such as `lookahead(clip_by_value | adam)`.

    The numbers in it are new defaults of hyperparameters. Raises ProgramError.
    """
    function = definitions("def composed(inner, w, g):\n    return inner(w, g)\n")["composed"]
    node = expression(what)

    def read(builder: Builder) -> Program:
        scope = Scope(title(node), composing=True)
        builder.scopes.append(scope)
        scope.programs = {"inner": bound(builder, node)}
        for argument in ("w", "g"):
            builder.inputs.append(argument)
            builder.env[argument] = scope.received[argument] = argument
        return _whole(builder, function, scope.name, "")

    return _fitted(*_built(what, {}, read), what)


def title(node: ast.expr) -> str:
    """Returns a name for an expression: the names in it, joined."""
    return "_".join(part.id for part in _in_order(node) if isinstance(part, ast.Name))


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the nodes of a tree in the order of the text."""
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


def _fitted(program: Program, places: dict[int, tuple[int, int]], text: str) -> Program:
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
    return _built(text, found, lambda b: _program(b, list(found.values())[-1], given or {}))


def _built(
    text: str, found: Mapping[str, ast.FunctionDef], read: Callable[[Builder], Program]
) -> tuple[Program, dict[int, tuple[int, int]]]:
    settled: frozenset[str] = frozenset()
    try:
        while True:
            builder = Builder(found, inline, settled)  # type: ignore[arg-type]
            try:
                program = read(builder)
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
    scope = Scope(
        function.name,
        listing=listing.is_listing(function),
        open=frozenset((function.name,)),
    )
    builder.scopes.append(scope)
    if not scope.listing:
        check_inputs(builder, function)
    for argument in positional(function):
        _declare_input(builder, scope, argument)
    declare_hyperparameters(builder, function, given)
    doc = cleandoc((ast.get_docstring(function) or "").strip())
    return _whole(builder, function, function.name, doc)


def _whole(builder: Builder, function: ast.FunctionDef, name: str, doc: str) -> Program:
    (role, ref), point = _ends(builder, function)
    program = Program(
        name,
        tuple(builder.inputs),
        tuple(builder.hyperparameters),
        tuple(builder.states),
        tuple(builder.body),
        (*_finals(builder), (role, ref), *point),
        doc,
    )
    # The new parameters stand for the update that led to them.
    return without_unread(program) if builder.scope.points else program


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


def _ends(
    builder: Builder, function: ast.FunctionDef
) -> tuple[tuple[str, Ref], list[tuple[str, Ref]]]:
    """Returns what the program gives, and where it wants its model evaluated, if it says so.

    One that only hands on what a called program gives is evaluated where that one is.
    """
    role, ref = finish(builder, function, run(builder, function.body))
    scope = builder.scope
    if "w_eval" in scope.results:
        return (role, ref), [("w_eval", builder.read(_named("w_eval", function)))]
    if role == "return" and ref in scope.points:
        point = scope.points[ref]
        return ("w", point.w), [("w_eval", point.at)]
    if scope.points:
        raise builder.at(function, scope.changes_point())
    return (role, ref), []


def _named(name: str, function: ast.FunctionDef) -> ast.Name:
    return ast.copy_location(ast.Name(name), function)
