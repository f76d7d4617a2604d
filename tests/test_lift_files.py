"""FILE:NAME and optax:NAME: an optimizer of one's own is found, and a wrong name is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl import lift
from dsl.recognition import recognized
from evaluators import TaskError
from evaluators.user_transform import load_transform


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(
        "import optax\nrule = optax.lion(0.01)\ndef make():\n    return rule\n"
        "def rated(learning_rate):\n    return optax.adam(learning_rate)\n"
    )
    return path


@pytest.mark.parametrize(("name", "known"), [("rule", "lion"), ("make", "lion"), ("rated", "adam")])
def test_an_object_or_a_function_of_a_file_is_lifted(file: Path, name: str, known: str) -> None:
    found = recognized(lift(load_transform(f"{file}:{name}")))
    assert found is not None
    assert found.name == known


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("{file}:mak", "did you mean 'make'?"),
        ("{file}:zzz", "has no 'zzz'."),
        ("nowhere.py:make", "Expected a Python file with an optimizer, found no 'nowhere.py'."),
        ("adam", "Expected FILE:NAME, such as my_optimizer.py:make"),
        ("optax:adamm", "did you mean 'adam'?"),
        ("optax:adam(1e-3)", "optax has no 'adam(1e-3)'"),
    ],
)
def test_a_wrong_name_is_one_sentence(file: Path, name: str, sentence: str) -> None:
    with pytest.raises(TaskError) as caught:
        load_transform(name.format(file=file))
    assert sentence in str(caught.value)
