"""What the commands about programs and tasks show, as rows."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dsl import Program, canonical_key, flops, load, parse, state_bytes, text
from dsl import simplify as simplify_program

from .errors import RunError, SearchError, one_of
from .records import best_rate

_RANKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*):(\d+)$")


def find(what: str, root: Path) -> Program:
    """Returns the program that a user names: RUN:RANK, or whatever `dsl.load` takes."""
    ranked = _RANKED.match(what)
    if ranked is None:
        return load(what)
    entry = _entry(ranked[1], int(ranked[2]), root)
    return simplify_program(parse(entry.candidate.text)).program


def _entry(name: str, rank: int, root: Path) -> Any:
    from .kept import open_run

    hall = open_run(name, root).hall_of_fame
    if not 1 <= rank <= len(hall):
        raise RunError(f"expected a rank from 1 to {len(hall)} of the run {name!r}, got {rank}.")
    return hall[rank - 1]


def shown(what: str, root: Path) -> dict[str, Any]:
    """Returns a program's text, key and cost, and of RUN:RANK the scores."""
    program = find(what, root)
    row: dict[str, Any] = {"program": text(program), "key": canonical_key(program)}
    ranked = _RANKED.match(what)
    if ranked:
        entry = _entry(ranked[1], int(ranked[2]), root)
        row["speedup"] = entry.score
        row["tasks"] = {each.task: each.speedup for each in entry.rows}
        row["learning_rates"] = {each.task: best_rate(each) for each in entry.rows if each.rates}
        row |= _kin(program)
    return row | {
        "state_bytes_per_parameter": state_bytes(program),
        "flops_per_parameter": flops(program),
    }


def known_rule(name: str, root: Path) -> dict[str, Any]:
    """Returns the text, formula and cost of a known rule, how it was verified, and its kin.

    Of anything else that can be named, what `shown` does.
    """
    from dsl import export
    from dsl.zoo import COMBINATORS, EVERY, family, measured

    if name not in EVERY:
        return shown(name, root)
    program = load(COMBINATORS.get(name, name))
    return {
        "program": text(program),
        "formula": export(program, "latex").strip(),
        "family": family(name),
        "state_bytes_per_parameter": state_bytes(program),
        "flops_per_parameter": flops(program),
        "key": canonical_key(program),
        "verified": [_verified(row) for row in measured().get(name, ())],
        **_kin(program, name),
    }


def _verified(row: dict[str, Any]) -> str:
    noticed = f"{row['noticed']} of {row['tried']} changes noticed"
    return f"{row['reference']}: {row['error']:.0e} apart over {row['steps']} steps, {noticed}"


def _kin(program: Program, but: str = "") -> dict[str, Any]:
    from .compare import described, relatives

    found = described(relatives(program, but=but))
    return {name: value for name, value in found.items() if not (but and name == "is")}


def explained(what: str, root: Path) -> list[dict[str, Any]]:
    """Returns the facts about a rule."""
    from .explain import explain

    return [asdict(fact) for fact in explain(find(what, root))]


def responses(what: str, root: Path) -> list[tuple[str, str, str]]:
    """Returns the title, the note and the updates as bars of each response of a rule."""
    from .explain import responses
    from .explain.curves import bars

    return [(one.title, one.note, bars(one.update)) for one in responses(find(what, root))]


def explained_page(what: str, out: Path, root: Path) -> Path:
    """Writes the page of a rule and returns where. Raises SearchError for another ending."""
    from .explain import explain, responses
    from .explain.page import page

    if out.suffix != ".html":
        raise SearchError(f"expected a file that ends in .html, got {str(out)!r}.")
    program = find(what, root)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(program, explain(program), responses(program)), encoding="utf-8")
    return out


def compared(
    a: str, b: str, root: Path, task: str = "", rates: Sequence[float] = ()
) -> dict[str, Any]:
    """Returns what sets two programs apart; with a task, how far apart both end on it, too."""
    from .compare import compare, described

    first, second = find(a, root), find(b, root)
    found = compare(first, second)
    row = {field: getattr(found, field) for field in COMPARED}
    for name, kin in found.relatives.items():
        row |= described(kin, name)
    return row | (_trained_apart(first, second, task, rates) if task else {})


COMPARED = ("sentence", "difference", "same_program", "same_structure", "same_behaviour",
            "distance")  # fmt: skip


def _trained_apart(
    a: Program, b: Program, name: str, rates: Sequence[float]
) -> dict[str, Any]:
    from evaluators import task
    from evaluators.trajectories import trajectories_apart

    if len(rates) not in (0, 2):
        raise SearchError(f"expected two learning rates, one for each rule, got {len(rates)}.")
    found = trajectories_apart(a, b, task(name), tuple(rates) or (None, None))
    shares = [found.shares[len(found.shares) * k // 4 - 1] for k in (1, 2, 3, 4)]
    return {
        "trained_on": found.task,
        "learning_rates": list(found.rates),
        "seeds": list(found.seeds),
        "apart_after_each_quarter": shares,
    }


def exported(what: str, target: str, root: Path, out: Path | None) -> str:
    """Returns the program as source for a target; with `out`, writes it and says how to use it."""
    from dsl import export
    from dsl.export import LIBRARIES, pasted, renamed

    program = find(what, root)
    origin = _origin(what, program)
    if out is None:
        return export(program, target, origin=origin)
    if target in LIBRARIES:
        program = renamed(program, out.stem)
    source = export(program, target, origin=origin)
    try:
        out.write_text(source, encoding="utf-8")
    except OSError as error:
        raise SearchError(f"{out} cannot be written: {error.strerror}.") from None
    return "\n".join([f"Wrote {out}.", *pasted(program, target, out.stem)])


def _origin(what: str, program: Program) -> str:
    """Returns in words where a program that a user named comes from."""
    from dsl.export import origin_of

    ranked = _RANKED.match(what)
    if ranked:
        return f"rank {ranked[2]} of the run {ranked[1]}, canonical key {canonical_key(program)}"
    if what.isidentifier():
        return origin_of(program)
    return f"{what}, canonical key {canonical_key(program)}"


def evaluated(what: str, name: str, root: Path) -> list[dict[str, Any]]:
    """Returns a row for each task of a suite: the rule, tuned, on fresh seeds."""
    from evaluators import suite
    from evaluators.exam import exam

    fields = ("task", "speedup", "low", "high", "capped", "multiplier")
    program = find(what, root)
    sittings = [sitting for one in suite(name) for sitting in exam((program,), one)]
    return [
        {field: getattr(each, field) for field in fields} | {"status": each.status.value}
        for each in sittings
    ]


def zoo_rows(
    family: str | None = None,
    needs: str | None = None,
    since: int | None = None,
    state: float | None = None,
) -> list[dict[str, Any]]:
    """Returns a row for each known optimizer: of a family, with a need, since a year, at most so
    many bytes of state a parameter. Raises SearchError for an unknown family or need."""
    from dsl.catalogue import NEEDS, entries
    from dsl.zoo import EVERY
    from dsl.zoo import family as family_of

    families = tuple(dict.fromkeys(map(family_of, EVERY)))
    for word, value, known in (("a family", family, families), ("a need", needs, NEEDS)):
        if value is not None and value not in known:
            raise SearchError(one_of(word, value, known))
    return [
        {
            "name": one.name,
            "family": one.family,
            "year": one.year,
            "state_bytes_per_parameter": one.state,
            "needs": list(one.needs),
            "reference": one.reference,
            "agreement": one.error,
            "noticed": one.noticed,
        }
        for one in entries()
        if family in (None, one.family)
        and (needs is None or needs in one.needs)
        and (since is None or one.year >= since)
        and (state is None or one.state <= state)
    ]


def checked(name: str | None) -> list[dict[str, Any]]:
    """Returns the measured agreement of zoo programs with other libraries, and whether a wrong
    program would be noticed."""
    from dsl.zoo import COMBINATORS, EVERY
    from evaluators.references import REFERENCES
    from evaluators.verification import check, in_order

    if name is not None and name not in COMBINATORS:
        load(name)  # says the nearest name if there is none
    names: Sequence[str] = EVERY if name is None else (name,)
    rows, every = [], sum(one.program in names for one in REFERENCES)
    for row in check(names):
        rows.append(row)
        if name is None:
            said = f"{row.status}, {row.noticed} of {row.tried} changes noticed"
            said += f", {row.taken} of {row.sides} branches taken" if row.sides else ""
            told = f"{row.program}, {row.reference}: {said}"
            print(f"{len(rows)} of {every}: {told}", file=sys.stderr, flush=True)
    return [asdict(row) for row in in_order(rows)]


def mapped(names: Sequence[str], out: Path, root: Path) -> dict[str, Any]:
    """Writes the map of the zoo with more rules on it; returns where, and what it is worth."""
    from .atlas import write_map
    from .atlas.page import said

    layout = write_map(out, {name: find(name, root) for name in names})
    return {"file": str(out), "families": said(layout)}


def task_rows() -> list[dict[str, Any]]:
    """Returns the tasks and the numbers of their gate."""
    from evaluators.gate import gate_rows

    shown = ("name", "suites", "parameters", "horizon", "sgd", "falls", "deviation", "passes")
    return [{key: row[key] for key in shown} for row in gate_rows()]


def primitive_rows() -> list[dict[str, Any]]:
    """Returns what a program may call."""
    from primitives.describe import describe

    return [asdict(row) for row in describe()]


def stored_baseline(name: str) -> Path:
    """Tunes the known rules on a task and returns where the result is stored."""
    from evaluators import task
    from evaluators.baselines import baseline
    from evaluators.curves import write

    found = task(name)
    return write(found, baseline(found, report=print))


def bench_rows() -> list[dict[str, Any]]:
    """Returns the figures of the benchmark."""
    from .bench import bench

    return [asdict(figure) for figure in bench(lambda line: print(line, file=sys.stderr))]
