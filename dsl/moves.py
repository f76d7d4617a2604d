"""What makes a program shorter beside equations: each move returns the program and its step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from .arithmetic import rewritten
from .averages import averaged
from .canonical import canonical, canonical_key
from .check import check
from .companions import companions
from .decided import decided
from .errors import ProgramError
from .facts import Facts
from .matching import rewritings
from .program import Block, Branch, Call, Literal, Program, Ref, State, Statement, calls
from .size import size
from .substitute import renamed, substituted, without_state
from .written import expression

MOST_TRIED = 24  # other scales or sums of states
LONGEST = 100  # calls of a program that is read through as a whole: sums grow with it
SHOWN = 6  # values that are told of one step


@dataclass(frozen=True)
class Step:
    """One change of a program, with the expressions that it turned into each other.

    caveat: where the two are the same, if not everywhere.
    """

    rule: str
    before: str
    after: str
    caveat: str = ""


Moved = tuple[Program, tuple[Step, ...]]
Other = tuple[str, Program, tuple[Ref, ...]]  # what is kept, how, and values to read through
Move = Callable[[Program], "Moved | None"]


def by_equations(program: Program, nearly: bool = False) -> Moved | None:
    """Uses the first equation that makes a program smaller, arguments before calls."""
    facts, now = Facts(program), size(program)
    for call in calls(program.body):
        for one in rewritings(call, facts, nearly):
            smaller = substituted(program, {call.out: one.new}, {call.out: one.made})
            if size(smaller) < now and passes(smaller):
                before = expression(call.out, facts.definitions)
                definitions = facts.definitions | {made.out: made for made in one.made}
                after = expression(one.new, definitions)
                return smaller, (Step(one.name, before, after, one.caveat),)
    return None


def nearly_by_equations(program: Program) -> Moved | None:
    """Uses an equation that may hold only where its caveat says."""
    return by_equations(program, True)


def on_a_constant(program: Program) -> Moved | None:
    """Takes the side of an `if` on a constant."""
    chosen = decided(program)
    if chosen is None or not passes(chosen):
        return None
    return chosen, (Step("an `if` on a constant", "both sides", "the side that is taken"),)


def still_state(program: Program) -> Moved | None:
    """Puts the initial value of a state that never changes in its place."""
    results = dict(program.results)
    for state in program.states:
        (first,) = state.init.results
        if results[state.name] in (state.name, first) and isinstance(first, Literal):
            still = without_state(program, state.name, first)
            if passes(still):
                return still, (Step("a state that never changes", state.name, str(first.value)),)
    return None


def averages(program: Program) -> Moved | None:
    """Writes states that are sums of each other as moving averages, each by itself."""
    found = averaged(program)
    if found is None or not passes(found):
        return None
    return found, (Step("linear states as averages", _new_states(program), _new_states(found)),)


def one_way(program: Program) -> Moved | None:
    """Writes sums and products in the one way, where that is no longer."""
    new, changes = rewritten(program)
    if size(new) > size(program) or not passes(new):
        return None
    if canonical_key(new) == canonical_key(program):
        return None
    return new, tuple(Step(SUMS, one.before, one.after) for one in changes[:SHOWN])


SUMS = "one sum of products"


def read_through(program: Program) -> Moved | None:
    """Writes sums and products of values that are used more than once, where that is shorter."""
    every = {call.out for call in calls(program.body)}
    if len(every) > LONGEST:
        return None
    new, changes = rewritten(program, through=every)
    if size(new) >= size(program) or not passes(new):
        return None
    return new, tuple(Step(SUMS, one.before, one.after) for one in changes[:SHOWN])


def other_states(program: Program) -> Moved | None:
    """Keeps a multiple of a state, or the sum or difference of two, where that is shorter."""
    if not program.states:
        return None
    found = companions(program)
    changed = (*_scaled(program, found.multiples), *_joined(program, found.pairs))
    for said, other, through in changed[:MOST_TRIED]:
        new = canonical(rewritten(other, through)[0])
        if size(new) < size(program) and passes(new):
            return new, (Step(f"{said} as a state", _new_states(program), _new_states(new)),)
    return None


def _scaled(
    program: Program, multiples: Iterable[tuple[str, Literal]]
) -> Iterator[Other]:
    """Yields the program with a multiple of a state in its place."""
    for name, factor in multiples:
        state = next(one for one in program.states if one.name == name)
        if not _begins_with_number(state) or _first(state):
            continue  # 0 stays 0
        for to_old, to_new in (("mul", "div"), ("div", "mul")):
            said = f"{name} {'/' if to_old == 'mul' else '*'} {factor.value!r}"
            other = _kept_otherwise(program, state, (to_old, to_new), factor, factor)
            yield said, other, (_after(program, name),)


def _joined(
    program: Program, pairs: Iterable[tuple[str, str, int]]
) -> Iterator[Other]:
    """Yields the program with a + b or a - b in the place of a state a."""
    held = {state.name: state for state in program.states if _begins_with_number(state)}
    for name, beside, sign in pairs:
        if name not in held or beside not in held:
            continue
        state, other = held[name], held[beside]
        if state.declared == other.declared:
            ways = ("sub", "add") if sign > 0 else ("add", "sub")
            first = Literal(_first(state) + sign * _first(other))
            begun = replace(state, init=Block((), (first,)))
            after = _after(program, beside)
            said = f"{name} {'+' if sign > 0 else '-'} {beside}"
            whole = _kept_otherwise(program, begun, ways, beside, after)
            yield said, whole, (_after(program, name), after)


def _kept_otherwise(
    program: Program, state: State, ways: tuple[str, str], before: Ref, after: Ref
) -> Program:
    """Returns the program that keeps to_new(s, after) and reads s as to_old(that, before)."""
    (to_old, to_new), fresh = ways, Facts(program).fresh
    old, new, again = fresh, fresh + 1, fresh + 2
    value = _after(program, state.name)
    body = list(program.body)
    place = max([k + 1 for k, one in enumerate(body) if _makes(one, (value, after))], default=0)
    made = [Call(new, to_new, (value, after)), Call(again, to_old, (new, after))]
    later = renamed(replace(program, body=tuple(body[place:])), {value: again})
    results = tuple((r, new if r == state.name else ref) for r, ref in later.results)
    states = tuple(state if one.name == state.name else one for one in program.states)
    whole = (*body[:place], *made, *later.body)
    read = renamed(replace(program, body=whole, results=results), {state.name: old})
    first = Call(old, to_old, (state.name, before))
    return replace(read, states=states, body=(first, *read.body))


def _makes(statement: Statement, refs: tuple[Ref, ...]) -> bool:
    outs = statement.outs if isinstance(statement, Branch) else (statement.out,)
    return any(out in refs for out in outs)


def _after(program: Program, name: str) -> Ref:
    return dict(program.results)[name]


def _begins_with_number(state: State) -> bool:
    (first,) = state.init.results
    return isinstance(first, Literal) and first.value.__class__ in (int, float)


def _first(state: State) -> float:
    return state.init.results[0].value  # type: ignore[union-attr, return-value]


def _new_states(program: Program) -> str:
    definitions = Facts(program).definitions
    return "; ".join(
        f"{name} = {expression(ref, definitions)}"
        for name, ref in program.results[: len(program.states)]
    )


def passes(program: Program) -> bool:
    """Whether the kinds are right: a number does not do where a reduction wants an array."""
    try:
        check(program)
    except ProgramError:
        return False
    return True
