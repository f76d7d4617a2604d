"""What the README shows is what happens."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from listings import FOUND

from dsl import canonical_key, parse
from dsl.recognition import recognized
from dsl.zoo import EXPRESSIONS
from search.cli import main

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_session_is_real() -> None:
    (session,) = re.findall(r"```python\n(>>> .*?)```", TEXT, re.DOTALL)
    test = doctest.DocTestParser().get_doctest(session, {}, "README", "README.md", 0)
    assert len(test.examples) >= 5
    result = doctest.DocTestRunner().run(test)
    assert result.failed == 0


def test_the_task_of_your_own_is_a_task(tmp_path: Path) -> None:
    from evaluators import task

    (shown,) = re.findall(r"```python\n(# my_task.py.*?)```", TEXT, re.DOTALL)
    (tmp_path / "my_task.py").write_text(shown, encoding="utf-8")
    made = task(f"{tmp_path / 'my_task.py'}:make")
    batch = tuple(array[:4] for array in made.train)
    assert np.isfinite(made.loss(made.init(jax.random.key(0)), batch))


def test_folders_and_targets_exist() -> None:
    for folder in re.findall(r"^\| `(\w+)/` \|", TEXT, re.MULTILINE):
        assert (ROOT / folder).is_dir()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make (\w+)", TEXT):
        assert target == "and" or f"\n{target}:" in makefile


def test_the_number_of_known_optimizers_is_that_of_the_zoo() -> None:
    (said,) = re.findall(r"holds (\d+) known optimizers", TEXT)
    assert int(said) == len(EXPRESSIONS)


def test_the_derivation_of_lion_starts_at_the_listing_and_ends_at_lion() -> None:
    raw, found = re.findall(r"```python\n(def train.*?)```", TEXT, re.DOTALL)
    assert canonical_key(parse(raw)) == canonical_key(parse(FOUND))
    (said,) = re.findall(r"^    known rule  (.*)$", TEXT, re.MULTILINE)
    assert str(recognized(parse(found))) == said


@pytest.mark.parametrize("command", ["explain lion", "compare lion signum"])
def test_what_a_command_is_shown_to_say_is_what_it_says(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = TEXT.split(f"    $ stepsmith {command}\n")[1].split("\n\n")[0].split("\n")
    monkeypatch.setattr(sys, "argv", ["stepsmith", *command.split()])
    with pytest.raises(SystemExit):
        main()
    printed = " ".join(capsys.readouterr().out.split())
    lines = [" ".join(line.split()) for line in shown if line.strip() != "..."]
    assert len(lines) > 1
    assert [line for line in lines if line not in printed] == []
