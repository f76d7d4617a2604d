"""The signature of a program: its inputs, the programs that it takes, its hyperparameters."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from . import zoo
from .build import Builder
from .errors import nearest
from .expressions import constant
from .names import INPUTS, is_free
from .program import Hyperparameter, Literal

Default = float | int | bool | str | None | tuple


def positional(function: ast.FunctionDef) -> list[ast.arg]:
    """Returns the arguments before the `*`."""
    return [*function.args.posonlyargs, *function.args.args]


def is_program(function: ast.FunctionDef) -> bool:
    """Tells a program, whose positional parameters are inputs and programs, from a helper."""
    return all(name in INPUTS for name in inputs(function))


def inputs(function: ast.FunctionDef) -> list[str]:
    """Returns the positional parameters that are no programs."""
    programs = program_parameters(function)
    return [argument.arg for argument in positional(function) if argument.arg not in programs]


@lru_cache(maxsize=256)
def program_parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    """Returns the positional parameters that take programs: they are called, or handed on."""
    called: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called.add(node.func.id)
            if node.func.id in zoo.COMBINATORS:
                called.update(each.id for each in node.args if isinstance(each, ast.Name))
    names = [argument.arg for argument in positional(function)]
    return tuple(name for name in names if name in called and name not in INPUTS)


def takes_a_program(function: ast.FunctionDef, name: str) -> str:
    """Returns the sentence for a program that was to be handed over and is not there."""
    return f"{function.name} takes a program for {name}, as in {function.name}(adamw)."


def check_form(builder: Builder, function: ast.FunctionDef) -> None:
    """Refuses what a signature may not have."""
    held = function.args
    if function.decorator_list:
        raise builder.at(function.decorator_list[0], "Decorators are not in the language.")
    if function.returns or getattr(function, "type_params", None):
        raise builder.at(function, "A `def` is written without types, `def name(w, g, lr):`.")
    if held.vararg or held.kwarg:
        where = held.vararg or held.kwarg
        raise builder.at(where, "`*args` and `**kwargs` are not in the language.")
    if held.posonlyargs:
        raise builder.at(held.posonlyargs[0], "`/` in a signature is not in the language.")
    if held.defaults:
        sentence = "A default stands after the `*`, as in `w, g, *, beta=0.9`."
        raise builder.at(held.defaults[0], sentence)
    seen: set[str] = set()
    for argument in [*positional(function), *held.kwonlyargs]:
        if argument.arg in seen:
            raise builder.at(argument, f"{argument.arg} is declared twice.")
        if argument.annotation:
            raise builder.at(argument, "Arguments take no annotations.")
        seen.add(argument.arg)


def check_inputs(builder: Builder, function: ast.FunctionDef) -> None:
    """Refuses a positional parameter of a program that is no input."""
    for argument in positional(function):
        name = argument.arg
        if name in INPUTS:
            continue
        if name in program_parameters(function):
            raise builder.at(argument, takes_a_program(function, name))
        choices = ", ".join(INPUTS)
        sentence = f"{name} is no input: a program asks for {choices}, and for numbers after `*`."
        raise builder.at(argument, sentence, nearest(name, INPUTS))


def defaults(builder: Builder, function: ast.FunctionDef) -> dict[str, Default]:
    """Returns the hyperparameters of a `def` with their defaults, in order."""
    found: dict[str, Default] = {}
    pairs = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    for argument, node in pairs:
        name = argument.arg
        if node is None:
            raise builder.at(argument, f"{name} needs a default, as in `{name}=0.9`.")
        check_name(builder, argument, name, "hyperparameter")
        if name in INPUTS:
            raise builder.at(argument, f"{name} is an input, so no hyperparameter has its name.")
        found[name] = _default(builder, node, name)
    return found


def _default(builder: Builder, node: ast.expr, name: str) -> Default:
    match node:
        case ast.Constant():
            return constant(builder, node)
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
            return -number
        case ast.Tuple(elements):
            return tuple(_default(builder, element, name) for element in elements)
    raise builder.at(node, f"The default of {name} is a number or a word, not an expression.")


def overridden(held: Default, given: object, name: str) -> Default:
    """Returns a new default in place of `held`; raises ValueError with the sentence.

    A float stays data, whatever number is given; anything else keeps its type.
    """
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if isinstance(held, float) and number:
        return float(given)  # type: ignore[arg-type]
    if held is None or type(held) is type(given):
        return given  # type: ignore[return-value]
    wanted = "a number" if isinstance(held, float) else f"a value like {held!r}"
    raise ValueError(f"{name} takes {wanted}, not {given!r}.")


def declare_hyperparameters(
    builder: Builder, function: ast.FunctionDef, given: Mapping[str, object]
) -> None:
    """Adds the hyperparameters of the program itself; `given` replaces defaults."""
    held = defaults(builder, function)
    for name in given:
        if name not in held:
            sentence = f"{function.name} has no hyperparameter {name}."
            raise builder.at(None, sentence, nearest(name, held))
    for name, default in held.items():
        if name in given:
            try:
                default = overridden(default, given[name], name)
            except ValueError as error:
                raise builder.at(None, str(error)) from None
        if name in builder.settled:
            builder.env[name] = Literal(default)
            continue
        builder.hyperparameters.append(Hyperparameter(name, default))
        builder.env[name] = name


def check_name(builder: Builder, node: ast.AST, name: str, what: str) -> None:
    """Refuses a name that means something else."""
    if not name.isascii():
        raise builder.at(node, f"Names are written in ASCII letters, not {name!r}.")
    if not is_free(name):
        raise builder.at(node, f"{name} is a word of the language, so no {what} has this name.")
