"""The order and the numbers that parsing the text of a program gives to its values."""

from __future__ import annotations

from dataclasses import replace

from .program import Block, Branch, Call, Program, Ref, State, Statement
from .renumber import renumbered as numbered


def arranged(program: Program) -> Program:
    """Returns the same program in the order of its text, its values numbered 0, 1, 2, ...

    A call without a name that is used once stands inside the expression that uses it, so it comes
    just before it, after the arguments to its left.
    """
    uses: dict[Ref, int] = {}
    for state in program.states:
        _count(state.init.body, state.init.results, uses)
    results = tuple([ref for _, ref in program.results])
    _count(program.body, results, uses)
    numbers: dict[int, int] = {}
    states = tuple(
        [
            State(state.name, state.declared, _block(state.init, uses, numbers))
            for state in program.states
        ]
    )
    block = _block(Block(program.body, results), uses, numbers)
    pairs = zip([role for role, _ in program.results], block.results, strict=True)
    return numbered(replace(program, states=states, body=block.body, results=tuple(pairs)))


def _count(body: tuple[Statement, ...], results: tuple[Ref, ...], uses: dict[Ref, int]) -> None:
    """Counts how often each value is used; a use as a result counts twice."""
    for statement in body:
        if isinstance(statement, Call):
            for ref in statement.args:
                uses[ref] = uses.get(ref, 0) + 1
        else:
            uses[statement.condition] = uses.get(statement.condition, 0) + 1
            _count(statement.then.body, statement.then.results, uses)
            _count(statement.orelse.body, statement.orelse.results, uses)
    for ref in results:
        uses[ref] = uses.get(ref, 0) + 2


def _block(block: Block, uses: dict[Ref, int], numbers: dict[int, int]) -> Block:
    inline = _inline(block, uses)
    placed: list[Statement] = []

    def place(call: Call) -> None:
        for ref in call.args:
            if ref in inline:
                place(inline[ref])
        args = tuple([numbers[r] if r.__class__ is int else r for r in call.args])  # type: ignore
        numbers[call.out] = out = len(numbers)
        placed.append(Call(out, call.op, args, call.options, call.name))

    for statement in block.body:
        if isinstance(statement, Branch):
            if statement.condition in inline:
                place(inline[statement.condition])
            placed.append(_branch(statement, uses, numbers))
        elif statement.out not in inline:
            place(statement)
    return Block(tuple(placed), tuple([_number(ref, numbers) for ref in block.results]))


def _inline(block: Block, uses: dict[Ref, int]) -> dict[Ref, Call]:
    """Returns the calls that stand inside another statement of the same block."""
    if not block.body:
        return {}
    here: set[Ref] = set()
    for statement in block.body:
        here.update(statement.args if isinstance(statement, Call) else (statement.condition,))
    return {
        call.out: call
        for call in block.body
        if isinstance(call, Call) and not call.name and call.out in here and uses[call.out] == 1
    }


def _branch(branch: Branch, uses: dict[Ref, int], numbers: dict[int, int]) -> Branch:
    condition = _number(branch.condition, numbers)
    then = _block(branch.then, uses, numbers)
    orelse = _block(branch.orelse, uses, numbers)
    for out in branch.outs:
        numbers[out] = len(numbers)
    outs = tuple([numbers[out] for out in branch.outs])
    return Branch(outs, condition, then, orelse, branch.names)


def _number(ref: Ref, numbers: dict[int, int]) -> Ref:
    return numbers[ref] if ref.__class__ is int else ref  # type: ignore[index]
