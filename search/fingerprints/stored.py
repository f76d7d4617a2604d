"""What is kept of every known rule: its fingerprint, and how often it calls what.

`python -m search.fingerprints` writes the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

FILE = "zoo.json"
UNIT = 1e-4  # the vector is kept in whole multiples of this


@dataclass(frozen=True)
class Kept:
    """One known rule.

    rounding: how far rounding moves a number of the vector, so another machine may as well.
    calls: of its canonical form with its constants read in.
    """

    expression: str
    family: str
    vector: np.ndarray
    rounding: float
    calls: Mapping[str, int]


@lru_cache(maxsize=1)
def kept() -> Mapping[str, Kept]:
    """Returns what is kept, by the names of the zoo."""
    file = files("search.fingerprints") / FILE
    rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {
        name: Kept(
            row["expression"], row["family"], UNIT * np.array(row["vector"]),
            UNIT * row["rounding"], row["calls"],
        )
        for name, row in rows.items()
    }  # fmt: skip


def write(rows: Mapping[str, Kept]) -> None:
    """Writes the file, a line a rule."""
    lines = [f"{json.dumps(name)}: {_line(row)}" for name, row in rows.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (files("search.fingerprints") / FILE).write_text(text, encoding="utf-8")  # type: ignore[attr-defined]


def _line(row: Kept) -> str:
    vector = np.rint(row.vector / UNIT).astype(int).tolist()
    fields = {
        "expression": row.expression, "family": row.family, "calls": dict(row.calls),
        "rounding": round(row.rounding / UNIT), "vector": vector,
    }  # fmt: skip
    return json.dumps(fields, separators=(",", ":"))
