"""Writes the loops over a model's parameters that append their results to lists."""

from __future__ import annotations

from collections.abc import Callable

from ..program import Ref
from . import lines as write
from .plan import Plan, collected
from .spell import number, written


def listed_stage(
    plan: Plan, index: int, update: str, result: Callable[[str, Ref, Plan], str]
) -> list[str]:
    """Returns one stage: what comes before its loop, the loop, and what the loop collects.

    update: the list of what the parameters become; `result` writes one entry of a list.
    """
    scope, stage = plan.scope, plan.stages[index]
    lines = write.body_lines(stage.outside, scope)
    results = write.stage_results(plan, index)
    carried = collected(plan, index)
    lists = {
        update if role in ("return", "w") else f"new_{scope.names[role]}": (role, ref)
        for role, ref in results.items()
    }
    if not stage.inside and not results:
        return lines
    made = [*lists, *(scope.lists[ref] for ref in carried)]
    for row in write.packed(made, write.WIDTH - 8 - 4 * len(made[:6])):
        names = row.rstrip(",")
        lines.append(f"{names} = {', '.join(['[]'] * (1 + names.count(',')))}")
    inner = write.body_lines(stage.inside, scope)
    inner += [f"{scope.lists[ref]}.append({written(number(ref, scope))})" for ref in carried]
    inner += [f"{name}.append({result(*pair, plan)})" for name, pair in lists.items()]
    return [*lines, *_head(plan, index, inner), *write.indented(inner)]


def _head(plan: Plan, index: int, inner: list[str]) -> list[str]:
    scope = plan.scope
    reads = write.stage_reads(plan, index, inner) or ["w"]
    told = [n for n in ("role", "place") if any(write.mentions(line, n) for line in inner)]
    return write.loop(
        [*(scope.names[ref] for ref in reads), *told],
        [*(scope.lists[ref] for ref in reads), *(scope.lists[name] for name in told)],
    )
