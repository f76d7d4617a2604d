"""The one numbering of a program: by the order of its text, without results nobody reads."""

from __future__ import annotations

from dataclasses import replace

from .program import Block, Branch, Call, Literal, Program, Ref, Statement


def renumbered(program: Program) -> Program:
    """Returns the program with values numbered 0, 1, 2, ... in the order of the text.

    The results of a Branch stand in the order in which they are read; those that nothing reads
    are dropped. Then parse(text(p)) == p.
    """
    return renumbering(program)[0]


def renumbering(program: Program) -> tuple[Program, dict[int, int]]:
    """Returns the renumbered program, and the new number of each old one."""
    ordered = _Order().block(program.body, tuple(ref for _, ref in program.results))
    numbers: dict[int, int] = {}
    states = tuple(replace(s, init=_block(s.init, numbers)) for s in program.states)
    body = _body(ordered.body, numbers)
    results = tuple((role, _ref(ref, numbers)) for role, ref in program.results)
    return replace(program, states=states, body=body, results=results), numbers


class _Order:
    """Walks backwards and knows of each value where it is read first after this point."""

    def __init__(self) -> None:
        self.first: dict[Ref, int] = {}
        self.position = 0

    def read(self, refs: tuple[Ref, ...]) -> None:
        for ref in reversed(refs):
            if ref.__class__ is not Literal:
                self.position -= 1
                self.first[ref] = self.position

    def block(self, body: tuple[Statement, ...], results: tuple[Ref, ...]) -> Block:
        self.read(results)
        kept: list[Statement] = []
        for statement in reversed(body):
            if statement.__class__ is Call:
                self.read(statement.args)  # type: ignore[union-attr]
                kept.append(statement)
            elif any(out in self.first for out in statement.outs):  # type: ignore[union-attr]
                kept.append(self.branch(statement))  # type: ignore[arg-type]
        return Block(tuple(reversed(kept)), results)

    def branch(self, branch: Branch) -> Branch:
        first = self.first
        live = [i for i, out in enumerate(branch.outs) if out in first]
        live.sort(key=lambda i: first[branch.outs[i]])
        orelse = self.block(branch.orelse.body, tuple(branch.orelse.results[i] for i in live))
        then = self.block(branch.then.body, tuple(branch.then.results[i] for i in live))
        self.read((branch.condition,))
        names = tuple(branch.names[i] for i in live if i < len(branch.names))
        outs = tuple(branch.outs[i] for i in live)
        return Branch(outs, branch.condition, then, orelse, names)


def _ref(ref: Ref, numbers: dict[int, int]) -> Ref:
    return numbers[ref] if ref.__class__ is int else ref  # type: ignore[index]


def _block(block: Block, numbers: dict[int, int]) -> Block:
    body = _body(block.body, numbers)
    return Block(body, tuple(_ref(ref, numbers) for ref in block.results))


def _body(body: tuple[Statement, ...], numbers: dict[int, int]) -> tuple[Statement, ...]:
    done: list[Statement] = []
    for s in body:
        if isinstance(s, Call):
            args = tuple([_ref(arg, numbers) for arg in s.args])
            numbers[s.out] = out = len(numbers)
            done.append(Call(out, s.op, args, s.options, s.name))
            continue
        condition = _ref(s.condition, numbers)
        then, orelse = _block(s.then, numbers), _block(s.orelse, numbers)
        for out in s.outs:
            numbers[out] = len(numbers)
        outs = tuple(numbers[out] for out in s.outs)
        done.append(Branch(outs, condition, then, orelse, s.names))
    return tuple(done)
