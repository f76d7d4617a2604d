"""The command line: every fault is one sentence, and scripts can rely on its JSON."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cheap
import pytest

from search.cli import main
from search.records import Row, Rows, Unit
from search.run import Search

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stepsmith(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Runs a command in an empty folder; returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["stepsmith", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def judged(unit: Unit) -> Sequence[Rows]:
    """A speed-up by the program's text, in place of training."""
    return [tuple(_row(text, task, unit) for task in unit.tasks) for text in unit.programs]


def _row(text: str, task: str, unit: Unit) -> Row:
    value = 0.5 + int(hashlib.sha256((text + task).encode()).hexdigest()[:4], 16) / 65536
    seeds = tuple(value * (1 + 0.01 * place) for place, _ in enumerate(unit.seeds))
    return Row(task, "ok", value, seeds, seeds=unit.seeds)


@pytest.fixture
def run(tmp_path: Path) -> str:
    """A run of real programs."""
    config = cheap.config(start=("sgd",), programs=60, run="small")
    Search(config, tmp_path / "runs", judged).run()
    return "small"


FAULTS = {
    "serch": "No such command 'serch'. Did you mean 'search'",
    "search --minuts 3": "No such option: --minuts (Possible options: --minutes)",
    "search --preset quik": (
        "Config.preset: expected 'quick', 'standard' or 'deep', got 'quik': did you mean 'quick'?"
    ),
    "search --minutes 1 --programs 3": "Config: expected either minutes or programs, got both.",
    "search --workers=-1": "Config.workers: expected greater than or equal to 0, got -1.",
    "search --from adamv": "not 'adamv'. Did you mean 'adam",
    "search --task digit_mlp": "Expected a task, not 'digit_mlp'; did you mean 'digits_mlp'?",
    "search --task nowhere.py:make": "found no 'nowhere.py'",
    "resume nope": "expected a run in 'runs', found no 'nope'; `stepsmith runs` lists",
    "watch nope": "expected a run in 'runs', found no 'nope'; `stepsmith runs` lists",
    "watch smal": "expected a run in 'runs', found no 'smal': did you mean 'small'?",
    "watch small --port 99999": "expected a port from 0 to 65535, got 99999.",
    "report smal": "expected a run in 'runs', found no 'smal': did you mean 'small'?",
    "show small:99": "expected a rank from 1 to",
    "show adamv": "not 'adamv'. Did you mean 'adam",
    "show missing.py": "There is no file missing.py.",
    "explain adamw(beta3=0.9)": "beta3",
    "export adamw --to tensorflow": "'tensorflow'",
    "export adamw --to torch --out torch.py": "would hide the library torch",
    "export adamw --to torch --out my-rule.py": "such as rule.py, not 'my-rule'",
    "export adamw --to torch --out none/rule.py": "cannot be written",
    "zoo lst": "'list', 'show', 'check', 'map', got 'lst': did you mean 'list'?",
    "zoo show adamv": "not 'adamv'. Did you mean 'adam",
    "evaluate adamw --suite tny": "Expected a suite, not 'tny'; did you mean 'tiny'?",
    "baseline digit_mlp": "Expected a task, not 'digit_mlp'; did you mean 'digits_mlp'?",
    "runs more": "Got unexpected extra argument(s) (more)",
}


@pytest.mark.parametrize("command", FAULTS)
def test_a_fault_is_one_sentence_and_leaves_nothing(
    stepsmith: Call, run: str, tmp_path: Path, command: str
) -> None:
    before = sorted(path.name for path in tmp_path.rglob("*"))
    code, out, said = stepsmith(*command.split())
    assert (code, out) == (2, "")
    assert said.startswith("stepsmith: ")
    assert FAULTS[command] in said
    assert len(said.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_the_place_of_a_fault_in_a_text_is_shown(stepsmith: Call, tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text("def rule(w, g, lr):\n    return lr * sgn(g)\n")
    code, _, said = stepsmith("show", "rule.py")
    assert code == 2
    assert said.splitlines()[0].startswith("stepsmith: ")
    assert "sign" in said
    assert "  line 2:     return lr * sgn(g)" in said
    assert said.splitlines()[-1].strip() == "^"


def test_a_run_is_listed_and_shown(stepsmith: Call, run: str) -> None:
    _, out, _ = stepsmith("runs", "--json")
    (row,) = json.loads(out)
    assert (row["name"], row["mode"], row["start"], row["seed"]) == (run, "evolution", "sgd", 3)
    assert row["programs"] >= 60
    _, out, _ = stepsmith("show", f"{run}:1", "--json")
    shown = json.loads(out)
    assert {"program", "key", "speedup", "tasks", "learning_rates"} <= set(shown)
    assert shown["program"].startswith("def found(")
    assert shown["speedup"] == pytest.approx(row["best_speedup"])


def test_the_zoo_lists_what_scripts_rely_on(stepsmith: Call) -> None:
    _, out, _ = stepsmith("zoo", "list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    fields = {"name", "family", "state_bytes_per_parameter", "reference", "agreement"}
    assert fields <= set(rows["adamw"])
    assert rows["adamw"]["state_bytes_per_parameter"] == 8
    assert rows["sgd"]["family"] == "sgd"


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("zoo", "adafactor"),
        ("zoo show lion", "sign("),
        ("show adamw(beta1=0.95)", "beta1=0.95"),
        ("simplify adamw", "def adamw("),
        ("explain lion", "gradient"),
        ("compare adam adamw", "adamw is adam, plus 0.01 * w on"),
        ("primitives", "newton_schulz"),
        ("export adamw --to torch", "class Adamw("),
        ("export sgd --to latex", "w"),
        ("export adamw --to markdown", "## Cost"),
        ("runs", "There are none yet."),
    ],
)
def test_commands_say_something(stepsmith: Call, command: str, part: str) -> None:
    code, out, said = stepsmith(*command.split())
    assert (code, said) == (0, "")
    assert part in out


@pytest.mark.slow
def test_the_zoo_is_checked_against_other_libraries(stepsmith: Call) -> None:
    _, out, _ = stepsmith("zoo", "check", "sgd", "--json")
    rows = json.loads(out)
    assert {row["reference"].split(":")[0] for row in rows} == {"optax", "torch"}
    assert {row["status"] for row in rows} == {"agrees"}


@pytest.mark.parametrize(
    "command",
    ["zoo", "tasks", "primitives", "show adamw", "simplify adamw", "runs",
     "explain adamw", "compare sgd lion"],
)  # fmt: skip
def test_tables_are_json_if_asked(stepsmith: Call, command: str) -> None:
    code, out, _ = stepsmith(*command.split(), "--json")
    assert code == 0
    json.loads(out)


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['stepsmith', '--help']\n"
        "from search.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as ended:\n    assert not ended.code\n"
        "heavy = {'jax', 'ray', 'numpy', 'pydantic', 'optax'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    root = Path(__file__).parent.parent
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=root, capture_output=True)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.5


def test_no_argument_is_a_call_for_help(stepsmith: Call) -> None:
    code, out, _ = stepsmith()
    assert code == 0
    assert "Commands:" in out


def test_a_file_is_written_and_how_to_use_it_said(stepsmith: Call, run: str) -> None:
    code, out, said = stepsmith("export", f"{run}:1", "--to", "torch", "--out", "rule.py")
    assert (code, said) == (0, "")
    assert out.splitlines()[1].startswith("from rule import Rule")
    text = Path("rule.py").read_text(encoding="utf-8")
    assert f"from rank 1 of the run {run}, canonical key " in text
    assert "class Rule(torch.optim.Optimizer):" in text
