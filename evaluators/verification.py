"""Verifies the zoo: every program beside its references, and whether they would notice a wrong one.

`python -m evaluators.verification` writes `dsl/zoo/agreement.json`; with names after it, those
programs alone are measured, and what is written of the others stays.
"""

from __future__ import annotations

import gc
import importlib.metadata
import importlib.util
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import jax

from dsl.zoo import EVERY, family, measured, source

from .conformance import compare, every_path, said
from .coverage import covered
from .mutants import caught
from .references import REFERENCES, Reference

LIBRARIES = ("jax", "optax", "torch", "pytorch_optimizer")
WHERE_ANY = ("missed", "same", "narrow", "sides", "taken", "untaken")  # recorded where there is any
ALONE = 8  # references that are compared in this process


@dataclass(frozen=True)
class Verified:
    """How a program and one implementation of it agree.

    error: the largest difference between the two after any step, relative to the distance that the
    program has moved from its start; None if the library is not there. noticed: changes of the
    program that the comparison notices, out of `tried`; missed: the others; same: how many more
    leave the rule what it was. narrow: what the reference computes in single precision. sides: of
    the program's branches, taken: of those, as the settings and problems lead there; untaken: the
    others.
    """

    program: str
    reference: str
    steps: int
    error: float | None
    status: str
    noticed: int
    tried: int
    missed: tuple[str, ...] = ()
    same: int = 0
    narrow: str = ""
    sides: int = 0
    taken: int = 0
    untaken: tuple[str, ...] = ()


def verify(reference: Reference) -> Verified:
    """Compares a program with a reference, then changed programs with the same."""
    if importlib.util.find_spec(reference.module) is None:
        return Verified(**asdict(compare(reference)), noticed=0, tried=0)
    theirs = every_path(reference)
    row = compare(reference, theirs)
    found, branches = caught(reference, theirs), covered(reference)
    return Verified(
        **asdict(row), noticed=found.noticed, tried=found.tried, missed=found.missed,
        same=found.same, sides=branches.sides, taken=branches.taken, untaken=branches.missed,
    )  # fmt: skip


def check(names: Sequence[str] = EVERY) -> Iterator[Verified]:
    """Yields one row for each implementation of the named programs, as they are done.

    More than a few are shared among processes, one for each core, the longest programs first.
    """
    for name in names:
        family(name)  # says the nearest name if there is no such program
    places = [k for name in names for k, one in enumerate(REFERENCES) if one.program == name]
    if len(places) <= ALONE:
        yield from map(_verify_at, places)
        return
    spawn = multiprocessing.get_context("spawn")  # JAX does not survive a fork
    with ProcessPoolExecutor(os.cpu_count(), spawn, _for_short_runs) as pool:
        waiting = [pool.submit(_verify_at, k) for k in sorted(places, key=_work, reverse=True)]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def in_order(rows: Iterable[Verified]) -> list[Verified]:
    """Returns the rows in the order of the zoo, of a program in that of its references."""
    places = {(one.program, said(one)): k for k, one in enumerate(REFERENCES)}
    found = {name: k for k, name in enumerate(EVERY)}
    return sorted(rows, key=lambda r: (found[r.program], places[r.program, r.reference]))


def _work(place: int) -> int:
    """How much there is to do, roughly: statements of the text; those in loops are unrolled."""
    one = REFERENCES[place]
    text = source(one.program)
    return len(one.settings) * text.count("\n") * (1 + 4 * text.count(" for "))


def _for_short_runs() -> None:
    """Has JAX compile quickly: what runs for 24 steps on small arrays needs no fast code.

    What is loaded by now stays to the end, so the garbage collector need not look through it.
    """
    jax.config.update("jax_disable_most_optimizations", True)
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def _verify_at(place: int) -> Verified:
    return verify(REFERENCES[place])  # which holds functions, and they do not travel


def record(
    rows: Iterable[Verified], kept: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> str:
    """Returns the JSON text of `dsl/zoo/agreement.json`: versions, then the rows by program.

    kept: rows of programs that were measured before.
    """
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    programs: dict[str, list[Any]] = {}
    for row in in_order(rows):
        facts: dict[str, Any] = asdict(row)
        always = ("reference", "steps", "error", "noticed", "tried")
        told = {name: facts[name] for name in always}
        told |= {name: facts[name] for name in WHERE_ANY if facts[name]}
        programs.setdefault(row.program, []).append(told)
    every = {name: programs.get(name) or list((kept or {}).get(name, ())) for name in EVERY}
    found = {name: rows for name, rows in every.items() if rows}
    return json.dumps({"versions": versions, "programs": found}, indent=1) + "\n"


if __name__ == "__main__":
    asked = tuple(sys.argv[1:])
    before = measured() if asked else None
    path = files("dsl.zoo") / "agreement.json"
    path.write_text(record(check(asked or EVERY), before))  # type: ignore[attr-defined]
