"""Dead code out, values numbered as in the text: what a changed program ends with."""

from __future__ import annotations

from .arrange import arranged
from .live import without_dead
from .program import Branch, Call, Program, Ref

_RESULTS = ("return", "w", "w_eval")


def tidied(program: Program) -> Program:
    """Returns `arranged(without_dead(program))`."""
    for statement in program.body:
        if statement.__class__ is Branch:
            return arranged(without_dead(program))
    for state in program.states:
        if state.init.body or state.declared.index:
            return arranged(without_dead(program))
    return _tidied_line(program)


def _tidied_line(program: Program) -> Program:
    """The same for a straight line, in one walk back and one forth: proposals live on its speed."""
    body: tuple[Call, ...] = program.body  # type: ignore[assignment]
    names, uses = _read(program, body)
    held: dict[int, Call] = {}  # calls that stand inside the expression that uses them
    numbers: dict[int, int] = {}
    placed: list[Call] = []

    def place(call: Call) -> None:
        args = []
        for ref in call.args:
            if ref.__class__ is int:
                if ref in held:
                    place(held.pop(ref))  # type: ignore[arg-type]
                ref = numbers[ref]  # type: ignore[index]
            args.append(ref)
        out = numbers[call.out] = len(placed)
        refs = tuple(args)
        same = out == call.out and refs == call.args
        placed.append(call if same else Call(out, call.op, refs, call.options, call.name))

    for call in body:
        count = uses.get(call.out)
        if count == 1 and not call.name:
            held[call.out] = call
        elif count:
            place(call)
    results = [
        (role, numbers[ref] if ref.__class__ is int else ref)  # type: ignore[index]
        for role, ref in program.results
        if role in names or role in _RESULTS
    ]
    return Program(
        program.name,
        tuple([name for name in program.inputs if name in names or name in ("w", "g")]),
        tuple([item for item in program.hyperparameters if item.name in names]),
        tuple([state for state in program.states if state.name in names]),
        tuple(placed),
        tuple(results),
        program.doc,
    )


def _read(program: Program, body: tuple[Call, ...]) -> tuple[set[str], dict[int, int]]:
    """Returns the names that are live and how often each live value is used, twice as a result."""
    args = {call.out: call.args for call in body}
    after = {role: ref for role, ref in program.results if role not in _RESULTS}
    first = {state.name: state.init.results for state in program.states}
    names: set[str] = set()
    uses: dict[int, int] = {}
    todo: list[tuple[Ref, ...]] = []
    for role, ref in program.results:
        if role in _RESULTS:
            todo += ((ref,), (ref,))
    while todo:
        for ref in todo.pop():
            kind = ref.__class__
            if kind is int:
                if ref in uses:
                    uses[ref] += 1  # type: ignore[index]
                else:
                    uses[ref] = 1  # type: ignore[index]
                    todo.append(args[ref])  # type: ignore[index]
            elif kind is str and ref not in names:
                names.add(ref)  # type: ignore[arg-type]
                if ref in after:
                    todo += (first[ref], (after[ref],), (after[ref],))  # type: ignore[index]
    return names, uses
