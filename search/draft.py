"""A program laid open for one change: its live calls, where values are used, what is in sight."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from dsl.live import live
from dsl.program import Block, Branch, Call, Literal, Program, Ref, State, Statement
from primitives import TABLE

from .vocabulary import Vocabulary

# How much of the model a value covers. Values of equal extent may stand in for each other, and
# what an element-wise function gives has the largest extent of its arguments.
NUMBER, LAYER, PARTIAL, FULL = range(4)
_INPUTS = {"w": FULL, "g": FULL, "t": NUMBER, "T": NUMBER, "lr": NUMBER, "loss": NUMBER}
_DECLARED = {"Scalar": NUMBER, "Layer": LAYER, "Tensor": FULL}
_RESULTS = {"layer": LAYER, "scalar": NUMBER, "tensor": FULL}


@dataclass(frozen=True, slots=True)
class Use:
    """A place that reads a value: an argument of a call, or (`call` None) a result by role."""

    call: Call | None
    place: int | str
    ref: Ref


@dataclass(slots=True)
class Draft:
    """What a mutation looks at. Values that depend on `lr` are `rated`: they keep their place."""

    program: Program
    rng: random.Random
    vocabulary: Vocabulary
    calls: list[Call] = field(default_factory=list)  # live, in order
    extent: dict[Ref, int] = field(default_factory=dict)
    rated: set[Ref] = field(default_factory=lambda: {"lr"})
    seen: dict[int, list[int]] = field(default_factory=dict)  # call -> the values before it
    last: list[int] = field(default_factory=list)  # the values in sight of the results
    wanted: frozenset[int | str] = frozenset()

    def __post_init__(self) -> None:
        program, extent = self.program, self.extent
        for name in program.inputs:
            extent[name] = _INPUTS.get(name, PARTIAL)
        for item in program.hyperparameters:
            extent[item.name] = NUMBER
        for state in program.states:
            extent[state.name] = _DECLARED.get(state.declared.kind, PARTIAL)
        self.wanted = live(program)
        self._read(program.body, self.last)

    def _read(self, body: tuple[Statement, ...], sight: list[int]) -> None:
        extent, rated, wanted = self.extent, self.rated, self.wanted
        for statement in body:
            if isinstance(statement, Branch):
                self._read(statement.then.body, list(sight))
                self._read(statement.orelse.body, list(sight))
                for k, out in enumerate(statement.outs):
                    sides = (statement.then.results[k], statement.orelse.results[k])
                    self._join(out, sides)
                    sight.append(out)
                continue
            out = statement.out
            extent[out] = extent_of(statement.op, statement.options, statement.args, extent)
            for ref in statement.args:
                if ref in rated:
                    rated.add(out)
                    break
            if out in wanted:
                self.calls.append(statement)
                self.seen[out] = list(sight)
                sight.append(out)

    def _join(self, out: int, sides: tuple[Ref, Ref]) -> None:
        extents = {self.extent.get(ref, NUMBER) for ref in sides}
        self.extent[out] = FULL if extents == {FULL} else PARTIAL
        if not self.rated.isdisjoint(sides):
            self.rated.add(out)

    def uses(self) -> list[Use]:
        """The live uses of values, those of rated values left out."""
        rated = self.rated
        found = [
            Use(call, place, ref)
            for call in self.calls
            for place, ref in enumerate(call.args)
            if ref.__class__ is not Literal and ref not in rated
        ]
        for role, ref in self.program.results:
            live_role = role in self.wanted or role in ("return", "w_eval")
            if live_role and ref not in rated and ref.__class__ is not Literal:
                found.append(Use(None, role, ref))
        return found

    def sight(self, use: Use) -> list[Ref]:
        """The names and values that may be read at a use, rated ones left out."""
        values = self.last if use.call is None else self.seen[use.call.out]
        names = [name for name in self.program.inputs if name in ("w", "g")]
        states = [state.name for state in self.program.states]
        return [*names, *states, *[value for value in values if value not in self.rated]]

    def fresh(self) -> int:
        """A number above those of all values."""
        return 1 + max((ref for ref in self.extent if ref.__class__ is int), default=-1)  # type: ignore


def extent_of(op: str, options: tuple, args: tuple[Ref, ...], extent: dict[Ref, int]) -> int:
    """Returns the extent of a call."""
    primitive = TABLE[op]
    if primitive.result == "join":
        return max([extent.get(ref, NUMBER) for ref in args])
    if primitive.result == "reduce":
        return PARTIAL if options else LAYER
    return _RESULTS.get(primitive.result, PARTIAL)


@dataclass(slots=True)
class Edit:
    """A change to a program: calls to put before others, calls in place of others, renamings."""

    before: dict[int, list[Call]] = field(default_factory=dict)
    at_end: list[Call] = field(default_factory=list)
    instead: dict[int, Call] = field(default_factory=dict)
    renamed: dict[Ref, Ref] = field(default_factory=dict)  # a value, by what stands in for it
    results: dict[str, Ref] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    updates: list[Ref] = field(default_factory=list)  # of the new states

    def put(self, use: Use, calls: list[Call], ref: Ref) -> None:
        """Puts calls before a use and lets it read `ref`."""
        if use.call is None:
            self.at_end += calls
            self.results[use.place] = ref  # type: ignore[index]
            return
        args = list(use.call.args)
        args[use.place] = ref  # type: ignore[index]
        self.before[use.call.out] = calls
        self.instead[use.call.out] = replaced(use.call, args=tuple(args))


def replaced(call: Call, op: str = "", args: tuple[Ref, ...] | None = None) -> Call:
    """Returns the call with another op or other arguments."""
    return Call(call.out, op or call.op, call.args if args is None else args,
                () if op else call.options, call.name)


def edited(program: Program, edit: Edit) -> Program:
    """Returns the changed program; values keep their numbers."""
    body = _edited_body(program.body, edit)
    body.extend(edit.at_end)
    renamed, results = edit.renamed, []
    for role, ref in program.results:
        if role not in ("return", "w", "w_eval"):
            results.append((role, edit.results.get(role, renamed.get(ref, ref))))
    results += [(s.name, ref) for s, ref in zip(edit.states, edit.updates, strict=True)]
    for role, ref in program.results:
        if role in ("return", "w", "w_eval"):
            results.append((role, edit.results.get(role, renamed.get(ref, ref))))
    return replace(
        program,
        states=(*program.states, *edit.states),
        body=tuple(body),
        results=tuple(results),
    )


def _edited_body(body: tuple[Statement, ...], edit: Edit) -> list[Statement]:
    out: list[Statement] = []
    renamed = edit.renamed
    for statement in body:
        if isinstance(statement, Branch):
            out.append(_edited_branch(statement, edit))
            continue
        out += edit.before.get(statement.out, ())
        call = edit.instead.get(statement.out, statement)
        if renamed and not renamed.keys().isdisjoint(call.args):
            call = replaced(call, args=tuple([renamed.get(ref, ref) for ref in call.args]))
        out.append(call)
    return out


def _edited_branch(branch: Branch, edit: Edit) -> Branch:
    def side(block: Block) -> Block:
        results = tuple(edit.renamed.get(ref, ref) for ref in block.results)
        return Block(tuple(_edited_body(block.body, edit)), results)

    condition = edit.renamed.get(branch.condition, branch.condition)
    return Branch(branch.outs, condition, side(branch.then), side(branch.orelse), branch.names)
