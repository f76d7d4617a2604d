"""Disguises a program: what it does stays the same to the last bit, what it looks like does not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from detours import FORMS, IDENTITIES, Numbers

from dsl.check import check, kinds
from dsl.errors import ProgramError
from dsl.fold import complements
from dsl.names import MAX_AXES
from dsl.program import (
    Block,
    Branch,
    Call,
    Declared,
    Hyperparameter,
    Literal,
    Program,
    Ref,
    State,
    Statement,
    calls,
)
from dsl.renumber import renumbered
from primitives import NOISE, ORACLE, TABLE

DEAD = 3  # dead calls, and as many identities for each ten calls
_TENSOR = Declared("Tensor")


def obfuscated(program: Program, rng: random.Random, moved: float = 0.0) -> Program:
    """Returns a program of the same meaning under other names.

    States are held twice and half of what reads one reads its copy; identities that are exact in
    floating point stand between values and their uses; calls are written out in others; operands
    and declarations change places; some calls and a state are dead.
    moved: the share by which float constants other than 0 and 1 are moved up or down at most; what
    is near 1 or above a half moves by that share of its distance from 1. Structure stays.
    """
    out = _moved(program, rng, moved) if moved else program
    for change in (_doubled, _written_out, _identities, _dead):
        out = change(out, rng)
    out = renumbered(_renamed(_shuffled(out, rng), rng))
    check(out)
    return out


# --- walking


def _mapped(program: Program, change: Callable[[Call], list[Call]]) -> Program:
    """Returns the program in which calls of the body stand for each call."""

    def block(side: Block) -> Block:
        return Block(body(side.body), side.results)

    def body(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        out: list[Statement] = []
        for one in statements:
            if isinstance(one, Call):
                out += change(one)
            else:
                out.append(replace(one, then=block(one.then), orelse=block(one.orelse)))
        return tuple(out)

    return replace(program, body=body(program.body))


def _fresh(program: Program) -> Numbers:
    last = max(_numbers(program), default=-1)
    return iter(range(last + 1, last + 100_000))


def _numbers(program: Program) -> Iterator[int]:
    for body in (program.body, *(state.init.body for state in program.states)):
        yield from (call.out for call in calls(body))
        yield from _outs(body)


def _outs(body: tuple[Statement, ...]) -> Iterator[int]:
    for one in body:
        if isinstance(one, Branch):
            yield from (*one.outs, *_outs(one.then.body), *_outs(one.orelse.body))


def _checked(program: Program, fallback: Program) -> Program:
    try:
        check(renumbered(program))
    except (ProgramError, KeyError):
        return fallback
    return program


# --- other constants


def _moved(program: Program, rng: random.Random, share: float) -> Program:
    def other(value: Any) -> Any:
        if not isinstance(value, float) or value in (0.0, 1.0, -1.0):
            return value
        factor = 1 + share * rng.uniform(-1, 1)
        return 1 - (1 - value) * factor if 0.5 < value < 1 else value * factor

    def call_of(call: Call) -> list[Call]:
        args = [Literal(other(ref.value)) if isinstance(ref, Literal) else ref for ref in call.args]
        return [replace(call, args=tuple(args))]

    changed = [Hyperparameter(h.name, other(h.default)) for h in program.hyperparameters]
    return _mapped(replace(program, hyperparameters=tuple(changed)), call_of)


# --- states twice


def _doubled(program: Program, rng: random.Random) -> Program:
    for state in program.states:
        if rng.random() < 0.5:
            program = _checked(_with_copy(program, state, rng), program)
    return program


def _with_copy(program: Program, state: State, rng: random.Random) -> Program:
    twin = replace(state, name=f"{state.name}_twin", init=_copied(state.init, _fresh(program)))
    results = list(program.results)
    place = [role for role, _ in results].index(state.name)
    results.insert(place + 1, (twin.name, results[place][1]))
    at = program.states.index(state)
    states = (*program.states[: at + 1], twin, *program.states[at + 1 :])

    def half(call: Call) -> list[Call]:
        args = [twin.name if ref == state.name and rng.random() < 0.5 else ref for ref in call.args]
        return [replace(call, args=tuple(args))]

    return _mapped(replace(program, states=states, results=tuple(results)), half)


def _copied(block: Block, fresh: Numbers) -> Block:
    """Returns an initial value whose calls have numbers of their own."""
    numbers: dict[Ref, Ref] = {}
    body = []
    for call in block.body:
        assert isinstance(call, Call)
        args = tuple(numbers.get(ref, ref) for ref in call.args)
        numbers[call.out] = next(fresh)
        body.append(replace(call, out=numbers[call.out], args=args))
    return Block(tuple(body), tuple(numbers.get(ref, ref) for ref in block.results))


# --- calls written out in others


def _written_out(program: Program, rng: random.Random) -> Program:
    fresh = _fresh(program)
    for call in list(calls(program.body)):
        form = None if call.out in complements(program) else FORMS.get(call.op)
        if form is not None and rng.random() < 0.5:
            made = form(call, fresh)
            changed = _mapped(program, lambda c, o=call.out, m=made: m if c.out == o else [c])
            program = _checked(changed, program)
    return program


# --- identities


def _identities(program: Program, rng: random.Random) -> Program:
    """Puts identities between some arrays and numbers and their uses."""
    found = _full(program)
    apart = complements(program)  # 1 - b**t is rounded otherwise where it is not seen to be that
    places = [
        (call.out, place)
        for call in calls(program.body)
        for place, ref in enumerate(call.args)
        if ref in found and TABLE[call.op].scope != NOISE and call.out not in apart
    ]
    fresh = _fresh(program)
    wanted = min(len(places), DEAD * (1 + len(list(calls(program.body))) // 10))
    for out, place in rng.sample(places, wanted):
        identity = rng.choice(IDENTITIES)

        def put(call: Call, out: int = out, place: int = place, one: Any = identity) -> list[Call]:
            if call.out != out:
                return [call]
            made, last = one(call.args[place], fresh)
            args = (*call.args[:place], last, *call.args[place + 1 :])
            return [*made, replace(call, args=args)]

        program = _checked(_mapped(program, put), program)
    return program


def _full(program: Program) -> set[Ref]:
    """The values that a run works out, not known from shapes beforehand, on any parameter."""
    known = [kinds(program, ndim) for ndim in range(MAX_AXES + 1)]
    names = {ref for one in known for ref in one}
    families = {ref: {one[ref].family for one in known if ref in one} for ref in names}
    return {ref for ref, held in families.items() if not held & {"Static", "Missing"}}


# --- dead code


def _dead(program: Program, rng: random.Random) -> Program:
    """Adds calls that nothing reads, and a state that only itself reads."""
    fresh = _fresh(program)
    outside = [s.out for s in program.body if isinstance(s, Call) and not _asks(s)]
    at_hand: list[Ref] = ["g", "w", *(ref for ref in outside if ref in _full(program))]
    for _ in range(DEAD):
        op = rng.choice(("cosh", "abs", "square", "neg", "sqrt_abs"))
        call = Call(next(fresh), op, (rng.choice(at_hand),))
        program = _checked(replace(program, body=(*program.body, call)), program)
    state = State("unread", _TENSOR, Block((), (Literal(0),)))
    kept = Call(next(fresh), "lerp", ("unread", rng.choice(("g", "w")), Literal(0.25)))
    changed = replace(
        program, states=(*program.states, state), body=(*program.body, kept),
        results=_with_state(program, "unread", kept.out),
    )  # fmt: skip
    return _checked(changed, program)


def _asks(call: Call) -> bool:
    return TABLE[call.op].scope in (NOISE, ORACLE)


def _with_state(program: Program, name: str, ref: Ref) -> tuple[tuple[str, Ref], ...]:
    count = len(program.states)
    return (*program.results[:count], (name, ref), *program.results[count:])


# --- order and names


def _shuffled(program: Program, rng: random.Random) -> Program:
    """Exchanges operands that may be, and declares states and hyperparameters in another order."""

    def turned(call: Call) -> list[Call]:
        may = TABLE[call.op].commutative and len(call.args) == 2 and rng.random() < 0.5
        return [replace(call, args=call.args[::-1]) if may else call]

    changed = _checked(_mapped(program, turned), program)
    states = rng.sample(program.states, len(program.states))
    after = dict(changed.results)
    last = [pair for pair in changed.results if pair[0] not in {s.name for s in states}]
    return replace(
        changed,
        states=tuple(states),
        hyperparameters=tuple(rng.sample(program.hyperparameters, len(program.hyperparameters))),
        results=(*((s.name, after[s.name]) for s in states), *last),
    )


def _renamed(program: Program, rng: random.Random) -> Program:
    """Gives everything but inputs another name, and takes the docstring away."""
    old = [one.name for one in (*program.hyperparameters, *program.states)]
    numbers = rng.sample(range(100, 999), len(old))
    new: dict[Any, Any] = dict(zip(old, (f"x{n}" for n in numbers), strict=True))

    def ref_of(ref: Ref) -> Ref:
        return new.get(ref, ref) if isinstance(ref, str) else ref

    def refs(many: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return tuple(map(ref_of, many))

    def block(side: Block) -> Block:
        return Block(body(side.body), refs(side.results))

    def body(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(
            Call(s.out, s.op, refs(s.args), s.options)
            if isinstance(s, Call)
            else Branch(s.outs, ref_of(s.condition), block(s.then), block(s.orelse))
            for s in statements
        )

    return Program(
        "f",
        program.inputs,
        tuple(Hyperparameter(new[h.name], h.default) for h in program.hyperparameters),
        tuple(State(new[s.name], s.declared, block(s.init)) for s in program.states),
        body(program.body),
        tuple((new.get(role, role), ref_of(ref)) for role, ref in program.results),
    )
