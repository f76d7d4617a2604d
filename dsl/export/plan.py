"""Plans a generated text: what is computed where, what is written inline, and under what names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from primitives import NOISE, TABLE

from ..program import Call, Literal, Program, Ref, Statement, calls
from .errors import ExportError
from .levels import Info, Infos, infer, is_of_model, is_oracle, look
from .names import Event, choose_names, fallback
from .noise import counted
from .regions import straightened
from .spell import Scope, chosen, of_call, written
from .target import ARGUMENTS, Target, repeats

_LONG = 56  # characters of an expression that is too long to stand inside another one


@dataclass(frozen=True)
class Stage:
    """Statements about the whole model, then those in one loop over its parameters."""

    outside: tuple[Statement, ...]
    inside: tuple[Statement, ...]


@dataclass(frozen=True)
class Plan:
    """A program laid out for one target.

    stages: each is one loop over the parameters and what comes before it. ends: for each result,
    the stage after whose statements it is known. carried: values of one loop that others read.
    """

    program: Program
    scope: Scope
    stages: tuple[Stage, ...]
    ends: Mapping[str, int]
    carried: Mapping[Ref, int] = field(default_factory=dict)


def make_plan(program: Program, target: Target, lists: Mapping[Ref, str]) -> Plan:
    """Plans `program` for `target`; raises ExportError where it has no form there.

    lists: where the inputs and the states of all parameters are found.
    """
    _check_names(program)
    program = counted(straightened(program, target.traced))
    infos = _sunk(program, infer(program, target.traced))
    last = max((info.stage for info in infos.values()), default=0)
    stages = tuple(_stage(program, infos, i) for i in range(last + 1))
    ends = _ends(program, infos, last, target.in_place)
    inlined = _inlined(program, target, infos, ends)
    carried = _carried(program, infos, inlined, ends)
    events = list(_events(stages, program, inlined, ends))
    names = choose_names(program, target, infos, events)
    scope = Scope(target, infos, inlined, names, {**lists, **_list_names(carried, names)})
    return Plan(program, scope, stages, ends, carried)


def _sunk(program: Program, infos: Infos) -> Infos:
    """Moves a call that only a later loop needs, and that reads no other one, into that loop."""
    found: dict[Ref, list[Use]] = {}
    for use in uses(program, infos, dict.fromkeys(dict(program.results), 0)):
        found.setdefault(use.ref, []).append(use)
    moved = dict(infos)
    for call in program.body:
        if not isinstance(call, Call) or not infos[call.out].leaf or is_of_model(call):
            continue
        used = found.get(call.out, [])
        alone = len(used) == 1 and used[0].call is not None and not is_of_model(used[0].call)
        if alone and not any(isinstance(ref, int) and infos[ref].leaf for ref in call.args):
            moved[call.out] = replace(infos[call.out], stage=used[0].stage)
    return moved


def _check_names(program: Program) -> None:
    states, given = program.states, program.hyperparameters
    for name in [program.name, *(s.name for s in states), *(h.name for h in given)]:
        if not name.isidentifier():
            raise ExportError(f"export needs names that are Python identifiers, not {name!r}.")


def _list_names(carried: Iterable[Ref], names: Mapping[Ref, str]) -> dict[Ref, str]:
    lists: dict[Ref, str] = {}
    for ref in carried:
        name = f"all_{names[ref]}"
        lists[ref] = f"{name}_{len(lists)}" if name in lists.values() else name
    return lists


def _stage(program: Program, infos: Infos, stage: int) -> Stage:
    mine = [s for s in program.body if _info(s, infos).stage == stage]
    outside = [s for s in mine if is_oracle(s) or not _info(s, infos).leaf]
    return Stage(tuple(outside), tuple(s for s in mine if s not in outside))


def _info(statement: Statement, infos: Infos) -> Info:
    return infos[statement.out if isinstance(statement, Call) else statement.outs[0]]


def _ends(program: Program, infos: Infos, last: int, in_place: bool) -> dict[str, int]:
    """Returns the stage that stores each result: not before the last that reads the old value."""
    ends = {role: _end(ref, infos, last) for role, ref in program.results}
    if not in_place:
        return ends
    read: dict[Ref, int] = {}
    for use in _uses_in(program.body, infos):
        read[use.ref] = max(use.stage, read.get(use.ref, 0))
    for role, ref in program.results:  # a state may become the old value of another one
        if isinstance(ref, str) and ref != role:
            read[ref] = max(ends[role], read.get(ref, 0))
    for role in ends:
        old = "w" if role in ("return", "w") else role
        ends[role] = max(ends[role], read.get(old, 0))
    return ends


def _end(ref: Ref, infos: Infos, last: int) -> int:
    info = look(infos, ref)
    return info.stage if isinstance(ref, int) and info.leaf else last


@dataclass(frozen=True)
class Use:
    """One place where a value is used: by a call, by an `if` or as a result of the program."""

    ref: Ref
    stage: int
    leaf: bool
    call: Call | None = None


def uses(program: Program, infos: Infos, ends: Mapping[str, int]) -> Iterator[Use]:
    """Yields every use of a value; a result is used where it is stored."""
    yield from _uses_in(program.body, infos)
    for role, ref in program.results:
        info = look(infos, ref)
        yield Use(ref, ends[role] if info.leaf else info.stage, info.leaf)


def _uses_in(body: Iterable[Statement], infos: Infos) -> Iterator[Use]:
    for statement in body:
        at = _info(statement, infos)
        if isinstance(statement, Call):
            yield from (Use(ref, at.stage, at.leaf, statement) for ref in statement.args)
            if is_oracle(statement):
                yield Use("w", at.stage, True)  # which must not have moved by then
            continue
        yield Use(statement.condition, at.stage, at.leaf)
        for block in (statement.then, statement.orelse):
            yield from _uses_in(block.body, infos)
            yield from (Use(ref, at.stage, at.leaf) for ref in block.results)


def _inlined(
    program: Program, target: Target, infos: Infos, ends: Mapping[str, int]
) -> dict[int, Call]:
    """Chooses the calls that are written where they are used: nameless, used once, short."""
    found = list(uses(program, infos, ends))
    counts = Counter(use.ref for use in found)
    by_ref = {use.ref: use for use in found}
    inlined: dict[int, Call] = {}
    scope = Scope(target, infos, inlined, _Provisional(), _Provisional())
    for call in calls(program.body):
        if not call.name and counts[call.out] == 1 and not is_oracle(call):
            use = by_ref[call.out]
            if _may_move(call, use, scope) and not _is_clumsy(call, use, scope):
                inlined[call.out] = call
    return inlined


class _Provisional(dict):
    """Names of usual length, to measure expressions before names are chosen."""

    def __contains__(self, ref: object) -> bool:
        return True

    def __missing__(self, ref: Ref) -> str:
        return ref if isinstance(ref, str) else "value"


def _may_move(call: Call, use: Use, scope: Scope) -> bool:
    """Tells whether a call can be written at its use without being computed more often."""
    mine = scope.infos[call.out]
    if mine.leaf:
        of_model = use.call is not None and is_of_model(use.call)
        return mine.stage == use.stage and not of_model
    heavy = _is_heavy(call, scope.inlined)
    return not heavy or (not use.leaf and mine.stage == use.stage)


def _is_heavy(call: Call, inlined: Mapping[int, Call]) -> bool:
    inner = [inlined[ref] for ref in call.args if isinstance(ref, int) and ref in inlined]
    own = is_of_model(call) or TABLE[call.op].scope == NOISE
    return own or any(_is_heavy(c, inlined) for c in inner)


def _is_clumsy(call: Call, use: Use, scope: Scope) -> bool:
    """Tells whether a call is too long for its place, or would be written there twice."""
    if use.call is None:
        return False
    spelling, args = chosen(use.call, scope)
    places = {place for place, ref in zip(ARGUMENTS, args, strict=False) if ref == call.out}
    return bool(repeats(spelling) & places) or len(written(of_call(call, scope))) > _LONG


def _carried(
    program: Program, infos: Infos, inlined: Mapping[int, Call], ends: Mapping[str, int]
) -> dict[Ref, int]:
    """Maps each value that a later loop or a reduction over the model reads to its stage."""
    asked = [call.out for call in calls(program.body) if is_oracle(call)]
    answers: dict[Ref, int] = {
        ref: infos[ref].stage - 1 for ref in asked if infos[ref].leaf
    }
    return answers | {
        use.ref: infos[use.ref].stage
        for use in uses(program, infos, ends)
        if isinstance(use.ref, int)
        and use.ref not in inlined
        and use.ref not in answers
        and infos[use.ref].leaf
        and use.stage > infos[use.ref].stage
    }


def collected(plan: Plan, index: int) -> list[Ref]:
    """Returns the values that the loop of a stage collects in lists for what comes after it."""
    asked = {s.out for s in plan.program.body if isinstance(s, Call) and is_oracle(s)}
    return [ref for ref, at in plan.carried.items() if at == index and ref not in asked]


def reads_of(refs: Iterable[Ref], inlined: Mapping[int, Call]) -> set[Ref]:
    """Returns the variables that expressions of `refs` read."""
    found: set[Ref] = set()
    for ref in refs:
        if isinstance(ref, int) and ref in inlined:
            found |= reads_of(inlined[ref].args, inlined)
        elif not isinstance(ref, Literal):
            found.add(ref)
    return found


def _events(
    stages: tuple[Stage, ...], program: Program, inlined: Mapping[int, Call], ends: Mapping
) -> Iterator[Event]:
    """Yields, in the order of the text, what each statement reads and defines."""
    for i, stage in enumerate(stages):
        yield from _body_events(stage.outside, (), inlined)
        yield from _body_events(stage.inside, (), inlined)
        results = [ref for role, ref in program.results if ends[role] == i]
        yield Event((), frozenset(reads_of(results, inlined)), ())


def _body_events(
    body: Iterable[Statement], path: tuple, inlined: Mapping[int, Call]
) -> Iterator[Event]:
    for statement in body:
        if isinstance(statement, Call):
            if statement.out not in inlined:
                reads = frozenset(reads_of(statement.args, inlined))
                yield Event(path, reads, ((statement.out, fallback(statement)),))
            continue
        yield Event(path, frozenset(reads_of([statement.condition], inlined)), ())
        names = statement.names or ("",) * len(statement.outs)
        for side, block in enumerate((statement.then, statement.orelse)):
            inner = (*path, (statement.outs[0], side))
            handed = dict(zip(block.results, names, strict=True))
            yield from (_renamed(e, handed) for e in _body_events(block.body, inner, inlined))
            yield Event(inner, frozenset(reads_of(block.results, inlined)), ())
        yield Event(path, frozenset(), tuple(zip(statement.outs, names, strict=True)))


def _renamed(event: Event, handed: Mapping[Ref, str]) -> Event:
    """Gives a value that an `if` hands out the name under which it does."""
    return replace(event, defines=tuple((ref, handed.get(ref) or n) for ref, n in event.defines))
