"""Rows and summaries on a terminal, and as JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from .final import PARTS
from .summary import Cell, Line, Summary

WIDE = 160  # columns, where the output is no terminal
CODE = ("program", "difference", "formula")  # fields that are printed to the letter
# Fields that are printed a line each.
LISTED = (
    "proven_steps", "steps_with_a_caveat", "measured_steps", "what_has_to_stay", "verified",
)  # fmt: skip
LISTED_ENDS = ("nearest_by_structure",)  # and those that end so


def print_json(value: Any) -> None:
    """Prints a value as JSON; what is not finite becomes null."""
    print(json.dumps(_plain(value), indent=1))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def print_table(rows: Sequence[Mapping[str, Any]], console: Console | None = None) -> None:
    """Prints rows that have the same fields."""
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    for place, name in enumerate(rows[0] if rows else ()):
        number = all(isinstance(row[name], int | float | None) for row in rows)
        table.add_column(
            name.replace("_", " "), justify="right" if number else "left", no_wrap=not place
        )
    for row in rows:
        table.add_row(*map(written, row.values()))
    (console or _console()).print(table if rows else "There are none yet.")


def print_facts(
    facts: Sequence[Mapping[str, Any]], curves: Sequence[tuple[str, str, str]]
) -> None:
    """Prints facts about a rule: in words, as a table, and how updates answer, as bars."""
    out = _console()
    for fact in facts:
        out.print(fact["sentence"], highlight=False, markup=False)
    out.print()
    print_table([{key: fact[key] for key in ("name", "value", "how")} for fact in facts], out)
    out.print()
    width = max(len(title) for title, _, _ in curves)
    for title, note, bars in curves:
        out.print(f"{title:{width}}  {bars}  {note}", highlight=False, markup=False, soft_wrap=True)


def print_text(row: Mapping[str, Any], console: Console | None = None) -> None:
    """Prints one row as a page: program texts as code, the other fields a line each."""
    out = console or _console()
    for name, value in row.items():
        if name in CODE and value:
            _print_code(str(value), out)
        elif name in LISTED or name.endswith(LISTED_ENDS):
            out.print(f"[bold]{name.replace('_', ' ')}[/bold]")
            for step in value:
                out.print(f"  {step}", highlight=False, markup=False, soft_wrap=True)
        elif name not in CODE:
            out.print(f"[bold]{name.replace('_', ' ')}[/bold]  {written(value)}", highlight=False)


def _console() -> Console:
    """What is piped into a file or another program is not folded as narrowly as a terminal is."""
    return Console(width=None if sys.stdout.isatty() else WIDE)


def _print_code(code: str, out: Console) -> None:
    """Prints a program, never cropped: it may be copied from the screen."""
    highlighted = Syntax("", "python", background_color="default").highlight(code.rstrip())
    highlighted.rstrip()
    out.print(highlighted, soft_wrap=True)


def written(value: Any) -> str:
    """Returns a field as people read it."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case Mapping():
            return ", ".join(f"{key} {written(each)}" for key, each in value.items())
        case list() | tuple():
            return ", ".join(map(written, value))
    return str(value)


def print_summary(summary: Summary, console: Console | None = None) -> None:
    """Prints the last screen of a search: the rule, the tables and the sentence."""
    out = console or _console()
    if summary.program:
        _print_code(summary.program, out)
    for part in PARTS:
        lines = [line for line in summary.lines if line.part == part]
        if lines:
            out.print(_part_table(part, lines))
    out.print(f"[bold]{summary.sentence}[/bold]", *summary.details, highlight=False)


def _part_table(part: str, lines: Sequence[Line]) -> Table:
    names = list(dict.fromkeys(name for line in lines for name in line.cells))
    title = f"Speed-up over tuned AdamW, {part}, fresh seeds, 95 % intervals"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("rule")
    for name in (*names, "mean"):
        table.add_column(name, justify="right")
    for line in lines:
        cells = [_cell(line.cells.get(name)) for name in names]
        table.add_row(line.rule.replace("_", " "), *cells, f"{line.mean:.2f}")
    return table


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    sign = "≥" if cell.capped and cell.speedup > 1 else "≤" if cell.capped else ""
    return f"{sign}{cell.speedup:.2f} ({cell.low:.2f}-{cell.high:.2f})"
