"""Canonical form and key: one for all programs that compute the same, bit for bit.

Only identities that are exact in floating point are used (those of `dsl.graph.EXACT`, the order
of operands, names, copies, dead code), so the canonical program may be run in place of the others.
States begin as equal where kind and initial value are equal and are split by their updates until
that is stable (partition refinement); the ones never split are merged.
"""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Sequence

from .emit import emitted
from .graph import IF, SLOT, Graph, label
from .program import Program

REGION = label("region")

Colours = dict[int, int]  # of some nodes


def canonical(program: Program) -> Program:
    """Returns the program in canonical form; programs with equal keys differ only in names."""
    graph, rank = _ranked(program)
    order = _order(graph, rank)
    return emitted(program, graph, order, lambda node: ordered_args(graph, node, rank))


def canonical_key(program: Program) -> str:
    """Returns 32 hexadecimal digits, equal for programs of equal structure and constants."""
    return keys(program)[1]


def structure_key(program: Program) -> str:
    """Returns 32 hexadecimal digits that leave out the values of constants."""
    return keys(program)[0]


def keys(program: Program) -> tuple[str, str]:
    """Returns the structure key and the canonical key."""
    graph, rank = _ranked(program)
    order = _order(graph, rank)
    structure = _serial(graph, order, rank)
    values = [graph.slots[node] for node in order if node in graph.slots]
    return _digest(structure), _digest(structure + struct.pack(f"<{len(values)}d", *values))


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _serial(graph: Graph, order: list[int], rank: Sequence) -> bytes:
    """Writes the live graph down: for each node in order its label, region and arguments."""
    place = {node: k for k, node in enumerate(order)}
    words: list[int] = []
    for node in order:
        args = ordered_args(graph, node, rank)
        words += (graph.label[node], len(args))
        words += [place[arg] for arg in args]
        if graph.region[node]:
            words += (REGION, _region_colour(graph, graph.region[node], place))
    for node in order:
        if node in graph.states:
            words += (place[node], place[graph.initial[node]], place[graph.after[node]])
    for role, node in graph.roots:
        words += (label(role), place[node])
    return array("q", words).tobytes()


def _ranked(program: Program) -> tuple[Graph, Sequence]:
    """Returns the graph, equal states merged, and numbers that order its nodes."""
    graph = Graph(program)
    up = _refined(graph, dict.fromkeys(graph.slots, SLOT))
    while len({up[node] for node in graph.states}) < len(graph.states):
        # States that share their constants, not only the values of these, are one.
        exact = _refined(graph, {node: label(("slot", node)) for node in graph.slots})
        first: dict[int, str] = {}
        same = {
            name: first[exact[node]]
            for node, name in graph.states.items()
            if first.setdefault(exact[node], name) != name
        }
        if not same:
            break
        graph = Graph(program, same)
        up = _refined(graph, dict.fromkeys(graph.slots, SLOT))
    return graph, _without_ties(graph, up)


def _refined(graph: Graph, slots: Colours) -> list[int]:
    """Returns colours where those of states are equal if and only if they are equal forever."""
    up = [0] * len(graph.op)
    _paint(graph, up, 0, slots)
    states = graph.states
    colours = {node: hash((graph.label[node], up[graph.initial[node]])) for node in states}
    count = len(set(colours.values()))
    while True:
        for node, colour in colours.items():
            up[node] = colour
        _paint(graph, up, graph.body_start, slots)
        if count == len(states):
            return up
        colours = {node: hash((old, up[graph.after[node]])) for node, old in colours.items()}
        before, count = count, len(set(colours.values()))
        if count == before:
            return up


def _paint(graph: Graph, up: list[int], start: int, slots: Colours) -> None:
    """Gives each node from `start` on a number for what it computes, names and order apart.

    Hashes of tuples of integers are the same in every process, unlike those of strings.
    """
    labels, regions, all_args, states = graph.label, graph.region, graph.args, graph.states
    for node in range(start, len(labels)):
        args = all_args[node]
        number = labels[node]
        if regions[node]:
            number = hash((number, _region_colour(graph, regions[node], up)))
        if len(args) == 2:
            x, y = up[args[0]], up[args[1]]
            if x > y and graph.commutes(node):
                x, y = y, x
            up[node] = hash((number, x, y))
        elif args:
            up[node] = hash((number, *[up[arg] for arg in args]))
        elif node not in states:
            up[node] = slots.get(node, number)


def _region_colour(graph: Graph, region: int, up: Sequence[int] | Colours) -> int:
    parent, condition, side = graph.parents[region]
    above = _region_colour(graph, parent, up) if parent > 0 else 0
    return hash((above, up[condition] if condition >= 0 else 0, side))


def _without_ties(graph: Graph, up: list[int]) -> Sequence:
    """Refines the order where operands that may be exchanged compute alike.

    Then what is done with a constant or state elsewhere decides, and at last the constants' values.
    """
    if not _ties(graph, up):
        return up
    uses = _uses(graph, up)
    second = _repainted(graph, up, {node: hash((SLOT, uses[node])) for node in graph.slots}, uses)
    pairs = list(zip(up, second, strict=True))
    if not _ties(graph, pairs):
        return pairs
    values = {node: hash((SLOT, uses[node], value)) for node, value in graph.slots.items()}
    third = _repainted(graph, up, values, uses)
    return list(zip(up, second, third, strict=True))


def _repainted(graph: Graph, up: list[int], slots: Colours, uses: list[int]) -> list[int]:
    again = list(up)
    for node in graph.states:
        again[node] = hash((up[node], uses[node]))
    for _ in range(1 + len(graph.states)):
        _paint(graph, again, 0, slots)
        for node in graph.states:
            again[node] = hash((again[node], again[graph.after[node]]))
    _paint(graph, again, 0, slots)
    return again


def _ties(graph: Graph, rank: Sequence) -> bool:
    for node in graph.live:
        args = graph.args[node]
        if len(args) == 2 and args[0] != args[1] and rank[args[0]] == rank[args[1]]:
            if graph.commutes(node):
                return True
    return bool(graph.branch)


def _uses(graph: Graph, up: list[int]) -> list[int]:
    """Returns a number for each node that depends on what is done with it."""
    uses = [0] * len(graph.op)
    for role, node in graph.roots:
        uses[node] += label(role)
    for node in graph.states:
        uses[graph.after[node]] += up[node]
    for node in sorted(graph.live, reverse=True):
        args = graph.args[node]
        own = hash((uses[node], up[node]))
        for k, arg in enumerate(args):
            uses[arg] += hash((own, -2 if graph.commutes(node) else k))
    return uses


def _order(graph: Graph, rank: Sequence) -> list[int]:
    """Returns the live nodes in canonical order: depth first from the results, arguments first."""
    order: list[int] = []
    placed: set[int] = set()
    waiting = [node for _, node in graph.roots]
    for root in waiting:
        start = len(order)
        _depth_first(graph, root, rank, placed, order)
        for node in order[start:]:
            if node in graph.states:
                waiting += [graph.initial[node], graph.after[node]]
    return order


def _depth_first(
    graph: Graph, root: int, rank: Sequence, placed: set[int], order: list[int]
) -> None:
    stack = [root]
    while stack:
        node = stack[-1]
        todo = [arg for arg in _children(graph, node, rank) if arg not in placed]
        if todo:
            stack.extend(reversed(todo))
            continue
        stack.pop()
        if node not in placed:
            placed.add(node)
            order.append(node)


def _children(graph: Graph, node: int, rank: Sequence) -> Sequence[int]:
    """Returns what comes before a node; all results of an `if` come with the first of them."""
    if graph.op[node] != IF:
        return ordered_args(graph, node, rank)
    together = [one for one in graph.branch[graph.branch_of[node]] if one in graph.live]
    together.sort(key=rank.__getitem__)
    return [arg for one in together for arg in graph.args[one]]


def ordered_args(graph: Graph, node: int, rank: Sequence) -> tuple[int, ...]:
    """Returns the arguments of a node, those of a commutative one by rank."""
    args = graph.args[node]
    if len(args) == 2 and graph.commutes(node) and rank[args[0]] > rank[args[1]]:
        return args[1], args[0]
    return args
