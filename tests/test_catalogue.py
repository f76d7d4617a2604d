"""The catalogue of the zoo says what is so."""

from __future__ import annotations

from importlib.resources import files

from dsl.catalogue import NEEDS, entries, needs, page
from dsl.load import load
from dsl.zoo import EVERY


def test_the_page_is_up_to_date() -> None:
    held = (files("dsl.zoo") / "README.md").read_text(encoding="utf-8")
    assert held == page(entries()), "run python -m dsl.catalogue"


def test_every_program_has_a_row() -> None:
    rows = list(entries())
    assert [row.name for row in rows] == list(EVERY)
    assert all(1940 < row.year < 2030 for row in rows)
    assert all(set(row.needs) <= set(NEEDS) for row in rows)


def test_what_a_program_needs_is_read_off_it() -> None:
    assert needs(load("sgd")) == set()
    assert needs(load("adamw")) == {"count"}
    assert needs(load("lars")) >= {"reduction"}
    assert needs(load("muon")) >= {"matrix", "shape"}
    assert needs(load("momo")) >= {"loss", "global"}
    assert needs(load("lookahead(sam(sgd))")) == {"count", "if", "global", "oracle"}
