"""Which calls of a program are written inside the expression that uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .program import Block, Branch, Call, Literal, Program, Ref, Statement

DEEPEST = 40  # calls inside calls; Python reads up to a hundred


def nested(program: Program, returned: bool = True) -> dict[int, Call]:
    """Returns the calls without a name that stand inside the expression of their only reader.

    Only where the text then keeps the order of the calls. returned: the update may be written in
    the `return` line.
    """
    uses = Counter(_reads(program))
    inner: dict[int, Call] = {}
    for state in program.states:  # an initial value is one expression
        inner.update((s.out, s) for s in state.init.body if isinstance(s, Call))
    role, ref = next(pair for pair in program.results if pair[0] in ("return", "w"))
    last = (ref,) if returned and role == "return" else ()
    _walk(program.body, last, uses, inner)
    return inner


def _reads(program: Program) -> Iterator[Ref]:
    for state in program.states:
        yield from _block_reads(state.init)
    yield from _block_reads(Block(program.body, tuple(ref for _, ref in program.results)))


def _block_reads(block: Block) -> Iterator[Ref]:
    for s in block.body:
        if isinstance(s, Call):
            yield from s.args
        else:
            yield s.condition
            yield from _block_reads(s.then)
            yield from _block_reads(s.orelse)
    yield from block.results


def _walk(
    body: tuple[Statement, ...], last: tuple[Ref, ...], uses: Counter, inner: dict[int, Call]
) -> None:
    """Keeps the calls that may still be nested on a stack; a reader takes them off its top."""
    waiting: list[Call] = []
    for s in body:
        args = s.args if isinstance(s, Call) else (s.condition,)
        _take(args, waiting, inner)
        if isinstance(s, Branch):
            _walk(s.then.body, (), uses, inner)
            _walk(s.orelse.body, (), uses, inner)
        if isinstance(s, Call) and not s.name and uses[s.out] == 1 and _depth(s, inner) < DEEPEST:
            waiting.append(s)
        else:
            waiting.clear()
    _take(last, waiting, inner)


def _depth(call: Call, inner: dict[int, Call]) -> int:
    """Returns how many calls stand inside each other in the text of a call."""
    held = [inner[arg] for arg in call.args if isinstance(arg, int) and arg in inner]
    return 1 + max((_depth(one, inner) for one in held), default=0)


def _take(args: tuple[Ref, ...], waiting: list[Call], inner: dict[int, Call]) -> None:
    for arg in reversed(args):
        if waiting and arg == waiting[-1].out and not isinstance(arg, Literal):
            call = waiting.pop()
            inner[call.out] = call
    # What is read here but lies deeper gets a line of its own, as does all before it.
    for i in reversed(range(len(waiting))):
        if waiting[i].out in args:
            del waiting[: i + 1]
            break
