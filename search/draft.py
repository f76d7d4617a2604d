"""A program laid open for one change: where values are used, what is in sight, what it covers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import NamedTuple

from dsl.program import Block, Branch, Call, Literal, Program, Ref, State, Statement
from dsl.tidy import tidied
from primitives import TABLE

from .vocabulary import Vocabulary

# How much of the model a value covers. Values of equal extent may stand in for each other, and
# what an element-wise function gives has the largest extent of its arguments.
NUMBER, LAYER, PARTIAL, FULL = range(4)
_INPUTS = {"w": FULL, "g": FULL, "t": NUMBER, "T": NUMBER, "lr": NUMBER, "loss": NUMBER}
_DECLARED = {"Scalar": NUMBER, "Layer": LAYER, "Tensor": FULL}
_RESULTS = {"reduce": LAYER, "quantile": LAYER, "scalar": NUMBER, "tensor": FULL}
# The extent of what a primitive gives, None where it is that of its arguments.
_EXTENT = {
    name: None if row.result == "join" else _RESULTS.get(row.result, PARTIAL)
    for name, row in TABLE.items()
}
FINAL = ("return", "w", "w_eval")


class Use(NamedTuple):
    """A place that reads a value: an argument of a call, or (`call` None) a result by role."""

    call: Call | None
    place: int | str
    ref: Ref


class Draft:
    """What a mutation looks at.

    program: one without dead code. Values that depend on `lr` are `rated`: they keep their place.
    """

    def __init__(self, program: Program, rng: random.Random, vocabulary: Vocabulary) -> None:
        self.program, self.rng, self.vocabulary = program, rng, vocabulary
        self.calls: list[Call] = []  # in order
        self.rated: set[int | str] = {"lr"}
        self.extent: dict[int | str, int] = dict.fromkeys(program.inputs, NUMBER)
        self.sights: dict[int, list[int]] = {}  # of calls in regions
        self.last: list[int] = []  # the values in sight of the results
        for name in program.inputs:
            self.extent[name] = _INPUTS.get(name, PARTIAL)
        for item in program.hyperparameters:
            self.extent[item.name] = NUMBER
        for state in program.states:
            self.extent[state.name] = _DECLARED.get(state.declared.kind, PARTIAL)
        self._read(program.body, self.last)

    def _read(self, body: tuple[Statement, ...], sight: list[int]) -> None:
        extent, rated, calls = self.extent, self.rated, self.calls
        inner = sight is not self.last
        for statement in body:
            if statement.__class__ is Branch:
                self._read_branch(statement, sight)  # type: ignore[arg-type]
                continue
            call: Call = statement  # type: ignore[assignment]
            widest, out = NUMBER, call.out
            for ref in call.args:
                if ref.__class__ is not Literal:
                    if ref in rated:
                        rated.add(out)
                    if extent[ref] > widest:  # type: ignore[index]
                        widest = extent[ref]  # type: ignore[index]
            known = _EXTENT[call.op]
            extent[out] = widest if known is None else PARTIAL if call.options else known
            calls.append(call)
            if inner:
                self.sights[out] = list(sight)
            sight.append(out)

    def _read_branch(self, branch: Branch, sight: list[int]) -> None:
        self._read(branch.then.body, list(sight))
        self._read(branch.orelse.body, list(sight))
        for k, out in enumerate(branch.outs):
            sides = (branch.then.results[k], branch.orelse.results[k])
            self.extent[out] = PARTIAL
            if any(self.is_rated(ref) for ref in sides):
                self.rated.add(out)
            sight.append(out)

    @property
    def is_plain(self) -> bool:
        """Whether the program has no regions, axes or matrices, whose kinds extents do not tell."""
        return PARTIAL not in self.extent.values()

    def of(self, ref: Ref) -> int:
        """The extent of a ref."""
        return NUMBER if isinstance(ref, Literal) else self.extent[ref]

    def is_rated(self, ref: Ref) -> bool:
        """Whether a ref depends on `lr`."""
        return ref.__class__ is not Literal and ref in self.rated

    def of_call(self, call: Call) -> int:
        """The extent of a call that need not be in the program."""
        known = _EXTENT[call.op]
        if known is not None:
            return PARTIAL if call.options else known
        return max([self.of(ref) for ref in call.args])

    def is_legal(self, call: Call) -> bool:
        """Whether a call may take its arguments: all but element-wise ones want full arrays."""
        if _EXTENT[call.op] is None:
            return any(ref.__class__ is not Literal for ref in call.args)
        return all(self.of(ref) == FULL for ref in call.args)

    def uses(self) -> list[tuple[Call | None, int | str, Ref]]:
        """The uses of values as plain tuples, those of rated values left out."""
        rated = self.rated
        found: list[tuple[Call | None, int | str, Ref]] = [
            (call, place, ref)
            for call in self.calls
            for place, ref in enumerate(call.args)
            if ref.__class__ is not Literal and ref not in rated
        ]
        for role, ref in self.program.results:
            if ref.__class__ is not Literal and ref not in rated:
                found.append((None, role, ref))
        return found

    def sight(self, use: Use) -> list[Ref]:
        """The names and values that may be read at a use, rated ones left out."""
        values = self.last
        if use.call is not None:
            out = use.call.out
            values = self.sights[out] if out in self.sights else values[: values.index(out)]
        found: list[Ref] = [name for name in self.program.inputs if name in ("w", "g")]
        found += [state.name for state in self.program.states]
        found += [value for value in values if value not in self.rated]
        return found

    def fresh(self) -> int:
        """A number above those of all values."""
        return 1 + max([ref for ref in self.extent if ref.__class__ is int], default=-1)  # type: ignore


@dataclass(slots=True)
class Edit:
    """A change to a program."""

    before: tuple[int, list[Call]] | None = None  # new calls, before this one
    at_end: list[Call] = field(default_factory=list)
    instead: Call | None = None  # in place of the call with its number
    renamed: dict[int | str, Ref] = field(default_factory=dict)  # values, by their stand-ins
    results: dict[str, Ref] = field(default_factory=dict)  # by role
    states: list[tuple[State, Ref]] = field(default_factory=list)  # new, with their updates
    inputs: tuple[str, ...] | None = None

    def put(self, use: Use, calls: list[Call], ref: Ref | None = None) -> None:
        """Puts calls before a use, which reads the last of them unless `ref` names another."""
        ref = calls[-1].out if ref is None else ref
        if use.call is None:
            self.at_end = calls
            self.results[use.place] = ref  # type: ignore[index]
            return
        self.before = (use.call.out, calls)
        self.instead = with_arg(use.call, use.place, ref)  # type: ignore[arg-type]


def with_arg(call: Call, place: int, ref: Ref) -> Call:
    """Returns the call with another argument in one place."""
    args = (*call.args[:place], ref, *call.args[place + 1 :])
    return Call(call.out, call.op, args, call.options, call.name)


def finished(program: Program, edit: Edit) -> Program:
    """Applies an edit and tidies: nothing dead, signature and numbers as in the text."""
    body = _body(program.body, edit)
    body += edit.at_end
    results = [(role, _result(role, ref, edit)) for role, ref in program.results]
    if edit.states:
        count = len(program.states)
        results[count:count] = [(state.name, ref) for state, ref in edit.states]
    return tidied(
        Program(
            program.name,
            program.inputs if edit.inputs is None else edit.inputs,
            program.hyperparameters,
            program.states + tuple([state for state, _ in edit.states]),
            tuple(body),
            tuple(results),
            program.doc,
        )
    )


def _result(role: str, ref: Ref, edit: Edit) -> Ref:
    if role in edit.results:
        return edit.results[role]
    return _renamed(ref, edit.renamed)


def _renamed(ref: Ref, renamed: dict[int | str, Ref]) -> Ref:
    return ref if ref.__class__ is Literal else renamed.get(ref, ref)  # type: ignore[call-overload]


def _body(body: tuple[Statement, ...], edit: Edit) -> list[Statement]:
    if edit.renamed:
        return [_with_renamed(statement, edit) for statement in body]
    if edit.instead is None:
        return list(body)
    target, new = edit.instead.out, [] if edit.before is None else edit.before[1]
    out: list[Statement] = []
    for k, statement in enumerate(body):
        if statement.__class__ is Branch:
            out.append(_branch(statement, edit))  # type: ignore[arg-type]
        elif statement.out == target:  # type: ignore[union-attr]
            return [*out, *new, edit.instead, *body[k + 1 :]]
        else:
            out.append(statement)
    return out


def _with_renamed(statement: Statement, edit: Edit) -> Statement:
    if isinstance(statement, Branch):
        return _branch(statement, edit)
    renamed = edit.renamed
    for ref in statement.args:
        if ref.__class__ is not Literal and ref in renamed:
            args = tuple([_renamed(ref, renamed) for ref in statement.args])
            return Call(statement.out, statement.op, args, statement.options, statement.name)
    return statement


def _branch(branch: Branch, edit: Edit) -> Branch:
    def side(block: Block) -> Block:
        results = tuple([_renamed(ref, edit.renamed) for ref in block.results])
        return Block(tuple(_body(block.body, edit)), results)

    condition = _renamed(branch.condition, edit.renamed)
    return Branch(branch.outs, condition, side(branch.then), side(branch.orelse), branch.names)
