"""Mutations of calls: a new one, one less, another function, another argument."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from typing import TypeVar

from dsl.program import Call, Literal, Program, Ref
from primitives import TABLE

from .constants import value
from .draft import FINAL, FULL, Draft, Edit, Use, finished, with_arg
from .vocabulary import RATE, SCALE

_CONSTANT_SHARE = 0.3  # of the new arguments of functions
# What a constant in a place is for, where the place tells.
_PURPOSE = {("lerp", 2): RATE, ("clip", 1): SCALE, ("clip", 2): SCALE}

Item = TypeVar("Item")


def draw(rng: random.Random, items: Sequence[Item], totals: Sequence[float]) -> Item:
    """Draws one of the items by weight, given the running totals of the weights."""
    return items[bisect(totals, rng.random() * totals[-1])]


def change_function(draft: Draft) -> Program | None:
    """Puts another function in the place of one."""
    calls = [call for call in draft.calls if call.out not in draft.rated and not call.options]
    if not calls:
        return None
    call = draft.rng.choice(calls)
    names, totals = draft.vocabulary.alike[call.op]
    if not names:
        return None
    new = Call(call.out, draw(draft.rng, names, totals), call.args, (), call.name)
    return finished(draft.program, Edit(instead=new))


def change_argument(draft: Draft) -> Program | None:
    """Lets a call read another value, name or constant."""
    places = [
        (call, place)
        for call in draft.calls
        for place, ref in enumerate(call.args)
        if _may_change(ref, draft)
    ]
    if not places:
        return None
    call, place = draft.rng.choice(places)
    use = Use(call, place, call.args[place])
    pool = [ref for ref in draft.sight(use) if ref != use.ref]
    new = with_arg(call, place, _new_argument(draft, pool, call.op, place))
    if not draft.is_legal(new) or draft.of_call(new) != draft.extent[call.out]:
        return None
    return finished(draft.program, Edit(instead=new))


def _may_change(ref: Ref, draft: Draft) -> bool:
    if isinstance(ref, Literal):
        return ref.value.__class__ is float
    return ref not in draft.rated


def _new_argument(draft: Draft, pool: list[Ref], op: str, place: int) -> Ref:
    purpose = _PURPOSE.get((op, place))
    share = 0.8 if purpose else _CONSTANT_SHARE if TABLE[op].result == "join" else 0.0
    if not pool or draft.rng.random() < share:
        return Literal(value(draft, purpose or SCALE))
    return draft.rng.choice(pool)


def exchange_arguments(draft: Draft) -> Program | None:
    """Exchanges the first two arguments of a call."""
    calls = [call for call in draft.calls if _may_exchange(call, draft)]
    if not calls:
        return None
    call = draft.rng.choice(calls)
    first, second, *rest = call.args
    new = Call(call.out, call.op, (second, first, *rest), call.options, call.name)
    return finished(draft.program, Edit(instead=new))


def _may_exchange(call: Call, draft: Draft) -> bool:
    row = TABLE[call.op]
    if row.arity < 2 or row.commutative or row.result != "join" or call.op == "pow":
        return False
    return call.args[0] != call.args[1] and not any(draft.is_rated(ref) for ref in call.args)


def insert_call(draft: Draft) -> Program | None:
    """Puts a function between a value and one of its uses.

    A reduction is multiplied with the value, or divides it, so that what is read stays as wide.
    """
    rng = draft.rng
    use = Use(*rng.choice(draft.uses()))
    names, totals = draft.vocabulary.weighted
    out = draft.fresh()
    call = _call(draft, use, out, draw(rng, names, totals))
    if not draft.is_legal(call):
        return None
    new = [call]
    if TABLE[call.op].result in ("reduce", "scalar"):
        new.append(Call(out + 1, "mul" if rng.random() < 0.5 else "divide_no_nan", (use.ref, out)))
    elif draft.of_call(call) != draft.of(use.ref):
        return None
    if len(new) == 2 and draft.of(use.ref) != FULL:
        return None
    edit = Edit()
    edit.put(use, new)
    return finished(draft.program, edit)


def _call(draft: Draft, use: Use, out: int, op: str) -> Call:
    """Returns a call on the value of a use and on arguments from its sight."""
    arity, pool = TABLE[op].arity, draft.sight(use)
    if op == "clip":
        bound = value(draft, SCALE)
        return Call(out, op, (use.ref, Literal(-bound), Literal(bound)))
    place = 0 if arity == 3 else int(draft.rng.random() * arity)
    args = [use.ref if k == place else _new_argument(draft, pool, op, k) for k in range(arity)]
    return Call(out, op, tuple(args))


def delete_call(draft: Draft) -> Program | None:
    """Puts one of its arguments in the place of a call."""
    calls = [call for call in draft.calls if "lr" not in call.args]
    if not calls:
        return None
    call = draft.rng.choice(calls)
    # A state in its own place would be one that never changes.
    own = {role for role, ref in draft.program.results if role not in FINAL and ref == call.out}
    choices = [
        ref
        for ref in call.args
        if not isinstance(ref, Literal)
        and ref not in own
        and draft.extent[ref] == draft.extent[call.out]
        and (ref in draft.rated) == (call.out in draft.rated)
    ]
    if not choices:
        return None
    return finished(draft.program, Edit(renamed={call.out: draft.rng.choice(choices)}))
