"""What `import dsl` offers, and that what is heavy comes late and under its own name."""

from __future__ import annotations

import importlib
import types

import pytest

import dsl


@pytest.mark.parametrize("name", dsl.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert not isinstance(getattr(dsl, name), types.ModuleType)


@pytest.mark.parametrize("name", ["lower", "simplify", "export", "parse", "text", "check", "load"])
def test_a_function_is_not_hidden_by_the_module_of_its_name(name: str) -> None:
    module = importlib.import_module(f"dsl.{name}")
    assert isinstance(module, types.ModuleType)
    assert getattr(dsl, name) is getattr(module, name)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="module 'dsl' has no attribute 'lowr'"):
        _ = dsl.lowr  # type: ignore[attr-defined]
