"""The examples: a rule that a search finds here trains both networks better than tuned SGD."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from search import Config, Search
from search.inspection import exported

EXAMPLES = Path(__file__).parent.parent / "examples"
SEARCH = {"from": ("sgd",), "tasks": ("digits_mlp",), "programs": 600, "workers": 0, "exam": None}
TAKEN = (("torch", "rule.py", "train_torch.py"), ("optax", "rule_optax.py", "train_flax.py"))


def _losses(folder: Path, example: str) -> dict[str, float]:
    """Runs an example beside the exported rule; returns the loss that it prints for each name."""
    shutil.copy(EXAMPLES / example, folder)
    done = subprocess.run(
        [sys.executable, example], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "make it wider" not in done.stdout, done.stdout
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    return {name: float(loss) for name, _, loss in rows}


def test_a_found_rule_beats_tuned_sgd_in_both_libraries(tmp_path: Path) -> None:
    Search(Config(**SEARCH, run="small"), tmp_path).run()
    for target, rule, example in TAKEN:
        exported("small:1", target, tmp_path, tmp_path / rule)
        losses = _losses(tmp_path, example)
        assert losses["found"] < losses["sgd"]
