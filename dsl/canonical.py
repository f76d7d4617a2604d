"""Canonical form and key: one for all programs that compute the same, bit for bit.

Only identities that are exact in floating point are used (those of `dsl.exact`, the order of
operands, names, copies, dead code), so the canonical program may be run in place of the others.
States begin as equal where kind and initial value are equal and are split by their updates until
that is stable (partition refinement); the ones never split are merged.
"""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Mapping, Sequence

from .emit import emitted
from .graph import SLOT, Graph, commutative, label
from .program import Program

REGION = label("region")
_ROLES = {role: label(role) for role in ("return", "w", "w_eval")}

Colours = Mapping[int, int]  # of some nodes


def canonical(program: Program) -> Program:
    """Returns the program in canonical form; programs with equal keys differ only in names."""
    graph, rank = _ranked(program)
    return emitted(program, graph, rank)


def canonical_key(program: Program) -> str:
    """Returns 32 hexadecimal digits, equal for programs of equal structure and constants."""
    structure, values = _serial(*_ranked(program))
    return _digest(structure + values)


def structure_key(program: Program) -> str:
    """Returns 32 hexadecimal digits that leave out the values of constants."""
    return _digest(_serial(*_ranked(program))[0])


def keys(program: Program) -> tuple[str, str]:
    """Returns the structure key and the canonical key."""
    structure, values = _serial(*_ranked(program))
    return _digest(structure), _digest(structure + values)


def constants(program: Program) -> tuple[float, ...]:
    """Returns the values of the live constants; equal structures have them in the same order."""
    values = _serial(*_ranked(program))[1]
    return struct.unpack(f"<{len(values) // 8}d", values)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _serial(graph: Graph, rank: Sequence) -> tuple[bytes, bytes]:
    """Writes the live graph down, breadth first from the results, and then its constants.

    For each node its label and the places of its arguments, of a state those of its initial value
    and its update; operands that may be exchanged stand in the order of their rank. A leaf is
    written where it is met first.
    """
    nodes, states, slots = graph.nodes, graph.states, graph.slots
    words = [_ROLES[role] for role, _ in graph.roots]
    order = list(dict.fromkeys([node for _, node in graph.roots]))  # of all but most leaves
    values = [slots[node] for node in order if node in slots]
    place = [-1] * len(nodes)
    for count, node in enumerate(order):
        place[node] = count
    words += [place[node] for _, node in graph.roots]
    count = len(order)
    for node in order:
        number, args, region = nodes[node]
        if not args:
            args = (graph.initial[node], graph.after[node]) if node in states else ()
        elif len(args) == 2 and number in commutative and rank[args[0]] > rank[args[1]]:
            args = (args[1], args[0])
        words.append(number + len(args))
        if region:
            words += (REGION, _region_colour(graph, region, place))
        for arg in args:
            if place[arg] < 0:
                place[arg] = count
                count += 1
                leaf, deeper, _ = nodes[arg]
                if deeper or arg in states:
                    order.append(arg)
                else:
                    words.append(leaf)
                    if leaf == SLOT:
                        values.append(slots[arg])
            words.append(place[arg])
    return array("q", words).tobytes(), struct.pack(f"<{len(values)}d", *values)


def _ranked(program: Program) -> tuple[Graph, Sequence]:
    """Returns the graph, equal states merged, and numbers that order its nodes."""
    graph = Graph(program)
    up, tied = _refined(graph, {})
    while len({up[node] for node in graph.states}) < len(graph.states):
        # States that share their constants, not only the values of these, are one.
        exact, _ = _refined(graph, {node: label(("slot", node)) for node in graph.slots})
        first: dict[int, str] = {}
        same = {
            name: first[exact[node]]
            for node, name in graph.states.items()
            if first.setdefault(exact[node], name) != name
        }
        if not same:
            break
        graph = Graph(program, same)
        up, tied = _refined(graph, {})
    return graph, _untied(graph, up) if tied or graph.branch else up


def _refined(graph: Graph, slots: Colours) -> tuple[list[int], bool]:
    """Returns colours where those of states are equal if and only if they are equal forever."""
    up = [0] * len(graph.nodes)
    start, states = graph.body_start, graph.states
    _paint(graph, up, 0, start, slots)
    colours = {node: hash((up[node], up[graph.initial[node]])) for node in states}
    count = len(set(colours.values()))
    while True:
        for node, colour in colours.items():
            up[node] = colour
        tied = _paint(graph, up, start, len(up), slots)
        if count == len(states):
            return up, tied
        colours = {node: hash((old, up[graph.after[node]])) for node, old in colours.items()}
        before, count = count, len(set(colours.values()))
        if count == before:
            return up, tied


def _paint(graph: Graph, up: list[int], start: int, stop: int, slots: Colours) -> bool:
    """Gives each node a number for what it computes, names and order apart.

    Returns whether operands that may be exchanged have the same. Hashes of tuples of integers are
    the same in every process, unlike those of strings.
    """
    nodes, tied, node = graph.nodes, False, start - 1
    regions: dict[int, int] = {}
    for number, args, region in nodes[start:stop]:
        node += 1
        if region:
            if region not in regions:  # its condition stands before it
                regions[region] = _region_colour(graph, region, up)
            number = hash((number, regions[region]))
        if len(args) == 2:
            first, second = args
            x, y = up[first], up[second]
            if x >= y and nodes[node][0] in commutative:
                tied = tied or (x == y and first != second)
                x, y = y, x
            up[node] = hash((number, x, y))
        elif args:
            up[node] = hash((number, *[up[arg] for arg in args]))
        else:
            up[node] = slots.get(node, number) if slots else number
    return tied


def _region_colour(graph: Graph, region: int, up: Sequence[int]) -> int:
    parent, condition, side = graph.parents[region]
    above = _region_colour(graph, parent, up) if parent > 0 else 0
    return hash((above, up[condition] if condition >= 0 else 0, side))


def _untied(graph: Graph, up: list[int]) -> Sequence:
    """Refines the order where operands that may be exchanged compute alike.

    Then what is done with a constant or state elsewhere decides, and at last the constants' values.
    """
    uses = _uses(graph, up)
    second = _repainted(graph, up, {node: hash((SLOT, uses[node])) for node in graph.slots}, uses)
    values = {node: hash((SLOT, uses[node], value)) for node, value in graph.slots.items()}
    third = _repainted(graph, up, values, uses)
    return list(zip(up, second, third, strict=True))


def _repainted(graph: Graph, up: list[int], slots: Colours, uses: list[int]) -> list[int]:
    again = list(up)
    colours = {node: hash((up[node], uses[node])) for node in graph.states}
    for _ in range(1 + len(graph.states)):
        _paint(graph, again, 0, graph.body_start, slots)
        for node, colour in colours.items():
            again[node] = colour
        _paint(graph, again, graph.body_start, len(up), slots)
        colours = {node: hash((old, again[graph.after[node]])) for node, old in colours.items()}
    return again


def _uses(graph: Graph, up: list[int]) -> list[int]:
    """Returns a number for each node that depends on what is done with it."""
    uses = [0] * len(graph.nodes)
    for role, node in graph.roots:
        uses[node] += _ROLES[role]
    live = graph.reached()
    for node in graph.states:
        uses[graph.after[node]] += up[node] if live[node] else 0
    for node in range(len(uses) - 1, -1, -1):
        if live[node]:
            number, args, _ = graph.nodes[node]
            own = hash((uses[node], up[node]))
            for k, arg in enumerate(args):
                uses[arg] += hash((own, 9 if number in commutative else k))
    return uses
