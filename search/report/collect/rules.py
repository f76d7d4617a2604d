"""What can be said of a rule without the run: its text, formula, cost, steps, facts and kin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dsl import Program, ProgramError, canonical_key, export, flops, parse, simplify, state_bytes
from dsl import text as text_of
from dsl.export.to_mathml import to_mathml
from dsl.program import calls
from dsl.simplify import Step

from ...explain import explain
from ..data import Rule, Steps
from .kin import kin


@dataclass(frozen=True)
class Known:
    """A rule as a card shows it. key: of the simplified program."""

    key: str
    kin: tuple[str, ...]
    facts: tuple[str, ...]


@lru_cache(maxsize=256)
def rule(source: str) -> tuple[Rule, Steps]:
    """Returns a program's simplified text, its formula and cost, and the steps to it."""
    try:
        program = parse(source)
    except ProgramError:  # written by another version of the language: shown as it stands
        return Rule(name="", text=source), Steps()
    found = simplify(program)
    shown, further = text_of(found.program), simplify(found.program, nearly=True).steps
    made = Rule(
        name=found.program.name,
        text=shown,
        mathml=to_mathml(found.program),
        latex=export(found.program, "latex"),
        original="" if shown == source else source,
        state_bytes=state_bytes(found.program),
        calls=len(list(calls(found.program.body))),
        flops=flops(found.program),
    )
    return made, Steps(tuple(_written(found.steps)), tuple(_written(further)))


def _written(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        caveat = f", {step.caveat}" if step.caveat else ""
        yield f"{step.rule}: {step.before} → {step.after}{caveat}"


def program_of(source: str) -> Program | None:
    """Returns the simplified program of a text, None if this version cannot read it."""
    try:
        return simplify(parse(source)).program
    except ProgramError:
        return None


@lru_cache(maxsize=64)
def known(source: str) -> Known | None:
    """Returns what the probes, the zoo and the keys say of a program, None if it cannot be read."""
    program = program_of(source)
    if program is None:
        return None
    facts = tuple(fact.sentence for fact in explain(program))
    return Known(canonical_key(program), kin(program), facts)
