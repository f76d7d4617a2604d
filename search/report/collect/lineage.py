"""Where the rules of the hall of fame came from: the winner's way, and the tree of all."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from ...archive import Archive, Entry
from ...records import Candidate
from ..data import Ancestor, Node

WHOLE = 10_000  # lines around a change: the whole text is shown

Known = Mapping[int, Candidate]


def lineage(best: Entry, known: Known, archive: Archive) -> Iterator[Ancestor]:
    """Yields the first parents of the winner from the start on, each with what it changed."""
    before = ""
    for one in reversed(_path(best.candidate, known)):
        change = _change(before, one.text) if before else ()
        yield Ancestor(
            one.id, one.generation, one.mutation, _score(one, archive), one.text, change
        )
        before = one.text


def _path(last: Candidate, known: Known) -> list[Candidate]:
    """A candidate, its first parent, and so on to a start."""
    path: dict[int, Candidate] = {}
    at: Candidate | None = last
    while at is not None and at.id not in path:
        path[at.id] = at
        at = known.get(at.parents[0]) if at.parents else None
    return list(path.values())


def _score(one: Candidate, archive: Archive) -> float | None:
    entry = archive.entries.get(one.id)
    return entry.score if entry and entry.score > 0 else None


def _change(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The lines of a unified diff of whole texts: the sign of each and the line."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=WHOLE)
    kept = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return tuple((line[0], line[1:]) for line in kept) or tuple(
        (" ", line) for line in after.splitlines()
    )


def tree(hall: Sequence[Entry], known: Known, archive: Archive) -> tuple[Node, ...]:
    """Returns the ancestors of some rules as a tree, parents before children.

    Rules of the first rank are on the main way. Leaves take a lane each; a parent stands in the
    middle of its children.
    """
    paths = [_path(entry.candidate, known) for entry in hall]
    members = {one.id: one for path in paths for one in path}
    children: dict[int, list[int]] = {}
    for number, one in sorted(members.items()):
        for parent in one.parents[:1]:
            if parent in members:
                children.setdefault(parent, []).append(number)
    below = {number for many in children.values() for number in many}
    depth: dict[int, int] = {}
    lane: dict[int, float] = {}
    for root in sorted(set(members) - below):
        _placed(root, children, depth, lane)
    ranks = {entry.candidate.id: rank for rank, entry in enumerate(hall, 1)}
    main = {one.id for one in paths[0]} if paths else set()
    return tuple(
        Node(n, depth[n], lane[n], members[n].parents[:1], _score(members[n], archive),
             ranks.get(n), n in main, members[n].mutation)
        for n in sorted(members, key=lambda n: (depth[n], n))
    )  # fmt: skip


def _placed(
    root: int, children: Mapping[int, Sequence[int]], depth: dict[int, int], lane: dict[int, float]
) -> None:
    """Gives places to a start and to all that came of it; without recursion, as ways are long."""
    leaves = max((round(value) + 1 for value in lane.values()), default=0)
    stack, order = [(root, 0)], []
    while stack:
        number, at = stack.pop()
        depth[number] = at
        order.append(number)
        if number not in children:
            lane[number] = float(leaves)
            leaves += 1
        stack += [(child, at + 1) for child in reversed(children.get(number, ()))]
    for number in reversed(order):
        if number in children:
            lanes = [lane[child] for child in children[number]]
            lane[number] = sum(lanes) / len(lanes)
