"""The command line: `stepsmith COMMAND`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="stepsmith",
    help="Discovers optimizers: searches over short symbolic update rules and explains them.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Rule = Annotated[str, typer.Argument(help="A zoo name, an expression, a file, or RUN:RANK.")]
RUNS = Path("runs")


def main() -> None:
    """Runs a command; what the user can put right ends in one sentence and exit code 2."""
    from .failures import told

    try:
        sys.exit(app(sys.argv[1:] or ["--help"], standalone_mode=False) or 0)
    except KeyboardInterrupt:
        sys.exit(130)
    except typer.Abort:
        sys.exit(1)
    except Exception as error:
        sentence = told(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        sys.exit(2)


@app.command()
def search(
    start: Annotated[list[str] | None, typer.Option("--from", help="Start programs.")] = None,
    donor: Annotated[list[str] | None, typer.Option(help="Programs to splice pieces of.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="A task, or FILE:NAME.")] = None,
    preset: Annotated[str, typer.Option(help="quick, standard or deep.")] = "quick",
    minutes: Annotated[float | None, typer.Option(help="Time limit, all included.")] = None,
    programs: Annotated[int | None, typer.Option(help="Programs through the first rung.")] = None,
    seed: Annotated[int, typer.Option(help="Decides the run.")] = 0,
    workers: Annotated[int | None, typer.Option(help="0 trains in this process.")] = None,
    address: Annotated[str | None, typer.Option(help="A Ray cluster to join.")] = None,
    run: Annotated[str | None, typer.Option(help="Name of the run's folder.")] = None,
    mode: Annotated[str, typer.Option(help="evolution, random or constants.")] = "evolution",
) -> None:
    """Search for a rule, and leave a report."""
    from .sessions import start_search

    asked = {
        "from": tuple(start or ()), "tasks": tuple(task or ()), "donors": tuple(donor or ()),
        "preset": preset, "minutes": minutes, "programs": programs, "seed": seed,
        "workers": workers, "address": address, "run": run, "mode": mode,
    }  # fmt: skip
    start_search({k: v for k, v in asked.items() if v is not None and v != ()}, RUNS)


@app.command()
def resume(
    run: str,
    minutes: Annotated[float | None, typer.Option(help="A new time limit, all included.")] = None,
    programs: Annotated[int | None, typer.Option(help="A new number of programs.")] = None,
    workers: Annotated[int | None, typer.Option(help="0 trains in this process.")] = None,
) -> None:
    """Take up a search where it was left; nothing is trained twice."""
    from .sessions import resume_search

    asked = {"minutes": minutes, "programs": programs, "workers": workers}
    resume_search(run, {k: v for k, v in asked.items() if v is not None}, RUNS)


@app.command()
def runs(as_json: Json = False) -> None:
    """List the runs."""
    from .sessions import run_rows

    _show(run_rows(RUNS), as_json)


@app.command()
def report(
    run: str,
    measure: Annotated[bool, typer.Option("--measure", help="Train, to fill the cards.")] = False,
    minutes: Annotated[float, typer.Option(help="Time limit, with --measure.")] = 10.0,
) -> None:
    """Write the report of a run: one page that needs no network."""
    from .sessions import measure_evidence, write_report

    if measure:
        measure_evidence(run, minutes, RUNS)
    print(write_report(run, RUNS))


@app.command()
def watch(
    run: str,
    port: Annotated[int, typer.Option(help="0 takes one that is free.")] = 0,
    as_json: Json = False,
) -> None:
    """Show the report of a run in the browser while the search goes on; Ctrl-C ends it."""
    from .sessions import watch_run

    watch_run(run, RUNS, port, as_json)


@app.command()
def zoo(
    what: Annotated[str, typer.Argument(help="list, show, check or map.")] = "list",
    names: Annotated[
        list[str] | None,
        typer.Argument(help="A program of the zoo; of map, rules to show on it, such as RUN:RANK."),
    ] = None,
    family: Annotated[str | None, typer.Option(help="List one family alone.")] = None,
    needs: Annotated[str | None, typer.Option(help="What a program needs: loss, matrix...")] = None,
    since: Annotated[int | None, typer.Option(help="The first year.")] = None,
    state: Annotated[float | None, typer.Option(help="Bytes of state a parameter at most.")] = None,
    out: Annotated[Path, typer.Option(help="Of map: a .svg or .html file.")] = RUNS / "map.svg",
    as_json: Json = False,
) -> None:
    """List, show, check or map the known optimizers."""
    from . import inspection

    name = names[0] if names else None
    match what:
        case "list":
            _show(inspection.zoo_rows(family, needs, since, state), as_json)
        case "show":
            _show([inspection.known_rule(name or "adamw", RUNS)], as_json, text=True)
        case "check":
            _show(inspection.checked(name), as_json)
        case "map":
            _show([inspection.mapped(names or (), out, RUNS)], as_json, text=True)
        case _:
            from .errors import SearchError, one_of

            raise SearchError(one_of("an action", what, ("list", "show", "check", "map")))


@app.command()
def tasks(as_json: Json = False) -> None:
    """List the tasks and the numbers of their gate."""
    from . import inspection

    _show(inspection.task_rows(), as_json)


@app.command()
def primitives(as_json: Json = False) -> None:
    """List what a program may call."""
    from . import inspection

    _show(inspection.primitive_rows(), as_json)


@app.command()
def show(program: Rule, as_json: Json = False) -> None:
    """Print a program, its cost and its scores."""
    from . import inspection

    _show([inspection.shown(program, RUNS)], as_json, text=True)


@app.command()
def simplify(
    program: Rule,
    measure: Annotated[bool, typer.Option("--measure", help="Train, to see what can go.")] = False,
    suite: Annotated[str, typer.Option(help="What to train on, with --measure.")] = "quick",
    minutes: Annotated[
        float | None, typer.Option(help="Time limit: 1, or 15 with --measure.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Simplify a program, step by step; with --measure by training too."""
    from . import derivation

    if measure:
        limit = 15.0 if minutes is None else minutes
        row = derivation.simplified_by_training(program, suite, limit, RUNS)
    else:
        row = derivation.simplified(program, 1.0 if minutes is None else minutes, RUNS)
    _show([row], as_json, text=True)


@app.command()
def explain(
    program: Rule,
    page: Annotated[Path | None, typer.Option(help="Write an .html page instead.")] = None,
    as_json: Json = False,
) -> None:
    """Say what can be seen of a rule without training it."""
    from . import inspection
    from .printing import print_facts

    if page:
        print(inspection.explained_page(program, page, RUNS))
    elif as_json:
        _show(inspection.explained(program, RUNS), as_json)
    else:
        print_facts(inspection.explained(program, RUNS), inspection.responses(program, RUNS))


@app.command()
def compare(
    a: Rule,
    b: Rule,
    task: Annotated[str, typer.Option(help="Train both on it: how far apart they end.")] = "",
    rate: Annotated[list[float] | None, typer.Option(help="With --task, one for each.")] = None,
    as_json: Json = False,
) -> None:
    """Say what sets two programs apart, and which known rules they are near."""
    from . import inspection

    _show([inspection.compared(a, b, RUNS, task, rate or ())], as_json, text=True)


@app.command()
def evaluate(
    program: Rule,
    suite: Annotated[str, typer.Option(help="tiny, quick, unseen or held_out.")] = "tiny",
    as_json: Json = False,
) -> None:
    """Tune a program's learning rate and measure it on fresh seeds."""
    from . import inspection

    _show(inspection.evaluated(program, suite, RUNS), as_json)


@app.command()
def export(
    program: Rule,
    to: Annotated[
        str, typer.Option(help="optax, torch, numpy, latex, markdown or stepsmith.")
    ] = "optax",
    out: Annotated[Path | None, typer.Option(help="A file to write; it names the rule.")] = None,
) -> None:
    """Print a program as source that needs nothing of ours, or write it to a file."""
    from . import inspection

    print(inspection.exported(program, to, RUNS, out))


@app.command()
def lift(
    optimizer: Annotated[str, typer.Argument(help="FILE:NAME, or optax:NAME such as optax:lion.")],
    name: Annotated[str, typer.Option(help="Name of the program.")] = "",
    as_json: Json = False,
) -> None:
    """Print an optax optimizer as a program, and whether the two agree."""
    from . import lifting

    _show([lifting.lifted_row(optimizer, name)], as_json, text=True)


@app.command()
def baseline(task: str) -> None:
    """Tune the known rules on a task and store AdamW's curve."""
    from . import inspection

    print(inspection.stored_baseline(task))


@app.command()
def bench(as_json: Json = False) -> None:
    """Measure training and proposal rates on this machine."""
    from . import inspection

    _show(inspection.bench_rows(), as_json)


def _show(rows: list[dict[str, Any]], as_json: bool, text: bool = False) -> None:
    from .printing import print_json, print_table, print_text

    if as_json:
        print_json(rows[0] if text else rows)
    elif text:
        print_text(rows[0])
    else:
        print_table(rows)
