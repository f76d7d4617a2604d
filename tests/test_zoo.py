"""The texts of the zoo: complete, readable, and kept in the package."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path

import pytest
from sampling import FIRST

from dsl.errors import ProgramError
from dsl.load import load
from dsl.parse import parse
from dsl.syntax import definitions
from dsl.zoo import (
    ABSENT,
    COMBINATORS,
    EVERY,
    EXPRESSIONS,
    FAMILIES,
    KNOWN_AS,
    NAMES,
    family,
    programs,
    reference,
    source,
)

ROOT = Path(__file__).parent.parent


def test_first_zoo_is_complete() -> None:
    assert set(FIRST) <= set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", EVERY)
def test_text_has_its_paper_and_reference(name: str) -> None:
    doc = cleandoc(ast.get_docstring(definitions(source(name))[name]) or "")
    assert re.search(r"\b(19|20)\d\d\b", doc), "a paper has a year"
    assert doc.splitlines()[-1] == f"reference: {reference(name)}"
    assert reference(name).startswith(("optax:", "torch:", "pytorch_optimizer:", "paper:"))


@pytest.mark.parametrize("name", NAMES)
def test_text_is_a_program(name: str) -> None:
    assert parse(source(name)).name == name


def test_every_text_of_every_file_is_in_the_zoo() -> None:
    held = [one for one in files("dsl.zoo").iterdir() if one.name.endswith(".py")]
    found = {one.name[:-3]: one.read_text("utf-8") for one in held if one.name[0] != "_"}
    assert {*found} == {*FAMILIES, "combinators"}
    for one, text in found.items():
        names = FAMILIES.get(one, tuple(COMBINATORS))
        assert tuple(re.findall(r"^def (\w+)", text, re.MULTILINE)) == names
        assert all(family(name) == one for name in names)
        assert max(map(len, text.splitlines())) <= 100
    assert len(EVERY) == len({*EVERY})


def test_programs_follow_the_names() -> None:
    assert [name for name, _ in programs()] == list(EXPRESSIONS)


def test_other_names_lead_to_programs_and_what_is_left_out_has_a_reason() -> None:
    assert not set(EVERY) & (KNOWN_AS.keys() | ABSENT.keys())
    for name in KNOWN_AS:
        assert load(name).body
    with pytest.raises(ProgramError, match="kfac is not in the zoo: "):
        load("kfac")


def test_unknown_name_says_the_nearest() -> None:
    with pytest.raises(KeyError, match="not 'adafacto'; the nearest name is 'adafactor'"):
        source("adafacto")


def test_a_wheel_holds_the_texts() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert "dsl.zoo" in settings["packages"]
    assert "*.json" in settings["package-data"]["*"]
