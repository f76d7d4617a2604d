"""FILE:NAME: the example works, and each mistake is answered by one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluators import Task, TaskError, load_task, task
from evaluators.task import size

EXAMPLE = Path(__file__).parent.parent / "examples" / "my_task.py"

PARTS = """
import jax, jax.numpy as jnp, numpy as np
x = np.ones((100, 3)); y = np.arange(100)
init = lambda key: {"w": jnp.zeros(3)}
loss = lambda params, batch: jnp.mean((batch[0] @ params["w"] - batch[1]) ** 2)
"""


def _load(folder: Path, body: str) -> Task:
    file = folder / "mine.py"
    file.write_text(f"{PARTS}\ndef make():\n    {body}\n")
    return load_task(f"{file}:make")


def test_the_example_is_a_task() -> None:
    one = task(f"{EXAMPLE}:make")
    assert one is load_task(f"{EXAMPLE}:make")
    assert task(one.name) is one
    assert one.horizon == 100
    assert size(one) > 100
    assert one.train[0].dtype == "float32"


def test_a_dict_with_validation_and_batch_size_will_do(tmp_path: Path) -> None:
    data = "{'train': (x, y), 'valid': (x[:9], y[:9])}"
    one = _load(
        tmp_path, f"return dict(init=init, loss=loss, data={data}, horizon=7, batch_size=10)"
    )
    assert (one.horizon, one.batch_size, len(one.valid[0])) == (7, 10, 9)
    assert one.train[1].dtype == "int32"


def test_a_task_will_do(tmp_path: Path) -> None:
    body = "from evaluators import Task; return Task('x', init, loss, (x, y), 5)"
    one = _load(tmp_path, body)
    assert one.horizon == 5
    assert one.name.endswith("mine.py:make")


MISTAKES = {
    "return init, loss, (x, y)": "returned a tuple of 3; expected (init, loss, data, horizon)",
    "return 3": "returned a int; expected (init, loss, data, horizon)",
    "return dict(init=init, loss=loss, data=x)": "returned no 'horizon'",
    "return dict(init=init, loss=loss, data=x, horizn=3)": "did you mean 'horizon'?",
    "return init, loss, {'training': x}, 5": "has data with 'training'; expected 'train'",
    "return init, loss, (x, y[:50]), 5": "has train arrays of [50, 100] rows",
    "return init, loss, (x[:0], y[:0]), 5": "has no training examples",
    "return init, loss, (), 5": "has no training examples",
    "return init, loss, (['a', 'b'],), 5": "has train data of type <U1; expected numbers",
    "return init, loss, (x, y), 0": "has horizon 0; expected a whole number of at least 1",
    "return init, loss, (x, y), 1.5": "has horizon 1.5; expected a whole number",
    "return 3, loss, (x, y), 5": "has init 3; expected a function",
    "return init, lambda p, b: b[0] @ p['w'], (x, y), 5": "a loss that is one float, got shape",
    "return init, lambda p, b: jnp.log(-jnp.ones(())), (x, y), 5": "the loss at the start is nan",
    "return init, lambda p, b: jnp.sum(jnp.sqrt(p['w'])), (x, y), 5": "gradient at the start",
    "return init, lambda p, b: p['v'], (x, y), 5": "loss raised KeyError: 'v'",
    "return (lambda key: {}), loss, (x, y), 5": "init returned no parameters",
    "return (lambda key: {'w': jnp.arange(3)}), loss, (x, y), 5": "a parameter of int32",
    "return (lambda key: {'w': jnp.full(3, jnp.inf)}), loss, (x, y), 5": "are not finite",
    "return dict(init=init, loss=loss, data=x, horizon=5, batch_size=101)": "has batch_size 101",
    "raise OSError('the disk is away')": "raised OSError: the disk is away",
}


@pytest.mark.parametrize("body", MISTAKES)
def test_a_mistake_is_one_sentence(tmp_path: Path, body: str) -> None:
    with pytest.raises(TaskError) as caught:
        _load(tmp_path, body)
    assert MISTAKES[body] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere.py:make", "Expected a Python file with a task, found no 'nowhere.py'."),
        (f"{EXAMPLE}:", "Expected FILE:NAME, such as my_task.py:make"),
        (f"{EXAMPLE}:mak", "has no function 'mak'; did you mean 'make'?"),
        (f"{EXAMPLE}:zzz", "has no function 'zzz'."),
    ],
)
def test_a_wrong_name_is_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(TaskError) as caught:
        task(name)
    assert sentence in str(caught.value)


def test_a_file_that_is_no_python_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def make(:\n")
    with pytest.raises(TaskError, match="raised SyntaxError"):
        load_task(f"{file}:make")
