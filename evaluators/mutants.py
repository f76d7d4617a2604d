"""Whether a comparison would notice a wrong program: each is changed in one place and run again.

A change takes a call out, exchanges its operands, puts its nearest neighbour in its place, or moves
a constant by a tenth. A reference that lets such changes pass verifies nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from dsl import Program, canonical_key, kinds
from dsl.errors import ProgramError
from dsl.live import live_calls, without_result
from dsl.program import Call, Literal, Ref
from dsl.substitute import substituted

from .conformance import departs, every_path, problems, program_of, tolerance
from .following import Path
from .problems import Problem
from .references import Reference
from .sameness import drawn, same

MOST = 100  # changes of one program that are tried
MOVED = 1.1  # the factor on a constant; one of 0 becomes the part above 1
NEIGHBOURS = {
    "add": "sub", "sub": "add", "mul": "div", "div": "mul", "maximum": "minimum",
    "minimum": "maximum", "sqrt": "abs", "square": "abs", "abs": "square", "norm": "rms",
    "rms": "norm", "sum": "mean", "mean": "sum", "sign": "tanh", "lt": "ge", "ge": "lt", "gt": "le",
    "le": "gt", "eq": "ne", "ne": "eq", "global_norm": "global_rms",
}  # fmt: skip
ORDERED = ("sub", "div", "pow", "lerp", "lt", "gt", "divide_no_nan")  # operands have their places


@dataclass(frozen=True)
class Caught:
    """How many changes of a program were noticed, out of how many; and those that were not.

    same: how many more left the rule what it was, as `same` says; they are not among those tried.
    """

    noticed: int
    tried: int
    missed: tuple[str, ...]
    same: int


@dataclass(frozen=True)
class Mutant:
    """A changed program, its key, what was done, and hyperparameters that were moved."""

    what: str
    program: Program
    key: str
    moved: Mapping[str, float]


def mutants(program: Program, settings: Mapping[str, Any]) -> Sequence[Mutant]:
    """Returns at most MOST changes of a program, from all parts of a long one alike.

    Each still fits, and is not the program itself.
    """
    moved, own = [], canonical_key(program)
    for item in program.hyperparameters:
        if isinstance(item.default, float):
            value = settings.get(item.name, item.default)
            number = value * MOVED if value else MOVED - 1
            moved.append(Mutant(f"{item.name} = {number:g}", program, own, {item.name: number}))
    return (*_changed(program, MOST - len(moved)), *moved)


@lru_cache(maxsize=4)
def _changed(program: Program, most: int) -> Sequence[Mutant]:
    """Returns at most so many programs that differ from this one in one call."""
    every = list(_changes(program))
    if len(every) > most:
        every = [every[k * len(every) // most] for k in range(most)]
    seen, found = {canonical_key(program)}, []
    for what, out, instead, made in every:
        try:
            changed = substituted(program, {out: instead}, {out: made})
            kinds(changed, 2)
            key = canonical_key(changed)
        except ProgramError:
            continue
        if key not in seen:
            seen.add(key)
            found.append(Mutant(what, changed, key, {}))
    return found


def _changes(program: Program) -> Iterator[tuple[str, int, Ref, tuple[Call, ...]]]:
    """Yields what is done, the value that goes, what stands in its place, and a call to make."""
    known, fresh = kinds(program, 2), _fresh(program)
    for call in live_calls(program):
        for ref in call.args:
            if not isinstance(ref, Literal) and known.get(ref) == known.get(call.out):
                yield f"without {call.op}", call.out, ref, ()
                break
        for what, new in _other_calls(call, fresh):
            yield what, call.out, fresh, (new,)


def _other_calls(call: Call, fresh: int) -> Iterator[tuple[str, Call]]:
    if call.op in NEIGHBOURS:
        other = NEIGHBOURS[call.op]
        yield f"{other} for {call.op}", replace(call, out=fresh, op=other)
    if call.op in ORDERED:
        first, second, *rest = call.args
        args = (second, first, *rest)
        yield f"operands of {call.op} exchanged", replace(call, out=fresh, args=args)
    for place, ref in enumerate(call.args):
        if isinstance(ref, Literal) and isinstance(ref.value, float):
            args = (*call.args[:place], _moved(ref), *call.args[place + 1 :])
            yield f"{ref.value:g} in {call.op} moved", replace(call, out=fresh, args=args)


def _moved(ref: Literal) -> Ref:
    value = ref.value
    assert isinstance(value, float)
    return Literal(value * MOVED if value else MOVED - 1)


def _fresh(program: Program) -> int:
    outs = [call.out for call in live_calls(program)]
    branches = [ref for _, ref in program.results if isinstance(ref, int)]
    return 1 + max([*outs, *branches, 10_000])


def caught(reference: Reference, theirs: Sequence[list[Path]] | None = None) -> Caught:
    """Returns how many changes the comparison with a reference notices, at any of its settings.

    Noticed is what ends farther from the reference than a right program may. theirs: as in
    `compare`.
    """
    given, known = problems(reference), theirs or every_path(reference)
    missed: dict[str, tuple[Mutant, int]] = {}
    tried: set[str] = set()
    programs = [_compared(reference, settings) for settings in reference.settings]
    for place, (settings, paths) in enumerate(zip(reference.settings, known, strict=True)):
        for mutant in mutants(programs[place], settings):
            name = mutant.what.partition(" = ")[0] + mutant.key
            if name in tried and name not in missed:
                continue
            tried.add(name)
            missed[name] = mutant, place
            if _is_noticed(mutant, reference, settings, given, paths):
                del missed[name]
    alike = _alike(missed, programs, reference)
    left = tuple(name[:-32] for name in missed if name not in alike)
    return Caught(len(tried) - len(missed), len(tried) - len(alike), left, len(alike))


def _compared(reference: Reference, settings: Mapping[str, Any]) -> Program:
    return without_result(program_of(reference, settings), "w_eval")  # no path shows it


def _alike(
    missed: Mapping[str, tuple[Mutant, int]], programs: Sequence[Program], reference: Reference
) -> set[str]:
    """Returns which of the missed changes leave the rule what it was."""
    found = set()
    for place, program in enumerate(programs):
        mine = {
            name: one.program for name, (one, at) in missed.items() if at == place and not one.moved
        }
        runs = drawn(program, reference, reference.settings[place]) if mine else []
        found |= {name for name, other in mine.items() if same(other, runs, reference)}
    return found


def _is_noticed(
    mutant: Mutant,
    reference: Reference,
    settings: Mapping[str, Any],
    given: Sequence[Problem],
    theirs: Sequence[Path],
) -> bool:
    numbers = {**settings, **mutant.moved}
    limit = tolerance(reference)
    return any(
        departs(mutant.program, reference, numbers, one, path, limit)
        for one, path in zip(given, theirs, strict=True)
    )
