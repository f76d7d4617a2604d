"""Finds a program by what a user types: a zoo name, an expression, the path of a file."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from . import zoo
from .errors import ProgramError, nearest
from .names import PLANNED
from .parse import parse
from .program import Program
from .syntax import MAX_BYTES, definitions, expression


def load(what: str) -> Program:
    """Returns the program that `what` names. Raises ProgramError.

    what: a zoo name (`adamw`), an expression (`adamw(beta1=0.95)`), a pipe that hands the update of
    each program to the next as its gradient (`clip_by_global_norm(1.0) | adamw`), or the path of a
    text.
    """
    if what in zoo.NAMES:
        return parse(zoo.source(what))
    if "(" in what or "|" in what:
        return _from_expression(what)
    path = Path(what)
    if path.suffix or "/" in what or path.is_file():
        return parse(_read(path))
    raise ProgramError(
        f"Expected a zoo name, an expression such as adamw(beta1=0.95) or a file, not {what!r}.",
        nearest=nearest(what, zoo.NAMES),
    )


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ProgramError(f"Expected at most {MAX_BYTES:,} bytes of text in {path}.")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProgramError(f"There is no file {path}.") from None
    except UnicodeDecodeError:
        raise ProgramError(f"{path} holds no UTF-8 text.") from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise ProgramError(f"{path} cannot be read: {said}.") from None


def _from_expression(what: str) -> Program:
    node = expression(what)
    if not isinstance(node, ast.BinOp):
        name, given = _stage(node, what)
        return parse(zoo.source(name), given)
    return parse(_piped([_stage(each, what) for each in _stages(node)]))


def _piped(stages: list[tuple[str, dict[str, object]]]) -> str:
    """Returns a text that calls one program after another.

    What a program is given is a hyperparameter of the whole, under its own name if no other
    program of the pipe has one of that name.
    """
    taken = Counter(key for name, _ in stages for key in _declared(name))
    update, numbers = "g", []
    for name, given in stages:
        whole = {key: key if taken[key] == 1 else f"{name}_{key}" for key in given}
        numbers += [f", {whole[key]}={value!r}" for key, value in given.items()]
        update = f"{name}(w, {update}{''.join(f', {k}={whole[k]}' for k in given)})"
    title = "_".join(name for name, _ in stages)
    head = f"w, g, *{''.join(numbers)}" if numbers else "w, g"
    return f"def {title}({head}):\n    return {update}\n"


def _stages(node: ast.expr) -> Iterator[ast.expr]:
    """Yields the programs of `a | b | c` from left to right."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _stages(node.left)
        yield node.right
    else:
        yield node


def _stage(node: ast.expr, what: str) -> tuple[str, dict[str, object]]:
    """Returns the name of a zoo program and the hyperparameters that it is given."""
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    if not isinstance(call.func, ast.Name):
        raise ProgramError(f"Expected a program with numbers, adamw(beta1=0.95), not {what!r}.")
    name = call.func.id
    if name not in zoo.NAMES:
        later = " (not in the language yet)" if name in PLANNED else ""
        known = nearest(name, zoo.NAMES)
        raise ProgramError(f"There is no program {name} in the zoo{later}.", nearest=known)
    return name, _numbers(name, call)


def _numbers(name: str, node: ast.Call) -> dict[str, object]:
    """Maps hyperparameters to the values given: by keyword, or by position in their order."""
    declared = _declared(name)
    if len(node.args) > len(declared):
        raise ProgramError(f"{name} has {len(declared)} hyperparameters, not {len(node.args)}.")
    given = dict(zip(declared, node.args, strict=False))
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in given:
            raise ProgramError(f"{name} is given {keyword.arg or '**'} twice or out of place.")
        given[keyword.arg] = keyword.value
    return {key: _number(name, key, value) for key, value in given.items()}


def _declared(name: str) -> list[str]:
    return [a.arg for a in definitions(zoo.source(name))[name].args.kwonlyargs]


def _number(name: str, key: str, node: ast.expr) -> object:
    if isinstance(node, ast.Name | ast.Call):
        raise ProgramError(f"{name} takes numbers: combinators are not in the language yet.")
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ProgramError(f"Expected a number for {key} of {name}.") from None


