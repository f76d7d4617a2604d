"""What commands print: programs to the letter, tables that are not folded where nobody looks."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from dsl import load, parse, text
from search.inspection import known_rule
from search.printing import WIDE, print_table, print_text

WORDS = " ".join(["word"] * 20)  # longer than a line of a terminal, shorter than WIDE


def test_a_program_is_printed_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    program = load("lookahead(adamw)")
    print_text({"program": text(program)})
    assert parse(capsys.readouterr().out) == program


def test_a_program_is_not_cropped_on_a_narrow_terminal() -> None:
    out = io.StringIO()
    code = text(load("lion"))
    print_text({"program": code}, Console(file=out, width=30))
    assert out.getvalue() == code


def test_a_table_in_a_pipe_is_wide(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"name": "a", "sentence": WORDS}])
    assert len(WORDS) < WIDE
    assert WORDS in capsys.readouterr().out


def test_a_known_rule_is_shown_with_its_formula_its_measurement_and_its_kin(tmp_path: Path) -> None:
    row = known_rule("lion", tmp_path)
    assert parse(row["program"]) == load("lion")
    assert "\\mathrm{sign}" in row["formula"]
    assert any("optax:lion" in one for one in row["verified"])
    assert not any(one.startswith("lion ") for one in row["nearest_by_what_it_does"])
    assert "formula" not in known_rule("lookahead(lion)", tmp_path)
