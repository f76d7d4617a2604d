"""The one error that a program text can cause."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ProgramError(Exception):
    """Says what is wrong with a program: a sentence, the line, a caret, the nearest name.

    line counts from 1 (0: no place is known), column from 0.
    """

    def __init__(
        self, sentence: str, source: str = "", line: int = 0, column: int = 0, nearest: str = ""
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.source = source
        self.line = line
        self.column = column
        self.nearest = nearest

    def __str__(self) -> str:
        said = self.sentence
        if self.nearest:
            said += f" Did you mean {self.nearest!r}?"
        if not self.line:
            return said
        lead = f"  line {self.line}: "
        return f"{said}\n{lead}{self.source}\n{' ' * (len(lead) + self.column)}^"

    def __reduce__(self) -> tuple:
        parts = (self.sentence, self.source, self.line, self.column, self.nearest)
        return type(self), parts

    def at(self, text: str, line: int, column: int) -> ProgramError:
        """Returns the error with its place in `text`, if it has none yet."""
        lines = text.splitlines()
        if self.line or not 1 <= line <= len(lines):
            return self
        source = lines[line - 1].replace("\t", " ")
        shown = source[:_WIDTH] + ("..." if len(source) > _WIDTH else "")
        return ProgramError(self.sentence, shown, line, min(column, _WIDTH), self.nearest)


_WIDTH = 200  # characters of a source line that an error shows


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the known name that looks most like `name`, or "" if none does."""
    return (get_close_matches(name, list(known), n=1, cutoff=0.6) or [""])[0]
