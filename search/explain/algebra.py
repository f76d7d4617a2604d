"""Reads properties off the calls of a program: what holds of its update for every gradient.

Each property is a small table over primitives. A value that the tables say nothing of is unknown,
and so is all that is made from it, so that what is found is proven; in exact arithmetic, that is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dsl import Program
from dsl.facts import Facts
from dsl.known import UNKNOWN, OneLeaf
from dsl.program import Block, Branch, Call, Literal, Ref, Statement
from dsl.settle import settle
from dsl.shapes import Leaf

ROUNDS = 60  # in which the values of states must have settled


@dataclass(frozen=True)
class Property:
    """A table that works a property of a result out from those of the arguments.

    inputs: of the program's inputs. number: of a number that is known beforehand. nothing: of what
    is always 0. unknown: of anything. call: of a call that is no such number. join: of a value that
    is one or the other.
    """

    inputs: Mapping[str, Any]
    number: Callable[[float], Any]
    nothing: Any
    unknown: Any
    call: Callable[[Call, list[Any], list[float | None]], Any]
    join: Callable[[Any, Any], Any]


def of_update(program: Program, shape: tuple[int, ...], table: Property) -> Any:
    """Returns the property of the update of a parameter of a shape; unknown where w is set."""
    (leaf,) = settle(program, (Leaf(shape),)).of
    return _Reader(program, leaf, table).update()


class _Reader:
    def __init__(self, program: Program, leaf: OneLeaf, table: Property) -> None:
        self.program, self.leaf, self.table = program, leaf, table
        self.facts = Facts(program)
        self.values: dict[Ref, Any] = {}

    def update(self) -> Any:
        """Starts states at what they begin with and widens them until no step does."""
        results, table = dict(self.program.results), self.table
        if "return" not in results:
            return table.unknown
        names = [s.name for s in self.program.states if s.name in self.leaf.live]
        self.values = {**table.inputs}
        held = {s.name: self.first(s.init) for s in self.program.states if s.name in names}
        for _ in range(ROUNDS):
            self.values = {**table.inputs, **held}
            self.body(self.program.body)
            after = {name: table.join(held[name], self.at(results[name])) for name in names}
            if after == held:
                return self.at(results["return"])
            held = after
        return table.unknown

    def first(self, init: Block) -> Any:
        self.body(init.body)
        return self.at(init.results[0])

    def at(self, ref: Ref) -> Any:
        value = self.facts.value(ref)
        if value is not None:
            return self.table.nothing if value == 0 else self.table.number(value)
        if isinstance(ref, Literal):
            return self.table.unknown
        return self.values.get(ref, self.table.unknown)

    def body(self, statements: tuple[Statement, ...]) -> None:
        for one in statements:
            if isinstance(one, Branch):
                self.branch(one)
            elif one.out in self.leaf.live:
                self.values[one.out] = self.called(one)

    def called(self, call: Call) -> Any:
        known = self.leaf.known.get(call.out)
        if known is not None and isinstance(known.static, int | float):
            return self.table.number(float(known.static)) if known.static else self.table.nothing
        numbers = [self.number(ref) for ref in call.args]
        return self.table.call(call, [self.at(ref) for ref in call.args], numbers)

    def number(self, ref: Ref) -> float | None:
        known = self.leaf.known.get(ref) if not isinstance(ref, Literal) else None
        if known is not None and known.static is not UNKNOWN:
            return float(known.static) if isinstance(known.static, int | float) else None
        return self.facts.value(ref)

    def branch(self, one: Branch) -> None:
        side = self.leaf.sides.get(one.outs)
        for block in (one.then, one.orelse):
            if side is None or block is (one.then if side else one.orelse):
                self.body(block.body)
        pairs = zip(one.outs, one.then.results, one.orelse.results, strict=True)
        for out, then, orelse in pairs:
            if side is not None:
                self.values[out] = self.at(then if side else orelse)
            else:
                self.values[out] = self.chosen(one.condition, self.at(then), self.at(orelse))

    def chosen(self, condition: Ref, then: Any, orelse: Any) -> Any:
        """What an `if` that a run decides gives: as `where` does."""
        call = Call(-1, "where", (condition, condition, condition))
        return self.table.call(call, [self.at(condition), then, orelse], [None] * 3)
