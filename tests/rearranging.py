"""Rearranges a program: what it does stays the same but for rounding, how it is reckoned does not.

Where `obfuscation` keeps every bit, this moves factors, multiplies out, keeps states as multiples
or in two parts and copies one a step late.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from obfuscation import _checked, _fresh, _full, _mapped, _with_state

from dsl.program import Block, Call, Declared, Literal, Program, Ref, State, calls
from dsl.renumber import renumbered
from primitives import NOISE, TABLE

SHARE = 0.4  # of the calls that are written out, and of the states that are kept otherwise
FACTORS = (0.25, 0.5, 3.0, 7.0, 1.6)

Made = list[Call]


def rearranged(program: Program, rng: random.Random) -> Program:
    """Returns a program that does the same wherever both are finite."""
    for change in (_states, _written_out, _identities):
        program = change(program, rng)
    return renumbered(program)


def _call(fresh: Any, op: str, *args: Ref) -> Call:
    return Call(next(fresh), op, args)


# --- calls


def _lerp(call: Call, fresh: Any, rng: random.Random) -> Made:
    x, y, share = call.args
    if rng.random() < 0.5:
        rest = _call(fresh, "sub", Literal(1), share)
        first, second = _call(fresh, "mul", x, rest.out), _call(fresh, "mul", share, y)
        return [rest, first, second, replace(call, op="add", args=(second.out, first.out))]
    way = _call(fresh, "sub", x, y)
    part = _call(fresh, "mul", way.out, share)
    return [way, part, replace(call, op="sub", args=(x, part.out))]


def _div(call: Call, fresh: Any, rng: random.Random) -> Made:
    del rng
    x, y = call.args
    inverse = _call(fresh, "div", Literal(1), y)
    return [inverse, replace(call, op="mul", args=(inverse.out, x))]


def _sub(call: Call, fresh: Any, rng: random.Random) -> Made:
    del rng
    x, y = call.args
    other = _call(fresh, "sub", y, x)
    return [other, replace(call, op="neg", args=(other.out,))]


def _add(call: Call, fresh: Any, rng: random.Random) -> Made:
    x, y = call.args
    factor = Literal(rng.choice(FACTORS))
    first, second = _call(fresh, "mul", factor, x), _call(fresh, "mul", y, factor)
    both = _call(fresh, "add", second.out, first.out)
    return [first, second, both, replace(call, op="div", args=(both.out, factor))]


def _mul(call: Call, fresh: Any, rng: random.Random) -> Made:
    x, y = call.args
    factor = Literal(rng.choice(FACTORS))
    first, second = _call(fresh, "mul", factor, x), _call(fresh, "div", y, factor)
    return [first, second, replace(call, args=(second.out, first.out))]


_FORMS: Mapping[str, Callable[..., Made]] = {
    "lerp": _lerp, "div": _div, "sub": _sub, "add": _add, "mul": _mul,
}  # fmt: skip


def _written_out(program: Program, rng: random.Random) -> Program:
    fresh, worked_out = _fresh(program), _full(program)
    for call in list(calls(program.body)):
        form = _FORMS.get(call.op)
        if form is None or call.out not in worked_out or rng.random() >= SHARE:
            continue
        made = form(call, fresh, rng)
        changed = _mapped(program, lambda c, o=call.out, m=made: m if c.out == o else [c])
        program = _checked(changed, program)
    return program


# --- identities


def _chain(*steps: tuple[str, Callable[[Ref], tuple[Ref, ...]]]) -> Callable[[Ref, Any], Made]:
    def identity(ref: Ref, fresh: Any) -> Made:
        made: Made = []
        for op, args in steps:
            made.append(_call(fresh, op, *args(made[-1].out if made else ref)))
        return made

    return identity


_IDENTITIES = (
    _chain(("mul", lambda x: (x, Literal(3.0))), ("div", lambda x: (x, Literal(3.0)))),
    _chain(("div", lambda x: (x, Literal(1.6))), ("mul", lambda x: (Literal(1.6), x))),
    _chain(("add", lambda x: (x, x)), ("div", lambda x: (x, Literal(2)))),
    _chain(("lerp", lambda x: (x, x, Literal(0.3)))),
    _chain(("where", lambda x: (Literal(1), x, Literal(0.5)))),
    _chain(("neg", lambda x: (x,)), ("mul", lambda x: (Literal(-1), x))),
    _chain(("cube", lambda x: (x,)), ("cbrt", lambda x: (x,))),
)  # fmt: skip


def _identities(program: Program, rng: random.Random) -> Program:
    worked_out, fresh = _full(program), _fresh(program)
    places = [
        (call.out, place) for call in calls(program.body) for place, ref in enumerate(call.args)
        if ref in worked_out and TABLE[call.op].scope != NOISE
    ]  # fmt: skip
    for out, place in rng.sample(places, min(len(places), 1 + len(places) // 8)):
        identity = rng.choice(_IDENTITIES)

        def put(call: Call, out: int = out, place: int = place, one: Any = identity) -> Made:
            if call.out != out:
                return [call]
            made = one(call.args[place], fresh)
            args = (*call.args[:place], made[-1].out, *call.args[place + 1 :])
            return [*made, replace(call, args=args)]

        program = _checked(_mapped(program, put), program)
    return program


# --- states


def _states(program: Program, rng: random.Random) -> Program:
    for state in program.states:
        if state.init != Block((), (Literal(0),)) or state.declared != Declared("Tensor"):
            continue
        if rng.random() < SHARE:
            way = rng.choice((_scaled, _split, _late))
            program = _checked(way(program, state, rng), program)
    return program


def _read_as(program: Program, name: str, value: Ref) -> Program:
    """Another value in the place of a state's old one."""

    def turned(call: Call) -> Made:
        return [replace(call, args=tuple(value if ref == name else ref for ref in call.args))]

    changed = _mapped(program, turned)
    results = tuple((r, value if ref == name else ref) for r, ref in changed.results)
    return replace(changed, results=results)


def _scaled(program: Program, state: State, rng: random.Random) -> Program:
    """Keeps a multiple of a state."""
    fresh, factor = _fresh(program), Literal(rng.choice(FACTORS))
    old = _call(fresh, "div", state.name, factor)
    changed = _read_as(program, state.name, old.out)
    kept = _call(fresh, "mul", dict(changed.results)[state.name], factor)
    results = tuple((r, kept.out if r == state.name else ref) for r, ref in changed.results)
    return replace(changed, body=(old, *changed.body, kept), results=results)


def _split(program: Program, state: State, rng: random.Random) -> Program:
    """Keeps a moving average as the sum of two."""
    after = dict(program.results)[state.name]
    update = next((c for c in program.body if isinstance(c, Call) and c.out == after), None)
    if update is None or update.op != "lerp" or update.args[0] != state.name:
        return program
    fresh, part = _fresh(program), rng.choice((0.25, 0.4))
    second = f"{state.name}_rest"
    _, fed, share = update.args
    small, large = (_call(fresh, "mul", Literal(p), fed) for p in (part, 1 - part))
    a = _call(fresh, "lerp", state.name, small.out, share)
    b = _call(fresh, "lerp", second, large.out, share)
    made = [small, large, a, b, replace(update, op="add", args=(a.out, b.out))]
    whole = _call(fresh, "add", state.name, second)
    parts = {a.out, b.out}

    def turned(call: Call) -> Made:
        if call.out == update.out:
            return made
        return [replace(call, args=tuple(whole.out if r == state.name else r for r in call.args))]

    changed = _mapped(program, turned)
    assert parts
    results = tuple((r, a.out if r == state.name else ref) for r, ref in changed.results)
    states = (*changed.states, replace(state, name=second))
    changed = replace(changed, states=states, body=(whole, *changed.body), results=results)
    return replace(changed, results=_with_state(replace(changed, states=program.states), second,
                                                b.out))  # fmt: skip


def _late(program: Program, state: State, rng: random.Random) -> Program:
    """Adds a state that holds what another held a step before, read by nothing that is live."""
    fresh, name = _fresh(program), f"{state.name}_late"
    kept = _call(fresh, rng.choice(("abs", "neg")), name)
    results = _with_state(program, name, state.name)
    states = (*program.states, replace(state, name=name))
    return replace(program, states=states, body=(*program.body, kept), results=results)
