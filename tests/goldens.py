"""Reads files of expected texts: sections `=== name`, the input, `---`, the expected output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"

Case = tuple[str, str, str]  # name, input, expected output


def cases(file: str) -> list[Case]:
    """Returns the sections of a file."""
    sections = (FOLDER / file).read_text(encoding="utf-8").split("=== ")[1:]
    return [_case(section) for section in sections]


def _case(section: str) -> Case:
    name, _, rest = section.partition("\n")
    given, _, expected = rest.partition("---\n")
    return name, given, expected.rstrip("\n")


def overwrite(file: str, produce: Callable[[str], str]) -> None:
    """Writes the expected outputs of a file anew."""
    done = [f"=== {name}\n{given}---\n{produce(given)}\n" for name, given, _ in cases(file)]
    (FOLDER / file).write_text("\n".join(done), encoding="utf-8")
