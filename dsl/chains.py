"""Sums and products in one order, so that `a * (b / c)` and `b * a / c` are one structure."""

from __future__ import annotations

import hashlib
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import reduce

from primitives import TABLE

from .live import without_dead
from .program import Block, Branch, Call, Literal, Program, Ref, Statement, calls
from .renumber import renumbered

Operands = tuple[list[Ref], list[Ref]]  # above and below the line; added and taken away


@dataclass(frozen=True)
class Chain:
    """An operation that may be done in any order, and the one that takes it back."""

    join: str
    undo: str
    neutral: int
    joined: Callable[[float, float], float]
    undone: Callable[[float, float], float]


PRODUCT = Chain("mul", "div", 1, operator.mul, operator.truediv)
SUM = Chain("add", "sub", 0, operator.add, operator.sub)
CHAINS = {op: chain for chain in (PRODUCT, SUM) for op in (chain.join, chain.undo)}


def by_chains(program: Program) -> Program:
    """Returns the program with the operands of every sum and product in one order.

    The order is that of what they compute, whatever their names and numbers; the number of a
    product stands first, that of a sum last. What is read more than once stands by itself.
    """
    for chain in (PRODUCT, SUM):
        writer = _Writer(program, chain)
        body = writer.body(program.body)
        results = tuple((role, writer.stand_ins.get(ref, ref)) for role, ref in program.results)
        program = renumbered(without_dead(replace(program, body=body, results=results)))
    return program


class _Keys:
    """What the values of a program compute: a text for each, free of names and of numbers."""

    def __init__(self, program: Program) -> None:
        self.calls = {call.out: call for call in calls(program.body)}
        self.states = {s.name: repr((s.declared, s.init)) for s in program.states}
        self.known: dict[Ref, str] = {}
        after = {role: self.of(ref) for role, ref in program.results if role in self.states}
        self.states = {name: _hash(said + after[name]) for name, said in self.states.items()}
        self.known = {}

    def of(self, ref: Ref) -> str:
        if isinstance(ref, Literal):
            return "number" if isinstance(ref.value, float) else repr(ref.value)
        if ref not in self.known:
            self.known[ref] = self.found(ref)
        return self.known[ref]

    def found(self, ref: int | str) -> str:
        if isinstance(ref, str):
            return self.states.get(ref, ref)
        call = self.calls.get(ref)
        if call is None:
            return "if"
        if call.op in CHAINS:
            sides = self.operands(ref, CHAINS[call.op])
            said = [sorted(map(self.of, side)) for side in sides]
            return _hash(f"{CHAINS[call.op].join} {said}")
        args = [self.of(arg) for arg in call.args]
        if TABLE[call.op].commutative:
            args.sort()
        return _hash(f"{call.op} {args} {call.options}")

    def operands(self, ref: Ref, chain: Chain) -> Operands:
        """The operands of a sum or a product, down to what is none."""
        call = self.calls.get(ref) if isinstance(ref, int) else None
        if call is None or call.op not in (chain.join, chain.undo):
            return [ref], []
        return _together(call.op == chain.join, *(self.operands(arg, chain) for arg in call.args))


def _together(joins: bool, x: Operands, y: Operands) -> Operands:
    first, second = y if joins else y[::-1]
    return x[0] + first, x[1] + second


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


class _Writer:
    """Writes the sums or the products of a program anew."""

    def __init__(self, program: Program, chain: Chain) -> None:
        self.keys, self.chain = _Keys(program), chain
        self.calls = self.keys.calls
        self.stand_ins: dict[Ref, Ref] = {}
        self.fresh = max(_numbers(program.body), default=0)
        uses = Counter(ref for ref in _reads(program) if isinstance(ref, int))
        links = filter(self.is_link, self.calls.values())
        inside = Counter(ref for one in links for ref in one.args)
        self.inner = {
            out for out, one in self.calls.items()
            if self.is_link(one) and uses[out] == inside[out] == 1
        }  # fmt: skip

    def is_link(self, one: Call) -> bool:
        return one.op in (self.chain.join, self.chain.undo)

    def body(self, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        made: list[Statement] = []
        for one in statements:
            if isinstance(one, Branch):
                made.append(self.branch(one))
            elif self.is_link(one):
                made += [] if one.out in self.inner else self.written(one)
            else:
                made.append(replace(one, args=self.refs(one.args)))
        return tuple(made)

    def branch(self, one: Branch) -> Branch:
        then, orelse = (Block(self.body(side.body), self.refs(side.results))
                        for side in (one.then, one.orelse))
        (condition,) = self.refs((one.condition,))
        return Branch(one.outs, condition, then, orelse, one.names)

    def refs(self, many: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return tuple(self.stand_ins.get(ref, ref) for ref in many)

    def written(self, one: Call) -> list[Call]:
        """Returns the calls of a sum or product that is read elsewhere than in one."""
        made: list[Call] = []
        sides = self.operands(one.out)
        number = self.number(*sides)
        top, bottom = (self.joined(side, made) for side in sides)
        if bottom is not None and top is not None:
            top = self.call(self.chain.undo, (top, bottom), made)
        elif bottom is not None:
            top = self.call(self.chain.undo, (number, bottom), made)
            number = Literal(self.chain.neutral)
        if top is None:
            top = number
        elif number.value != self.chain.neutral:
            pair = (number, top) if self.chain is PRODUCT else (top, number)
            top = self.call(self.chain.join, pair, made)
        self.stand_ins[one.out] = top
        return made

    def number(self, above: list[Ref], below: list[Ref]) -> Literal:
        """What the numbers of a chain come to: of a sum a whole number, if they are."""
        sides = [[ref.value for ref in side if isinstance(ref, Literal)] for side in (above, below)]
        total = reduce(self.chain.joined, sides[0], self.chain.neutral)  # type: ignore[arg-type]
        total = reduce(self.chain.undone, sides[1], total)  # type: ignore[arg-type]
        if isinstance(total, int) and (self.chain is SUM or total == 1):
            return Literal(total)
        return Literal(float(f"{total:.12g}"))

    def joined(self, operands: list[Ref], made: list[Call]) -> Ref | None:
        """Joins the operands that are no numbers, in the order of their keys."""
        total: Ref | None = None
        known = [ref for ref in operands if not isinstance(ref, Literal)]
        for ref in sorted(known, key=self.keys.of):
            ref = self.stand_ins.get(ref, ref)
            total = ref if total is None else self.call(self.chain.join, (total, ref), made)
        return total

    def call(self, op: str, args: tuple[Ref, ...], made: list[Call]) -> int:
        self.fresh += 1
        made.append(Call(self.fresh, op, args))
        return self.fresh

    def operands(self, ref: Ref, root: bool = True) -> Operands:
        if not root and ref not in self.inner:
            return [ref], []
        call = self.calls[ref]  # type: ignore[index]
        sides = (self.operands(arg, False) for arg in call.args)
        return _together(call.op == self.chain.join, *sides)


def _numbers(body: tuple[Statement, ...]) -> Iterator[int]:
    for one in body:
        if isinstance(one, Call):
            yield one.out
        else:
            yield from one.outs
            yield from _numbers(one.then.body)
            yield from _numbers(one.orelse.body)


def _reads(program: Program) -> Iterator[Ref]:
    def reads(body: tuple[Statement, ...]) -> Iterator[Ref]:
        for one in body:
            if isinstance(one, Call):
                yield from one.args
            else:
                yield one.condition
                for side in (one.then, one.orelse):
                    yield from side.results
                    yield from reads(side.body)

    yield from reads(program.body)
    for _, ref in program.results:
        yield from (ref, ref)
