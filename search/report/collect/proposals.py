"""Where the proposals of a search went, by kind of mutation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...archive import Archive
from ...records import SAME_BEHAVIOUR, SAME_KEY, kind
from ..data import Outcomes, Proposals
from .history import History

# What can become of a proposal before it is trained, and how the table calls it.
UNTRAINED = {
    SAME_KEY: "same key seen",
    SAME_BEHAVIOUR: "same behaviour seen",
    "not_finite": "not finite",
    "no_descent": "still or uphill",
}
SEEN, FAILED = "seen before", "failed in training"

Counts = dict[str, Counter[str]]  # by kind of mutation, then by the name of the column


def proposals(seen: History) -> Proposals | None:
    """Returns where all proposals went; of a run that kept no kinds, the totals alone."""
    if not seen.proposed:
        return None
    trained, rungs = _trained(seen.archive), [f"{name} rung" for name in seen.archive.rungs]
    if not seen.outcomes:
        untrained = {SEEN: seen.duplicates, "not finite": seen.not_finite,
                     "still or uphill": seen.no_descent}  # fmt: skip
        names = (*untrained, FAILED, *rungs)
        every = sum(trained.values(), Counter(untrained))
        return Proposals(names, _outcomes("all", every, names))
    for (mutation, outcome), count in seen.outcomes.items():
        if outcome in UNTRAINED:
            trained.setdefault(mutation, Counter())[UNTRAINED[outcome]] += count
    names = (*UNTRAINED.values(), FAILED, *rungs)
    order = sorted(trained, key=lambda one: -trained[one].total())
    total = _outcomes("all", sum(trained.values(), Counter()), names)
    return Proposals(names, total, tuple(_outcomes(one, trained[one], names) for one in order))


def _trained(archive: Archive) -> Counts:
    """The bred candidates by kind and by the last rung that they reached."""
    out: Counts = {}
    for entry in archive.entries.values():
        if entry.candidate.mutation != "start":
            failed = entry.depth == 0 and entry.score <= 0
            name = FAILED if failed else f"{archive.rungs[entry.depth]} rung"
            out.setdefault(kind(entry.candidate.mutation), Counter())[name] += 1
    return out


def _outcomes(name: str, counts: Counter[str], names: Sequence[str]) -> Outcomes:
    return Outcomes(name, tuple(counts[column] for column in names))
