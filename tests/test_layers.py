"""The house keeps its walls: who imports whom, how long things may be, what is packaged."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("primitives", "dsl", "evaluators", "search")  # each imports only from those before it

# What a folder may import beside the standard library and the layers before it.
OUTSIDE = {
    "primitives": {"numpy"},
    "dsl": {"numpy", "jax", "optax", "egglog"},
    "evaluators": {"numpy", "jax", "optax", "sklearn", "mlxtend", "torch"},
    "search": {
        "numpy", "jax", "optax", "torch", "sklearn", "mlxtend",
        "ray", "pydantic", "rich", "typer", "click", "starlette", "uvicorn",
    },
}  # fmt: skip
ONLY_SEARCH = {"ray", "pydantic", "sqlite3", "rich", "typer", "starlette", "uvicorn"}
# What proposing, keying and reading programs must never load.
HEAVY = (
    "jax", "optax", "ray", "torch", "sklearn", "mlxtend", "pandas", "matplotlib", "starlette",
    "uvicorn",
)  # fmt: skip

LONGEST_FILE = 300
LONGEST_FUNCTION = 45
MEDIAN_FUNCTION = 9
# Written in two halves, so that this file does not hold what it forbids.
FORBIDDEN = ("/wo" + "rk/", "/tm" + "p/", "TO" + "DO", "FIX" + "ME", "XX" + "X ", "/ho" + "me/")


def is_text_of_programs(path: Path) -> bool:
    """Tells whether a file of the zoo holds program texts, which are never imported."""
    return path.parent.name == "zoo" and not path.name.startswith("_")


EVERYTHING = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
MODULES = [path for path in EVERYTHING if not is_text_of_programs(path)]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, top_level: bool = False) -> Iterator[tuple[str, int]]:
    """Yields every module that a file imports, by its full name, with the line."""
    nodes = top_level_nodes(tree(path)) if top_level else ast.walk(tree(path))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(path, node)
            yield base, node.lineno
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = name_of(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def top_level_nodes(module: ast.Module) -> Iterator[ast.AST]:
    """Yields the statements that run on import, but for those under TYPE_CHECKING."""
    todo: list[ast.AST] = list(module.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        todo += ast.iter_child_nodes(node)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yields every function with the number of its lines, the docstring left out."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            last = (body[-1] if body else node.body[-1]).end_lineno or node.lineno
            doc = node.body[0] if ast.get_docstring(node) else None
            skipped = (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
            yield f"{name_of(path)}.{node.name}", last - node.lineno + 1 - skipped


def test_a_folder_imports_only_from_those_on_its_left() -> None:
    wrong = []
    for path in MODULES:
        layer = path.relative_to(ROOT).parts[0]
        later = set(LAYERS[LAYERS.index(layer) + 1 :])
        wrong += [f"{path}:{n} {m}" for m, n in imports(path) if m.split(".")[0] in later]
    assert not wrong


def test_only_known_packages_are_imported() -> None:
    wrong = []
    for path in MODULES:
        layer = path.relative_to(ROOT).parts[0]
        known = OUTSIDE[layer] | set(LAYERS) | set(sys.stdlib_module_names)
        known -= ONLY_SEARCH if layer != "search" else set()
        wrong += [f"{path}:{n} {m}" for m, n in imports(path) if m.split(".")[0] not in known]
    assert not wrong


def test_torch_is_never_imported_by_a_search() -> None:
    """It is an extra of the tests and of the bench, and loads inside functions only."""
    wrong = [
        f"{path}:{n}" for path in MODULES
        for m, n in imports(path, top_level=True) if m.split(".")[0] == "torch"
    ]  # fmt: skip
    assert not [w for w in wrong if "bench" not in w and "reference" not in w]


def test_across_folders_imports_are_absolute_and_inside_one_relative() -> None:
    wrong = []
    for path in MODULES:
        layer = path.relative_to(ROOT).parts[0]
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and not node.level and path.name != "__init__.py":
                wrong += [f"{path}:{node.lineno}"] * ((node.module or "").split(".")[0] == layer)
    assert not wrong


def test_no_modules_import_each_other() -> None:
    names = {name_of(path): path for path in MODULES}
    graph = {
        name: {m for m, _ in imports(path, top_level=True) if m in names and m != name}
        for name, path in names.items()
    }
    # A package's own list of what is public imports its modules; that is no cycle of theirs.
    graph = {n: {m for m in ms if not n.startswith(f"{m}.")} for n, ms in graph.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def loaded_by(code: str) -> set[str]:
    """Returns the packages that a fresh Python has loaded after `code`."""
    script = f"{code}\nimport sys\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import primitives",
        "import dsl",
        "from dsl import parse, text, check, load; load('adamw')",
        "from dsl.canonical import canonical_key",
        "from dsl.probe import behavioural_key",
        "from dsl import export, load; export(load('lion'), 'torch', checked=False)",
        "import search.mutate",
        "import search.cli",
    ],
)
def test_light_things_load_nothing_heavy(code: str) -> None:
    assert not loaded_by(code) & set(HEAVY)


@pytest.mark.parametrize("name", LAYERS)
def test_python_imports_this_checkout(name: str) -> None:
    file = importlib.import_module(name).__file__
    assert file is not None
    assert Path(file).parent == ROOT / name


def test_packages_are_listed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = {name_of(p) for layer in LAYERS for p in (ROOT / layer).rglob("__init__.py")}
    assert set(settings["tool"]["setuptools"]["packages"]) == found


@pytest.mark.parametrize("name", ["run", "test"])
def test_locks_hold_for_every_machine(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith(("#", "-r "))]
    assert pins
    assert not [line for line in pins if line.count("==") != 1 or "+" in line or "/" in line]
    assert not (name == "run" and any(line.startswith(("torch", "pytest")) for line in pins))


def test_files_are_short() -> None:
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES}
    assert {str(p): n for p, n in lengths.items() if n > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    lengths = dict(pair for path in MODULES for pair in functions(path))
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}
    assert median(lengths.values()) <= MEDIAN_FUNCTION


def test_modules_open_with_one_sentence() -> None:
    missing = [p for p in MODULES if not ast.get_docstring(tree(p))]
    assert not missing


@pytest.mark.parametrize("word", FORBIDDEN)
def test_nothing_forbidden_is_written(word: str) -> None:
    files = [*EVERYTHING, *(ROOT / "tests").glob("*.py"), *ROOT.glob("*.*"), ROOT / "Makefile"]
    texts = {str(p): p.read_text(encoding="utf-8") for p in files if p.is_file()}
    assert [p for p, text in texts.items() if word in text] == []


def test_init_files_hold_only_the_public_list() -> None:
    for path in MODULES:
        if path.name == "__init__.py" and path.parent.name != "primitives":
            kinds = {type(node) for node in tree(path).body}
            allowed = {ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign}
            # `__getattr__` and the type of the module, for what is heavy to load.
            lazy = {ast.FunctionDef, ast.If, ast.ClassDef}
            assert kinds <= allowed | lazy, path
