"""Proposals: one typed change to the live part of a program."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from dsl.arrange import renumbered
from dsl.live import without_dead
from dsl.program import Block, Call, Declared, Hyperparameter, Literal, Program, Ref, State
from dsl.program import calls as every_call
from primitives import TABLE

from .draft import FULL, Draft, Edit, Use, edited, extent_of, replaced
from .vocabulary import RATE, SCALE, SMALL, TINY, Idiom, Vocabulary

TRIES = 50
_CONSTANT_SHARE = 0.3  # of the new arguments of functions
_STATE_NAMES = ("m", "v", "a", "b", "c", "h", "p", "q", "r", "s", "z")
# What a constant in a place is for, where the place tells.
_PURPOSE = {("lerp", 2): RATE, ("clip", 1): SCALE, ("clip", 2): SCALE}


def propose(
    program: Program, rng: random.Random, vocabulary: Vocabulary
) -> tuple[Program, str]:
    """Returns a child of a checked program and the name of the mutation that made it.

    The child is checked by construction: what stands in for a value covers as much of the model.
    `lr` and what depends on it keep their places. After TRIES vain tries, the program itself.
    """
    draft = Draft(program, rng, vocabulary)
    for _ in range(TRIES):
        mutation = _draw(rng, MUTATIONS, _TOTALS)
        child = mutation.change(draft)
        if child is not None and _fits(child, vocabulary):
            return child, mutation.name
    return program, "none"


def constant(program: Program, rng: random.Random) -> Program:
    """Returns the program with one live constant changed, or itself where it has none."""
    child = _constant(Draft(program, rng, Vocabulary((), (), ())))
    return program if child is None else child


@dataclass(frozen=True)
class Mutation:
    """A kind of change, and how often it is tried."""

    name: str
    weight: float
    change: Callable[[Draft], Program | None]  # None where there is nothing to change


def _fits(child: Program, vocabulary: Vocabulary) -> bool:
    calls = sum(1 for _ in every_call(child.body))
    return 0 < calls <= vocabulary.max_calls and len(child.states) <= vocabulary.max_states


def _finished(program: Program, edit: Edit) -> Program:
    """Applies the edit and tidies: nothing dead, signature and numbers as in the text."""
    child = edited(program, edit)
    return renumbered(without_dead(child))


def _draw(rng: random.Random, items: Sequence, totals: Sequence[float]):
    return items[bisect(totals, rng.random() * totals[-1])]


# Constants


def _value(draft: Draft, purpose: str) -> float:
    values = dict(draft.vocabulary.constants)[purpose]
    return values[int(draft.rng.random() * len(values))]


def _moved(value: float, rng: random.Random) -> float:
    """Moves a constant by a factor of about 2; one between 1/2 and 1 in its distance to 1."""
    factor = 2.0 ** rng.gauss(0.0, 1.0)
    if 0.5 < value < 1.0:
        return _rounded(max(1.0 - (1.0 - value) * factor, 0.0))
    if value == 0.0:
        return _rounded(rng.choice((0.001, 0.01, 0.1, 1.0)) * factor)
    return _rounded(value * factor)


def _rounded(value: float) -> float:
    """Three significant digits of the value, or of its distance to 1 where that is shorter."""
    if 0.9 < value < 1.0:
        return float(f"{1.0 - float(f'{1.0 - value:.2g}'):.12g}")
    return float(f"{value:.3g}")


def _changed(value: float, draft: Draft) -> float:
    chance = draft.rng.random()
    if chance < 0.1:
        return -value
    if chance < 0.2 and draft.vocabulary.constants:
        return _value(draft, SCALE if abs(value) > 0.05 else SMALL)
    return _moved(value, draft.rng)


def _constant(draft: Draft) -> Program | None:
    """Changes the value of a hyperparameter or of a literal."""
    program = draft.program
    slots: list[Hyperparameter | tuple[Call, int]] = [
        item
        for item in program.hyperparameters
        if item.default.__class__ is float and item.name in draft.wanted
    ]
    slots += [
        (call, place)
        for call in draft.calls
        for place, ref in enumerate(call.args)
        if ref.__class__ is Literal and ref.value.__class__ is float  # type: ignore[union-attr]
    ]
    if not slots:
        return None
    slot = draft.rng.choice(slots)
    if isinstance(slot, Hyperparameter):
        new = Hyperparameter(slot.name, _changed(slot.default, draft))  # type: ignore[arg-type]
        items = tuple([new if item is slot else item for item in program.hyperparameters])
        return replace(program, hyperparameters=items)
    call, place = slot
    literal = Literal(_changed(call.args[place].value, draft))  # type: ignore[union-attr]
    call = replaced_arg(call, place, literal)
    return edited(program, Edit(instead={call.out: call}))


def replaced_arg(call: Call, place: int, ref: Ref) -> Call:
    """Returns the call with another argument in one place."""
    args = (*call.args[:place], ref, *call.args[place + 1 :])
    return replaced(call, args=args)


# Functions


@lru_cache
def _functions(vocabulary: Vocabulary) -> tuple[tuple[str, ...], tuple[float, ...]]:
    names = tuple(name for name, _ in vocabulary.functions)
    return names, tuple(accumulate(weight for _, weight in vocabulary.functions))


@lru_cache
def _alike(vocabulary: Vocabulary, op: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The other functions of the vocabulary that take and give what `op` takes and gives."""
    kind = TABLE[op]
    rows = [
        (name, weight)
        for name, weight in vocabulary.functions
        if name != op
        and (TABLE[name].arity, TABLE[name].result) == (kind.arity, kind.result)
    ]
    return tuple(name for name, _ in rows), tuple(accumulate(weight for _, weight in rows))


def _function(draft: Draft) -> Program | None:
    """Puts another function in the place of one."""
    calls = [call for call in draft.calls if call.out not in draft.rated]
    if not calls:
        return None
    call = draft.rng.choice(calls)
    names, totals = _alike(draft.vocabulary, call.op)
    if not names or call.options:
        return None
    call = replaced(call, op=_draw(draft.rng, names, totals))
    return _finished(draft.program, Edit(instead={call.out: call}))


def _argument(draft: Draft) -> Program | None:
    """Lets a call read another value, name or constant."""
    rng = draft.rng
    places = [
        (call, place)
        for call in draft.calls
        for place, ref in enumerate(call.args)
        if ref not in draft.rated
        and not (ref.__class__ is Literal and ref.value.__class__ is not float)  # type: ignore
    ]
    if not places:
        return None
    call, place = rng.choice(places)
    use = Use(call, place, call.args[place])
    pool = [ref for ref in draft.sight(use) if ref != use.ref]
    new = _new_argument(draft, pool, call.op, place)
    call = replaced_arg(call, place, new)
    if not _readable(call, draft) or _extent(call, draft) != draft.extent[call.out]:
        return None
    return _finished(draft.program, Edit(instead={call.out: call}))


def _extent(call: Call, draft: Draft) -> int:
    return extent_of(call.op, call.options, call.args, draft.extent)


def _readable(call: Call, draft: Draft) -> bool:
    """Whether the call may take its arguments: all but element-wise ones want full arrays."""
    if TABLE[call.op].result == "join":
        return any(ref.__class__ is not Literal for ref in call.args)
    return all(draft.extent.get(ref) == FULL for ref in call.args)


def _new_argument(draft: Draft, pool: list[Ref], op: str, place: int) -> Ref:
    purpose = _PURPOSE.get((op, place))
    wants_array = TABLE[op].result != "join"
    share = 0.8 if purpose else 0.0 if wants_array else _CONSTANT_SHARE
    if not pool or draft.rng.random() < share:
        return Literal(_value(draft, purpose or SCALE))
    return draft.rng.choice(pool)


def _exchange(draft: Draft) -> Program | None:
    """Exchanges two arguments of a call."""
    calls = [
        call
        for call in draft.calls
        if len(call.args) >= 2
        and not TABLE[call.op].commutative
        and TABLE[call.op].result == "join"
        and draft.rated.isdisjoint(call.args)
        and call.args[0] != call.args[1]
    ]
    if not calls:
        return None
    call = draft.rng.choice(calls)
    first, second, *rest = call.args
    if call.op == "pow":
        return None
    call = replaced(call, args=(second, first, *rest))
    return _finished(draft.program, Edit(instead={call.out: call}))


def _insert(draft: Draft) -> Program | None:
    """Puts a new call between a value and one of its uses."""
    rng = draft.rng
    use = rng.choice(draft.uses())
    names, totals = _functions(draft.vocabulary)
    op = _draw(rng, names, totals)
    primitive = TABLE[op]
    out = draft.fresh()
    pool = draft.sight(use)
    place = 0 if primitive.arity == 3 else int(rng.random() * primitive.arity)
    args = [
        use.ref if k == place else _new_argument(draft, pool, op, k)
        for k in range(primitive.arity)
    ]
    if op == "clip":
        bound = abs(args[2].value) if isinstance(args[2], Literal) else 1.0  # type: ignore
        args[1:] = [Literal(-bound), Literal(bound)]
    new = [Call(out, op, tuple(args))]
    if not _readable(new[0], draft):
        return None
    if primitive.result not in ("join", "tensor"):
        joiner = "mul" if rng.random() < 0.5 else "divide_no_nan"
        new.append(Call(out + 1, joiner, (use.ref, out)))
    elif _extent(new[0], draft) != draft.extent[use.ref]:
        return None
    if draft.extent[use.ref] != FULL and len(new) == 2:
        return None
    edit = Edit()
    edit.put(use, new, new[-1].out)
    return _finished(draft.program, edit)


def _delete(draft: Draft) -> Program | None:
    """Puts one of its arguments in the place of a call."""
    calls = [call for call in draft.calls if "lr" not in call.args]
    if not calls:
        return None
    call = draft.rng.choice(calls)
    rated = call.out in draft.rated
    updated = {role for role, ref in draft.program.results if ref == call.out}
    choices = [
        ref
        for ref in call.args
        if ref.__class__ is not Literal
        and draft.extent[ref] == draft.extent[call.out]
        and (ref in draft.rated) == rated
        and ref not in updated  # a state that never changes
    ]
    if not choices:
        return None
    return _finished(draft.program, Edit(renamed={call.out: draft.rng.choice(choices)}))


# States


def _idiom(draft: Draft) -> Program | None:
    """Puts a few calls that belong together between a value and one of its uses."""
    rng = draft.rng
    rows = draft.vocabulary.idioms
    idiom = _draw(rng, rows, _idiom_totals(rows))
    uses = [use for use in draft.uses() if draft.extent[use.ref] == FULL]
    taken = len(draft.program.states) >= draft.vocabulary.max_states
    if not uses or (taken and idiom.update is not None):
        return None
    use = rng.choice(uses)
    program = draft.program
    state = _new_state(program)
    calls = _written(idiom, use, draft, state)
    edit = Edit()
    edit.put(use, calls, calls[-1].out)
    if idiom.update is not None:
        update = use.ref if idiom.update == "x" else calls[idiom.update].out  # type: ignore
        edit.states.append(State(state, Declared("Tensor"), Block((), (Literal(0),))))
        edit.updates.append(update)
    wanted = [name for name in ("t", "T") if any(name in call.args for call in calls)]
    missing = tuple(name for name in wanted if name not in program.inputs)
    if missing:
        program = replace(program, inputs=_with_inputs(program.inputs, missing))
    return _finished(program, edit)


@lru_cache
def _idiom_totals(rows: tuple[Idiom, ...]) -> tuple[float, ...]:
    return tuple(accumulate(idiom.weight for idiom in rows))


def _written(idiom: Idiom, use: Use, draft: Draft, state: str) -> list[Call]:
    first = draft.fresh()
    full = [ref for ref in draft.sight(use) if draft.extent[ref] == FULL]
    meaning: dict[object, Ref] = {"x": use.ref, "y": draft.rng.choice(full), "s": state}
    for purpose in (RATE, SCALE, SMALL, TINY):
        meaning[purpose] = Literal(_value(draft, purpose))
    calls: list[Call] = []
    for k, (op, *args) in enumerate(idiom.calls):
        refs = [
            first + arg if arg.__class__ is int else meaning.get(arg, arg) for arg in args
        ]
        name = state if idiom.update == k else ""
        calls.append(Call(first + k, op, tuple(refs), (), name))
    return calls


def _new_state(program: Program) -> str:
    taken = {state.name for state in program.states}
    taken.update(item.name for item in program.hyperparameters)
    return next(name for name in _STATE_NAMES if name not in taken)


def _with_inputs(inputs: tuple[str, ...], missing: tuple[str, ...]) -> tuple[str, ...]:
    """Adds inputs in the usual order."""
    usual = ("w", "g", "t", "T", "loss", "lr")
    rest = [name for name in inputs if name not in usual]
    return (*rest, *[name for name in usual if name in inputs or name in missing])


def _forget(draft: Draft) -> Program | None:
    """Takes a state away: what it was updated with stands in for it."""
    states = [s for s in draft.program.states if s.declared.kind == "Tensor"]
    if not states:
        return None
    state = draft.rng.choice(states)
    after = dict(draft.program.results)[state.name]
    renamed: dict[Ref, Ref] = {state.name: "g"}
    call = next((call for call in draft.calls if call.out == after), None)
    if call is not None:
        stand_ins = [
            ref
            for ref in call.args
            if draft.extent.get(ref) == FULL and ref != state.name and ref not in draft.rated
        ]
        if not stand_ins:
            return None
        renamed[call.out] = draft.rng.choice(stand_ins)
    return _finished(draft.program, Edit(renamed=renamed))


def _old_or_new(draft: Draft) -> Program | None:
    """Lets a use read a state before its update instead of after it, or the other way round."""
    program = draft.program
    new_of = {s.name: dict(program.results)[s.name] for s in program.states}
    old_of = {new: name for name, new in new_of.items() if new.__class__ is int}
    uses = [use for use in draft.uses() if use.call and (use.ref in old_of or use.ref in new_of)]
    if not uses:
        return None
    use = draft.rng.choice(uses)
    other = old_of.get(use.ref) or new_of.get(use.ref)  # type: ignore[arg-type, call-overload]
    if other is None or other not in draft.sight(use):
        return None
    call = replaced_arg(use.call, use.place, other)  # type: ignore[arg-type]
    return _finished(program, Edit(instead={call.out: call}))


MUTATIONS = (
    Mutation("insert", 3.0, _insert),
    Mutation("delete", 2.0, _delete),
    Mutation("function", 1.5, _function),
    Mutation("argument", 2.0, _argument),
    Mutation("constant", 2.0, _constant),
    Mutation("exchange", 0.3, _exchange),
    Mutation("idiom", 2.0, _idiom),
    Mutation("forget", 0.5, _forget),
    Mutation("old or new", 0.5, _old_or_new),
)
_TOTALS = tuple(accumulate(mutation.weight for mutation in MUTATIONS))
