"""The command line: every command answers, bad input is one sentence, scripts get JSON."""

import json
import subprocess
import sys
import time

import pytest

from search import cli


def run(*words: str, capsys) -> tuple[int, str, str]:
    """The exit code, output and errors of a command, run in this process."""
    code = 0
    argv, sys.argv = sys.argv, ["stepsmith", *words]
    try:
        cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = argv
    out, err = capsys.readouterr()
    return code, out, err


BAD = {
    ("show", "adamm"): (
        "stepsmith: Expected a zoo name, an expression such as adamw(beta1=0.95) or a file, "
        "not 'adamm'. Did you mean 'adam'?\n"
    ),
    ("search", "--preset", "quik"): (
        "stepsmith: Config.preset: expected 'quick', 'standard' or 'deep', got 'quik': "
        "did you mean 'quick'?\n"
    ),
    ("report", "nothing"): "stepsmith: expected a run in 'runs', found no 'nothing'.\n",
    ("zoo", "chek"): (
        "stepsmith: expected an action among 'list', 'show', 'check', got 'chek': "
        "did you mean 'check'?\n"
    ),
}


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_bad_input_is_one_sentence(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*words, capsys=capsys) == (2, "", BAD[words])


@pytest.mark.parametrize("words", [
    ("zoo", "list"), ("tasks",), ("primitives",), ("explain", "lion"), ("runs",),
])  # fmt: skip
def test_tables_are_printed_and_given_as_json(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*words, capsys=capsys)
    assert (code, err) == (0, "")
    assert out.strip()
    code, out, err = run(*words, "--json", capsys=capsys)
    assert (code, err) == (0, "")
    assert isinstance(json.loads(out), list)


def test_the_zoo_tells_scripts_what_the_design_promises(capsys):
    _, out, _ = run("zoo", "list", "--json", capsys=capsys)
    fields = {"name", "family", "state_bytes_per_parameter", "reference", "agreement"}
    assert all(fields <= set(row) for row in json.loads(out))


def test_a_program_is_shown_simplified_compared_and_exported(capsys):
    assert "def lion" in run("show", "lion", capsys=capsys)[1]
    assert "def lion" in run("simplify", "lion", capsys=capsys)[1]
    assert "same behaviour" in run("compare", "adam", "adamw", capsys=capsys)[1]
    code, out, _ = run("export", "lion", "--to", "numpy", capsys=capsys)
    assert code == 0
    compile(out, "exported", "exec")


def test_help_is_quick():
    began = time.perf_counter()
    words = [sys.executable, "-c", "import sys; sys.argv = ['stepsmith', '--help']; "
             "from search.cli import main; main()"]  # fmt: skip
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "search" in out
    # Half a second on a quiet machine; the suite runs on a busy one.
    assert time.perf_counter() - began < 3
