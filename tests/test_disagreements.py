"""What is said of other libraries is still so in the pinned versions."""

from __future__ import annotations

from importlib.resources import files

import pytest

from evaluators.disagreements import DISAGREEMENTS, Disagreement, found, page


@pytest.mark.parametrize("one", DISAGREEMENTS, ids=lambda one: one.name)
def test_the_library_differs(one: Disagreement) -> None:
    paper, library = one.measure()
    assert abs(library - paper) > 1e-8 * abs(paper)


def test_the_page_is_up_to_date() -> None:
    held = (files("dsl.zoo") / "DISAGREEMENTS.md").read_text(encoding="utf-8")
    assert held == page(found()), "run python -m evaluators.disagreements --write"
