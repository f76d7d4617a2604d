"""Reads text into Python's syntax tree, and refuses what is not in the language. Runs nothing."""

from __future__ import annotations

import ast
import warnings
from inspect import cleandoc

from .errors import ProgramError

MAX_BYTES = 100_000

# What Python has and the language has not, with the way out.
REFUSED: dict[type[ast.AST], str] = {
    ast.While: "`while` is not in the language: write `for i in range(n)`.",
    ast.Lambda: "`lambda` is not in the language: write a helper `def` above the program.",
    ast.ListComp: "Comprehensions are not in the language: write `for i in range(n)`.",
    ast.SetComp: "Comprehensions are not in the language: write `for i in range(n)`.",
    ast.DictComp: "Comprehensions are not in the language: write `for i in range(n)`.",
    ast.GeneratorExp: "Comprehensions are not in the language: write `for i in range(n)`.",
    ast.Import: "`import` is not in the language: a program calls primitives by their names.",
    ast.ImportFrom: "`import` is not in the language: a program calls primitives by their names.",
    ast.Attribute: "Attributes are not in the language, except `.T`.",
    ast.ClassDef: "`class` is not in the language.",
    ast.AsyncFunctionDef: "`async` is not in the language.",
    ast.Try: "`try` is not in the language: guard with `where` or `divide_no_nan`.",
    ast.With: "`with` is not in the language.",
    ast.Global: "`global` is not in the language.",
    ast.Nonlocal: "`nonlocal` is not in the language.",
    ast.Delete: "`del` is not in the language.",
    ast.Assert: "`assert` is not in the language.",
    ast.Raise: "`raise` is not in the language.",
    ast.Continue: "`continue` is not in the language: put the rest under an `if`.",
    ast.Break: "`break` leaves a `for` over a range or a tuple, and this is none.",
    ast.Pass: "`pass` is not in the language: leave the statement out.",
    ast.Match: "`match` is not in the language: write `if`.",
    ast.AugAssign: "`+=` and its like are not in the language: write `x = x + y`.",
    ast.NamedExpr: "`:=` is not in the language: assign on a line of its own.",
    ast.Subscript: "`x[i]` reads a state that is declared one for each axis, as `L: Matrix[axes]`.",
    ast.List: "Lists are not in the language.",
    ast.Dict: "Dictionaries are not in the language.",
    ast.Set: "Sets are not in the language.",
    ast.JoinedStr: "f-strings are not in the language.",
    ast.Starred: "`*` before an argument is not in the language.",
    ast.Await: "`await` is not in the language.",
    ast.Yield: "`yield` is not in the language: write `return`.",
    ast.FunctionDef: "A `def` inside a program is not in the language: put it above the program.",
    ast.Tuple: "Tuples are not in the language, except after `in` and as defaults.",
}


class At(Exception):
    """A ProgramError at a node of the syntax tree, whose text is not at hand."""

    def __init__(self, node: ast.AST | None, sentence: str, nearest: str = "") -> None:
        super().__init__(sentence)
        self.node = node
        self.error = ProgramError(sentence, nearest=nearest)

    def within(self, text: str) -> ProgramError:
        """Returns the error with its line and column in `text`."""
        return self.error.at(text, *place(text, self.node))


def place(text: str, node: ast.AST | None) -> tuple[int, int]:
    """Returns the line of a node, from 1, and its column in characters (ast counts bytes)."""
    line = getattr(node, "lineno", 0)
    column = getattr(node, "col_offset", 0)
    lines = text.split("\n")
    if column and 1 <= line <= len(lines) and not text.isascii():
        held = lines[line - 1].encode("utf-8", "replace")
        column = len(held[:column].decode("utf-8", "ignore"))
    return line, column


def refuse(node: ast.AST) -> At:
    """Returns the error for a node that is not in the language."""
    plain = type(node).__name__
    return At(node, REFUSED.get(type(node), f"Python's {plain} is not in the language."))


def definitions(text: str) -> dict[str, ast.FunctionDef]:
    """Returns the `def`s of a text by name, in order; raises ProgramError for anything else."""
    tree = _tree(text, "exec")
    assert isinstance(tree, ast.Module)
    found: dict[str, ast.FunctionDef] = {}
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring of the file
        if not isinstance(node, ast.FunctionDef):
            sentence = "A program is a `def`; nothing else stands outside it."
            raise At(node, REFUSED.get(type(node), sentence)).within(text)
        if node.name in found:
            raise At(node, f"{node.name} is defined twice.").within(text)
        found[node.name] = node
    if not found:
        raise ProgramError("Expected a program, `def name(w, g, lr): ...`, and found no `def`.")
    return found


def docstring(text: str) -> str:
    """Returns the docstring of the last `def` of a text, without its indentation."""
    *_, last = definitions(text).values()
    return cleandoc((ast.get_docstring(last) or "").strip())


def expression(text: str) -> ast.expr:
    """Returns the tree of one expression, such as `adamw(beta1=0.95)`."""
    tree = _tree(text, "eval")
    assert isinstance(tree, ast.Expression)
    return tree.body


def _tree(text: str, mode: str) -> ast.AST:
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise ProgramError(f"Expected at most {MAX_BYTES:,} bytes of text, not {size:,}.")
    if "\0" in text:
        raise ProgramError("The text cannot be read: it holds a null byte.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings, which are only compared
            return ast.parse(text, mode=mode)
    except SyntaxError as error:
        line = error.lineno or 0
        column = max(0, (error.offset or 1) - 1)
        said = ProgramError(f"This is no Python syntax: {error.msg.partition(';')[0]}.")
        raise said.at(text, line, column) from None
    except (MemoryError, RecursionError):
        raise ProgramError("The text is nested too deeply to be read.") from None
    except ValueError as error:  # lone surrogates
        raise ProgramError(f"The text cannot be read: {error}.") from None
