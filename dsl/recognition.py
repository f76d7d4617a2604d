"""Which known rule a program is, whatever its names and constants.

Two programs are the same rule at other constants if, with their hyperparameters read in, constant
expressions worked out and both simplified, they have one structure. The known rule's
hyperparameters are then solved for. Structures of the zoo are kept in `dsl/zoo/structures.json`,
which `python -m dsl.recognition` writes; what is not there yet is worked out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from . import zoo
from .absorbed import absorbed
from .canonical import canonical, constants, structure_key
from .chains import by_chains
from .facts import Facts
from .live import without_dead
from .load import load
from .program import Block, Call, Literal, Program, Ref, calls
from .simplify import simplify
from .substitute import substituted

FILE = "structures.json"
USUAL = 0.0625  # stands for a hyperparameter whose default, 0 or 1, takes a part of the rule away
STEPS = 20  # of Newton's method
EXACT = 1e-6  # relative, of all constants together
MOVED = 1e-4

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Match:
    """A known rule and its hyperparameters; exact if they explain every constant.

    rate: its learning rate in units of the program's.
    """

    name: str
    numbers: Numbers
    exact: bool
    rate: float = 1.0

    def __str__(self) -> str:
        rule = load(self.name)
        default: dict[str, Any] = {item.name: item.default for item in rule.hyperparameters}
        other = [f"{key} = {value:.4g}" for key, value in self.numbers.items()
                 if not np.isclose(value, default[key], rtol=1e-3)]  # fmt: skip
        if self.rate != 1:
            other.append(f"{self.rate:.4g} times the learning rate")
        if not self.exact:
            return f"{self.name}, with other constants"
        return f"{self.name} with {', '.join(other)}" if other else self.name


def recognized(program: Program) -> Match | None:
    """Returns the known rule that a program is, None if it is none of them."""
    short, rate = plain(program), 1.0
    found = _known().get(structure_key(short))
    at_rate = absorbed(simplify(program, nearly=True).program) if found is None else None
    if at_rate is not None:
        short, rate = plain(at_rate[0]), at_rate[1]
        found = _known().get(structure_key(short))
    if found is None:
        return None
    name, variant = found
    start = _numbers(load(name))[variant]
    numbers = _solved(load(name), start, np.array(constants(short)))
    return Match(name, numbers or start, numbers is not None, rate)


def plain(program: Program, numbers: Numbers | None = None) -> Program:
    """Returns the simplified program with its hyperparameters, or other numbers, read in."""
    program = canonical(program)  # what is shared stays so once each number stands for itself
    program = replace(
        program,
        hyperparameters=tuple(
            replace(item, default=(numbers or {}).get(item.name, item.default))
            for item in program.hyperparameters
        ),
    )
    facts = Facts(program)
    worked_out = {out: facts.value(out) for out in facts.definitions}
    worked_out |= {item.name: facts.value(item.name) for item in program.hyperparameters}
    floats = {ref: Literal(float(v)) for ref, v in worked_out.items() if v is not None}
    program = _from_numbers(substituted(program, floats), floats)
    short = by_chains(simplify(program, nearly=True).program)
    short = _by_small_shares(simplify(short, nearly=True).program)
    return by_chains(simplify(short, nearly=True).program)


def _from_numbers(program: Program, floats: Mapping[Any, Ref]) -> Program:
    """Writes numbers in the place of hyperparameters that states begin with."""

    def block(init: Block) -> Block:
        body = tuple(
            replace(one, args=tuple(floats.get(arg, arg) for arg in one.args))
            if isinstance(one, Call) else one for one in init.body
        )  # fmt: skip
        return Block(body, tuple(floats.get(ref, ref) for ref in init.results))

    states = tuple(replace(state, init=block(state.init)) for state in program.states)
    return without_dead(replace(program, states=states))


def _by_small_shares(program: Program) -> Program:
    """Writes lerp(x, y, c) as lerp(y, x, 1 - c) where c is more than a half."""
    fresh, made, places = Facts(program).fresh, {}, {}
    for call in calls(program.body):
        share = call.args[2] if call.op == "lerp" else None
        if isinstance(share, Literal) and isinstance(share.value, float) and share.value > 0.5:
            first, second, _ = call.args
            other = Literal(float(f"{1 - share.value:.12g}"))
            places[call.out] = fresh + len(made)
            made[call.out] = (replace(call, out=places[call.out], args=(second, first, other)),)
    return substituted(program, places, made) if made else program


def structures(expression: str) -> list[str]:
    """Returns the structures that a known rule takes, one for each of its `_numbers`."""
    rule = load(expression)
    return [structure_key(plain(rule, numbers)) for numbers in _numbers(rule)]


def kept() -> dict[str, list[str]]:
    """Returns the structures in `structures.json`, by expression."""
    return json.loads((files("dsl.zoo") / FILE).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[str, int]]:
    """The rules, and which of their `_numbers`, by structure; of equals the first."""
    found: dict[str, tuple[str, int]] = {}
    held = kept()
    for expression in zoo.EXPRESSIONS:
        for variant, key in enumerate(held.get(expression) or structures(expression)):
            found.setdefault(key, (expression, variant))
    return found


def _numbers(program: Program) -> list[dict[str, float]]:
    """The defaults, and numbers that leave every part of the rule in place."""
    own = {h.name: h.default for h in program.hyperparameters if isinstance(h.default, float)}
    usual = {key: USUAL if value in (0, 1) else value for key, value in own.items()}
    return [own] if usual == own else [own, usual]


def _solved(rule: Program, start: Numbers, wanted: np.ndarray) -> Numbers | None:
    """The hyperparameters at which a rule has the wanted constants, by Newton's method."""
    names, at = list(start), np.array(list(start.values()))

    def constants_at(values: np.ndarray) -> np.ndarray:
        return np.array(constants(plain(rule, dict(zip(names, map(float, values), strict=True)))))

    for _ in range(STEPS):
        here = constants_at(at)
        if here.shape != wanted.shape:
            return None
        if np.allclose(here, wanted, rtol=EXACT, atol=0):
            return dict(zip(names, map(float, at), strict=True))
        columns = []
        for place, value in enumerate(at):
            moved = at.copy()
            moved[place] += MOVED * max(abs(value), MOVED)
            there = constants_at(moved)
            if there.shape != here.shape:
                return None
            columns.append((there - here) / (moved[place] - value))
        scale = 1 / np.maximum(np.abs(wanted), 1e-300)
        slope = np.array(columns).T * scale[:, None]
        at = at + np.linalg.lstsq(slope, (wanted - here) * scale, rcond=1e-12)[0]
    return None


if __name__ == "__main__":
    every = {expression: structures(expression) for expression in zoo.EXPRESSIONS}
    (files("dsl.zoo") / FILE).write_text(json.dumps(every, indent=1) + "\n")  # type: ignore[attr-defined]
