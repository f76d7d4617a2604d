"""Writes an entrywise step of PyTorch on lists of tensors, overwriting what is not needed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from primitives import TABLE
from primitives.core import ELEMENTWISE

from ..needs import oracles
from ..program import Call, Ref, Statement
from . import lines as write
from .foreach import Fusion, NotEntrywise, Step
from .levels import FULL, look
from .names import safe
from .plan import Plan, reads_of, uses

END = 1_000_000  # the place after all statements, where results are stored
Part = list[Step] | Statement


@dataclass(frozen=True)
class _Name:
    """What a value would like to be called; whether the program calls it so."""

    wish: str = ""
    own: bool = False


@dataclass
class _Writer:
    """Lines in the making.

    at: the variable that holds each value. last: the place of the last statement that reads it.
    chains: the values that may overwrite each list that is there before the step.
    """

    plan: Plan
    at: dict[Ref, str]
    last: Mapping[Ref, int]
    chains: Mapping[str, set[Ref]]
    used: set[str]
    lines: list[str] = field(default_factory=list)

    def run(self, step: Step, place: int, name: _Name) -> None:
        """Writes one step, in place where a list that it reads is not needed again."""
        for lists in [step.lists, step.lists[::-1]] if step.turns else [step.lists]:
            if self._may_overwrite(lists, step.out, place, name):
                self.lines.append(replace(step, lists=lists).in_place(self.at))
                self.at[step.out] = self.at[lists[0]]
                return
        said = step.arguments(self.at)
        self.at[step.out] = self._fresh(name, place)
        self.lines.append(f"{self.at[step.out]} = torch._foreach_{step.name}({said})")

    def _may_overwrite(self, lists: Sequence[Ref], out: Ref, place: int, name: _Name) -> bool:
        first, buffer = lists[0], self.at[lists[0]]
        if first == out:
            return True
        if self.last.get(first, -1) > place or first in lists[1:]:
            return False
        if buffer in self.chains:
            return out in self.chains[buffer]
        return not name.own or name.wish == buffer

    def _fresh(self, name: _Name, place: int) -> str:
        """Returns a variable that holds nothing that is still needed."""
        wish = safe(name.wish or "buffer", self.plan.scope.target)
        if wish in self.used and not name.own:
            wish = "buffer"
        held = {var for ref, var in self.at.items() if self.last.get(ref, -1) > place}
        made, number = wish, 1
        while made in self.used or made in held:
            number += 1
            made = f"{wish}_{number}"
        return made


def entrywise(plan: Plan) -> list[str] | None:
    """Returns the step of a parameter group, None where it has no form on lists of tensors.

    It reads `params`, `grads` and a list of tensors by the name of each state.
    """
    try:
        return _written(plan)
    except NotEntrywise:
        return None


def _written(plan: Plan) -> list[str]:
    if oracles(plan.program):
        raise NotEntrywise
    made = {call.out: call for stage in plan.stages for call in _calls(plan, stage.inside)}
    infos, results = plan.scope.infos, dict(plan.program.results)
    counts = Counter(use.ref for use in uses(plan.program, infos, plan.ends))
    states = {ref: role for role, ref in plan.program.results if role in plan.scope.names}
    fusion = Fusion(plan.scope, made, counts, states)
    update = _update(fusion, results)
    parts = _parts(plan, fusion)
    writer = _writer(plan, parts, update, fusion)
    for place, (part, name) in enumerate(parts):
        if isinstance(part, list):
            for step in part:
                writer.run(step, place, name)
        else:
            scope = replace(plan.scope, lists=dict(writer.at))
            writer.lines += write.body_lines([part], scope)
    _store(plan, writer, update)
    return writer.lines


def _calls(plan: Plan, body: Sequence[Statement]) -> Iterator[Call]:
    """Yields the calls of a loop over parameters, if all of them work on whole tensors."""
    for call in body:
        if not isinstance(call, Call) or TABLE[call.op].scope != ELEMENTWISE:
            raise NotEntrywise
        info = look(plan.scope.infos, call.out)
        if info.form != FULL or info.truth or info.python:
            raise NotEntrywise
        yield call


def _update(fusion: Fusion, results: Mapping[str, Ref]) -> list[Step]:
    """Returns the steps that give the parameters their new values."""
    if "return" in results:
        return fusion.of_update(results["return"])
    ref = results["w"]
    call = fusion.made.get(ref) if isinstance(ref, int) else None
    if call and call.op == "sub" and call.args[0] == "w" and fusion.counts[ref] == 1:
        fusion.absorbed.add(call.out)
        return fusion.of_update(call.args[1])
    return [Step("w", "copy", ("w", ref))]


def _parts(plan: Plan, fusion: Fusion) -> list[tuple[Part, _Name]]:
    """Returns the statements in order, a call on lists as its steps, with the names they want."""
    body = [s for stage in plan.stages for s in (*stage.outside, *stage.inside)]
    parts: list[tuple[Part, _Name]] = []
    wishes: dict[Ref, str] = {}  # a value that only another one needs has the name of that one
    for statement in reversed(body):
        out = statement.out if isinstance(statement, Call) else None
        if out in fusion.made:
            if out not in fusion.absorbed:
                call = fusion.made[out]
                steps = fusion.of_call(call)
                name = _Name(call.name or wishes.get(out, ""), bool(call.name))
                wishes |= dict.fromkeys(steps[0].lists[:2 if steps[0].turns else 1], name.wish)
                parts.append((steps, name))
        elif out not in plan.scope.inlined:
            parts.append((statement, _Name()))
    return parts[::-1]


def _writer(
    plan: Plan, parts: Sequence[tuple[Part, _Name]], update: list[Step], fusion: Fusion
) -> _Writer:
    names, infos = plan.scope.names, plan.scope.infos
    at: dict[Ref, str] = {"w": "params", "g": "grads"}
    for state in plan.program.states:
        if look(infos, state.name).leaf:
            if state.declared.kind != "Tensor":
                raise NotEntrywise
            at[state.name] = names[state.name]
    last: dict[Ref, int] = {}
    for place, (part, _) in enumerate(parts):
        last |= dict.fromkeys(_reads(part, plan), place)
    kept = [ref for _, ref in plan.program.results if isinstance(ref, int | str)]
    last |= dict.fromkeys(kept, END)
    last |= dict.fromkeys([ref for step in update for ref in step.lists], END)
    results = dict(plan.program.results)
    steps = {part[-1].out: part[0] for part, _ in parts if isinstance(part, list)}
    chains = {var: _chain(results.get(str(ref)), steps, fusion) for ref, var in at.items()}
    used = {names[ref] for ref in names if not (isinstance(ref, int) and look(infos, ref).leaf)}
    chains |= {"params": {"w"}, "grads": set()}
    return _Writer(plan, at, last, chains, used | set(chains))


def _reads(part: Part, plan: Plan) -> list[Ref]:
    if isinstance(part, list):
        return [ref for step in part for ref in step.lists]
    return list(reads_of(write.refs([part]), plan.scope.inlined))


def _chain(ref: Ref | None, steps: Mapping[Ref, Step], fusion: Fusion) -> set[Ref]:
    """Returns the values on the way to a state's new one that nothing else reads."""
    chain: set[Ref] = set()
    while ref is not None and ref in steps:
        chain.add(ref)
        step = steps[ref]
        inner = [
            each
            for each in step.lists[: 2 if step.turns else 1]
            if each in fusion.made and fusion.counts[each] == 1 and not fusion.made[each].name  # type: ignore[index]
        ]
        ref = inner[0] if inner else None
    return chain


def _store(plan: Plan, writer: _Writer, update: list[Step]) -> None:
    """Writes what is stored at the end, no list before its old values have been read."""
    waiting = [update]
    for role, ref in plan.program.results:
        if role in writer.at and role != "w" and ref != role:
            if not isinstance(ref, int | str) or ref not in writer.at:
                raise NotEntrywise
            if writer.at[ref] != writer.at[role]:
                waiting.append([Step(role, "copy", (role, ref))])
    while waiting:
        for steps in waiting:
            target = writer.at[steps[0].lists[0]]
            others = [other for other in waiting if other is not steps]
            sources = {writer.at[ref] for o in others for s in o for ref in s.lists[1:]}
            if target not in sources:
                break
        else:
            raise NotEntrywise
        waiting.remove(steps)
        for step in steps:
            writer.lines.append(step.in_place(writer.at))
