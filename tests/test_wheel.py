"""A wheel of the tree works from another folder, with everything that is no module in it."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("primitives", "dsl", "evaluators", "search")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds from what git would commit, so that leftovers of other builds play no part."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    out = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(out)]
    run([sys.executable, "-m", "pip", "wheel", *options, str(source)])
    (built,) = out.glob("stepsmith-*.whl")
    return built


def tracked() -> list[str]:
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT)
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_every_file_of_the_four_folders(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name for name in tracked() if name.split("/")[0] in LAYERS}
    assert wanted - held == set()
    assert {name.split("/")[0] for name in held if ".dist-info/" not in name} == set(LAYERS)
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_the_command_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    (packages,) = home.glob("lib/python*/site-packages")
    python = home / "bin" / "python"
    zipfile.ZipFile(wheel).extractall(packages)
    # What the project depends on comes from the environment of the tests, this checkout does not.
    site = next(Path(p) for p in sys.path if p.endswith("site-packages"))
    reach = f"import sys; sys.path.append({str(site)!r})\n"
    (packages / "dependencies.pth").write_text(reach, encoding="utf-8")
    where = tmp_path / "elsewhere"
    where.mkdir()
    script = "import sys, search.cli as cli; sys.argv[0] = 'stepsmith'; sys.exit(cli.main())"
    found = run([str(python), "-c", "import dsl; print(dsl.__file__)"], where)
    assert Path(found.strip()).is_relative_to(packages)
    rows = json.loads(run([str(python), "-c", script, "zoo", "list", "--json"], where))
    assert "adamw" in {row["name"] for row in rows}
    code = run([str(python), "-c", script, "export", "lion", "--to", "optax"], where)
    assert "def lion(learning_rate" in code
    style = "from search.report import ReportData, page; print(page(ReportData('x')))"
    assert "<style>" in run([str(python), "-c", style], where)
