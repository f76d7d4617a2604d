"""Two rules as texts that differ in as few lines as they can."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from dsl import Program, text
from dsl.canonical import canonical
from dsl.program import Block, Branch, Call, State, Statement
from dsl.substitute import substituted


def unified(a: Program, b: Program, states: Mapping[str, str], names: tuple[str, str]) -> str:
    """Returns a unified diff of two canonical forms, empty if they are the same.

    a, b: with their constants read in. states: of b, each by the state of a that it stands for.
    """
    other = canonical(_renamed(b, _free(states, b)))
    lines = [text(replace(_unnamed(one), name="rule", doc="")).splitlines()
             for one in (canonical(a), other)]  # fmt: skip
    return "\n".join(difflib.unified_diff(lines[0], lines[1], *names, lineterm="", n=100))


def _free(states: Mapping[str, str], program: Program) -> dict[str, str]:
    """New names of all states: those of the other rule, and others that collide with none."""
    new, taken = dict(states), set(states.values())
    for state in program.states:
        if state.name not in new:
            name = state.name
            while name in taken or name in new.values():
                name += "_2"
            new[state.name] = name
    return new


def _renamed(program: Program, new: Mapping[str, str]) -> Program:
    states = tuple(State(new[s.name], s.declared, s.init) for s in program.states)
    results = tuple((new.get(role, role), ref) for role, ref in program.results)
    return substituted(replace(program, states=states, results=results), new)


def _unnamed(program: Program) -> Program:
    """A program whose values have no names of their own, as these tell nothing of the structure."""

    def block(side: Block) -> Block:
        return Block(body(side.body), side.results)

    def body(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(
            replace(s, name="") if isinstance(s, Call)
            else Branch(s.outs, s.condition, block(s.then), block(s.orelse))
            for s in statements
        )  # fmt: skip

    return replace(program, body=body(program.body))
