"""What a wrong program is answered with: sentence, line, caret, nearest name."""

from __future__ import annotations

import pickle

import goldens
import pytest

from dsl import ProgramError, parse
from dsl.errors import nearest

OVERWRITE = False  # writes the golden file anew; a test fails while it is on
FILE = "errors.txt"


def said(program: str) -> str:
    """Returns the error of a program as it is shown."""
    with pytest.raises(ProgramError) as error:
        parse(program)
    return str(error.value)


if OVERWRITE:
    goldens.overwrite(FILE, said)

CASES = goldens.cases(FILE)


@pytest.mark.parametrize(("program", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_golden(program: str, expected: str) -> None:
    assert said(program) == expected


@pytest.mark.parametrize("program", [c[1] for c in CASES], ids=[c[0] for c in CASES])
def test_the_caret_is_under_the_line(program: str) -> None:
    with pytest.raises(ProgramError) as error:
        parse(program)
    held = error.value
    assert held.line > 0
    assert held.source == program.splitlines()[held.line - 1]
    assert 0 <= held.column <= len(held.source)
    *_, shown, caret = str(held).splitlines()
    assert shown.endswith(held.source)
    assert caret.strip() == "^"
    assert caret.index("^") == shown.index(": ") + 2 + held.column


def test_goldens_are_compared() -> None:
    assert not OVERWRITE


@pytest.mark.parametrize(
    ("name", "program", "sentence"),
    [
        ("empty", "", "Expected a program, `def name(w, g, lr): ...`, and found no `def`."),
        ("large", "def f(w, g):\n    return g\n" + "#" * 100_000,
         "Expected at most 100,000 bytes of text, not 100,026."),
        ("long lines are cut", f"def f(w, g):\n    return g * 1{'0' * 5000}\n",
         "This is no Python syntax: Exceeds the limit (4300 digits)"),
        ("signs", "def f(w, g):\n    return " + "-" * 20_000 + "g\n",
         "The text is nested too deeply to be read."),
        ("sums", "def f(w, g):\n    return " + "+".join(["g"] * 20_000) + "\n",
         "The text is nested too deeply to be read."),
        ("brackets", "def f(w, g):\n    return " + "(" * 5000 + "g" + ")" * 5000 + "\n",
         "This is no Python syntax: too many nested parentheses"),
        ("calls", "def f(w, g):\n    return " + "abs(" * 199 + "g" + ")" * 199 + ")\n",
         "This is no Python syntax: unmatched ')'."),
        ("powers", "def f(w, g):\n    return " + "**".join(["g"] * 9000) + "\n",
         "The text is nested too deeply to be read."),
        ("blocks", "def f(w, g):\n" + "".join(f"{' ' * (i + 1)}if g:\n" for i in range(200)),
         "This is no Python syntax: too many levels of indentation."),
        ("a null byte", "def f(w, g):\n    return g\0\n",
         "The text cannot be read: it holds a null byte."),
        ("a lone surrogate", "def f(w, g):\n    return \ud800\n", "The text cannot be read"),
    ],
)  # fmt: skip
def test_text_that_is_not_read(name: str, program: str, sentence: str) -> None:
    del name
    with pytest.raises(ProgramError) as error:
        parse(program)
    assert str(error.value).startswith(sentence)
    assert len(str(error.value)) < 1000


def test_nearest_name() -> None:
    assert nearest("betta", ["beta", "m"]) == "beta"
    assert nearest("zzz", ["beta", "m"]) == ""


def test_errors_survive_the_way_from_a_worker() -> None:
    error = ProgramError("Wrong.", "u = g", 3, 4, "v")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(error) == "Wrong. Did you mean 'v'?\n  line 3: u = g\n              ^"
