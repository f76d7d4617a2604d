"""The evidence of a run on disk: a JSON line for each answer, appended and never changed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .records import Measured, Question

FILE = "evidence.jsonl"
VERSION = 1  # of what is asked and how it is answered; lines of another one are left alone

Name = tuple[str, str, str, str]  # rule, part, what, task


@dataclass
class Kept:
    """The answers of a run by their names."""

    path: Path
    answers: dict[Name, Measured] = field(default_factory=dict)

    def of(self, rule: str, part: str) -> list[Measured]:
        """Returns what was measured of one part of the evidence of a rule, in its order."""
        return [one for name, one in self.answers.items() if name[:2] == (rule, part)]

    def one(self, rule: str, part: str, what: str, task: str) -> Measured | None:
        """Returns one answer, None if it was not measured."""
        return self.answers.get((rule, part, what, task))

    def add(self, answer: Measured) -> None:
        """Writes an answer down; a process that is killed loses at most the one under way."""
        line = json.dumps({"version": VERSION, **_finite(asdict(answer))})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}" if _cut(self.path) else line)
            file.write("\n")
        self.answers[answer.question.name] = answer


def load(folder: Path) -> Kept:
    """Returns the evidence in a run's folder; what is half written or of another version is not."""
    kept = Kept(folder / FILE)
    if kept.path.is_file():
        for one in _read(kept.path.read_text(encoding="utf-8").splitlines()):
            kept.answers[one.question.name] = one
    return kept


def _read(lines: Iterable[str]) -> Iterable[Measured]:
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue  # the end of a line that was being written
        if isinstance(found, dict) and found.pop("version", None) == VERSION:
            yield _measured(found)


def _measured(found: Mapping[str, Any]) -> Measured:
    fields = {name: _tuples(value) for name, value in found.items()}
    question = {name: _tuples(value) for name, value in found["question"].items()}
    return Measured(**{**fields, "question": Question(**question)})


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    return math.nan if value is None else value


def _finite(value: Any) -> Any:
    """JSON has no word for what is not finite: null."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cut(path: Path) -> bool:
    """Whether the file ends in the midst of a line."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        if end == 0:
            return False
        file.seek(end - 1)
        return file.read(1) != b"\n"
