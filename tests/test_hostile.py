"""Text is data: nothing of it is executed, whatever it says."""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from listings import START

from dsl import ProgramError, export, parse, text, zoo

SGD = "def sgd(w, g, lr):\n    return lr * g\n"


HOSTILE = (
    "__import__('os').system('true')\n",
    "import os\ndef f(w, g):\n    return g\n",
    "def f(w, g):\n    return open('/etc/passwd')\n",
    "def f(w, g):\n    return eval('1')\n",
    "def f(w, g):\n    return exec('1')\n",
    "def f(w, g):\n    return __import__('os')\n",
    "def f(w, g):\n    return g.__class__.__base__.__subclasses__()\n",
    "def f(w, g, *, x=__import__('os')):\n    return g\n",
    "def f(w, g, *, x=(lambda: 1)()):\n    return g\n",
    "@print\ndef f(w, g):\n    return g\n",
    "def f(w: print(1), g):\n    return g\n",
    "def f(w, g) -> print(1):\n    return g\n",
    "def f(w, g):\n    m: print(1) = 0\n    return g\n",
    "def f(w, g):\n    m: Tensor[open('x')] = 0\n    return g\n",
    "def f(w, g):\n    return f'{open(1)}'\n",
    "def f(w, g):\n    return mean(g, axis=open('x'))\n",
    "def f(w, g):\n    for i in range(open('x')):\n        g = g\n    return g\n",
    "def f(w, g):\n    for i in range(2**9999999):\n        g = g\n    return g\n",
    "class A:\n    exec('1')\n",
    'def f(w, g):\n    return g * "a" * 99999999\n',
)
EVENTS: list[str] = []
WATCHED = ("exec", "import", "open", "os.system", "subprocess.Popen", "code.__new__")
_listening = False


def _listen(event: str, _: tuple) -> None:
    if _listening and event in WATCHED:
        EVENTS.append(event)


sys.addaudithook(_listen)


@pytest.fixture
def audited() -> Iterator[list[str]]:
    global _listening
    parse(SGD)  # what is imported late is imported now
    EVENTS.clear()
    _listening = True
    yield EVENTS
    _listening = False


@pytest.mark.parametrize("program", HOSTILE)
def test_hostile_text_is_refused_and_not_run(program: str, audited: list[str]) -> None:
    with pytest.raises(ProgramError):
        parse(program)
    assert audited == []


def test_honest_text_is_not_run_either(audited: list[str]) -> None:
    parse(START)
    assert audited == []


def test_the_watch_sees_what_it_watches(audited: list[str]) -> None:
    exec("1")
    assert audited == ["exec"]


def test_noise_is_refused_in_one_sentence() -> None:
    rng = random.Random(0)
    source = zoo.source("adamw")
    for _ in range(300):
        at = rng.randrange(len(source))
        piece = rng.choice(["", "(", "\n", "0", " if ", "é", "\t", "lambda x:", "[", "m", ":"])
        broken = source[:at] + piece + source[at + rng.randrange(4) :]
        try:
            program = parse(broken)
        except ProgramError:
            continue
        assert parse(text(program)) == program


DOC = (
    '"""\nraise SystemExit(1)\n"""',
    "<script>alert(1)</script> [x](javascript:alert(1)) ![y](z) `code` | a | b |",
    "# heading\n- item\n1. first\n====\n> quote\n```python\nimport os\n```\n$$ \\input{x} $$",
    "zero \0 and bell \a and line\u2028separator\r\n# heading",
)


@pytest.mark.parametrize("doc", DOC)
def test_no_doc_or_origin_becomes_markdown(doc: str) -> None:
    program = replace(parse(SGD), doc=doc)
    card = export(program, "markdown", origin=doc)
    words = card.partition("## Formula")[0].partition("\n")[2]
    assert re.findall(r"(?<!\\)[<>\[\]`|$*_#]", words) == []
    assert not re.findall(r"(?m)^\s*([-+=>]|\d+[.)])\s", words)
    assert card.count("## ") == 4
    assert all(letter.isprintable() or letter == "\n" for letter in card)


@pytest.mark.parametrize("doc", DOC)
@pytest.mark.parametrize("target", ["optax", "torch", "numpy"])
def test_no_doc_or_origin_becomes_code(doc: str, target: str) -> None:
    program = replace(parse(SGD), doc=doc)
    tree = ast.parse(export(program, target, origin=doc, checked=False))
    plain = ast.parse(export(parse(SGD), target, checked=False))
    assert [_shape(node) for node in ast.walk(tree)] == [_shape(node) for node in ast.walk(plain)]


def _shape(node: ast.AST) -> str:
    return type(node).__name__


def test_no_string_of_a_program_becomes_code() -> None:
    role = "\'\"\"\"\\nraise SystemExit(1)\\n```"
    source = f"def f(w, g):\n    if role(w) == {role!r}:\n        return g\n    return 2 * g\n"
    for target in ("optax", "torch", "numpy"):
        tree = ast.parse(export(parse(source), target, checked=False))
        raised = [ast.dump(node) for node in ast.walk(tree) if isinstance(node, ast.Raise)]
        assert not any("SystemExit" in each for each in raised)
    card = export(parse(source), "markdown")
    fence = card.partition("## Program\n\n")[2].partition("python")[0]
    assert card.count(fence) == 2
    export(parse(source), "latex")
