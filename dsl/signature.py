"""What a program declares: its inputs, its hyperparameters and its states."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from . import zoo
from .build import Builder
from .errors import nearest
from .expressions import constant, static, value
from .names import INPUTS, KINDS, MAX_AXES, is_free
from .program import Block, Declared, Hyperparameter, Literal, State

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


def declare_state(builder: Builder, node: ast.AnnAssign) -> None:
    """Adds a state, `m: Tensor = 0`."""
    scope = builder.scope
    if not isinstance(node.target, ast.Name):
        raise builder.at(node, "A state is declared by its name, as in `m: Tensor = 0`.")
    name = node.target.id
    check_name(builder, node, name, "state")
    if scope.begun:
        raise builder.at(node, f"The state {name} follows a statement: declare it at the top.")
    if name in scope.states:
        raise builder.at(node, f"The state {name} is declared twice.")
    if name in INPUTS or scope.prefix + name in builder.env:
        raise builder.at(node, f"{name} has a meaning already, so no state has this name.")
    if node.value is None:
        sentence = f"The state {name} needs an initial value, as in `{name}: Tensor = 0`."
        raise builder.at(node, sentence)
    declared = _declared(builder, node.annotation)
    if "axes" not in declared.index:
        _add_state(builder, node.value, name, name, declared)
        return
    scope.groups.add(name)
    for axis in range(MAX_AXES):
        one = Declared(declared.kind, (axis,) * len(declared.index))
        _add_state(builder, node.value, f"{name}[{axis}]", f"{name}_{axis}", one)


def _add_state(
    builder: Builder, value: ast.expr, name: str, wanted: str, declared: Declared
) -> None:
    """Adds a state that goes by `name` in the text, and by `wanted` in the program if it can."""
    scope = builder.scope
    init = _initial(builder, value, name, declared)
    whole = wanted if not scope.prefix else builder.free_name(wanted)
    scope.states[name] = whole
    if _reads_the_caller(init):
        builder.body += init.body
        scope.first[name] = init.results[0]
        init = Block((), (Literal(0),))
    builder.declare(State(whole, declared, init), scope.prefix + name)


def _initial(builder: Builder, node: ast.expr, name: str, declared: Declared) -> Block:
    """Builds the initial value apart, before the first statement: it sees no state."""
    outer, builder.body = builder.body, []
    scope = builder.scope
    eye = scope.prefix + "eye"
    if declared.kind == "Matrix":
        builder.env[eye] = "eye"
    try:
        result = value(builder, node)
    finally:
        body, builder.body = builder.body, outer
        builder.env.pop(eye, None)
    return Block(tuple(body), (result,))


def _reads_the_caller(init: Block) -> bool:
    """Tells whether an initial value needs one that the calling program works out."""
    own = {s.out for s in init.body}  # type: ignore[union-attr]
    used = [*init.results, *(arg for s in init.body for arg in s.args)]  # type: ignore[union-attr]
    return any(isinstance(ref, int) and ref not in own for ref in used)


def publish_states(builder: Builder, node: ast.AST) -> None:
    """Makes the states of the scope readable: the declarations are over.

    One whose initial value the calling program works out has it from its first step on.
    """
    scope = builder.scope
    scope.begun = True
    for name, whole in scope.states.items():
        builder.env.setdefault(scope.prefix + name, whole)
    if scope.first:
        step = builder.count(node)
        begins = builder.call(node, "eq", step, Literal(1))
        for name, ref in scope.first.items():
            held = builder.call(node, "where", begins, ref, scope.states[name], name=name)
            builder.assign(name, held)


def _declared(builder: Builder, node: ast.expr) -> Declared:
    kind, index = node, ()
    if isinstance(node, ast.Subscript):
        kind = node.value
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        index = tuple(_index(builder, part) for part in parts)
    if not isinstance(kind, ast.Name) or kind.id not in KINDS:
        word = kind.id if isinstance(kind, ast.Name) else ast.unparse(kind)[:40]
        sentence = f"Expected a kind ({', '.join(KINDS)}), not {word}."
        raise builder.at(node, sentence, nearest(word, KINDS))
    if kind.id == "History":
        raise builder.at(node, f"{ast.unparse(node)} is not in the language yet.")
    return _fitting(builder, node, kind.id, index)


def _fitting(builder: Builder, node: ast.expr, kind: str, index: tuple) -> Declared:
    if kind in ("Vector", "Matrix") and not index:
        raise builder.at(node, f"{kind} lists axes, as in {kind}[0].")
    if kind not in ("Vector", "Matrix") and index:
        raise builder.at(node, f"{kind} takes no axes.")
    if kind == "Matrix":
        index = index * 2 if len(index) == 1 else index
        if len(index) != 2 or any(isinstance(i, tuple) for i in index):
            raise builder.at(node, "Matrix has two sides, as in Matrix[0, 1], Matrix[rows, cols].")
    if kind == "Vector" and any(isinstance(i, str) and i != "axes" for i in index):
        raise builder.at(node, "Vector lists axis numbers, as in Vector[:-1].")
    return Declared(kind, index)


def _index(builder: Builder, node: ast.expr) -> int | str | tuple:
    if isinstance(node, ast.Slice):
        if node.step is not None:
            raise builder.at(node, "Axes are listed without a step, as in Vector[:-1].")
        ends = (node.lower, node.upper)
        return tuple(None if end is None else _axis(builder, end) for end in ends)
    if isinstance(node, ast.Name) and node.id in ("rows", "cols", "axes"):
        return node.id
    return _axis(builder, node)


def _axis(builder: Builder, node: ast.expr) -> int:
    held = static(builder, node, "An axis")
    if isinstance(held, int) and not isinstance(held, bool):
        return held
    raise builder.at(node, f"An axis is a whole number, not {held!r}.")
