"""A program from the nodes of its graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .arrange import renumbered
from .graph import IF, Graph
from .program import Block, Branch, Call, Program, Ref, State, Statement


def emitted(
    program: Program, graph: Graph, order: list[int], args_of: Callable[[int], Sequence[int]]
) -> Program:
    """Returns the program whose calls are the nodes of `order`, an order that can be run.

    args_of gives the arguments of a node as they are to be written. Names, signature and docstring
    come from `program`; what is not read leaves the signature, but for `w` and `g`.
    """
    bodies = _bodies(graph, order, args_of)
    ref = graph.written
    states = [node for node in order if node in graph.states]
    read = {graph.source[node] for node in order if isinstance(graph.source[node], str)}
    declared = tuple(
        State(
            graph.states[node],
            graph.declared[node],
            Block(
                tuple(bodies.get(graph.initial_region[node], ())), (ref(graph.initial[node]),)
            ),
        )
        for node in states
    )
    read |= {name for state in declared for name in state.declared.index if isinstance(name, str)}
    after = tuple((graph.states[node], ref(graph.after[node])) for node in states)
    return renumbered(
        Program(
            program.name,
            tuple(name for name in program.inputs if name in read or name in ("w", "g")),
            tuple(item for item in program.hyperparameters if item.name in read),
            declared,
            tuple(bodies.get(0, ())),
            after + tuple((role, ref(node)) for role, node in graph.roots),
            program.doc,
        )
    )


def _bodies(
    graph: Graph, order: list[int], args_of: Callable[[int], Sequence[int]]
) -> dict[int, list[Statement]]:
    """Returns the statements of each region; an `if` follows all that its sides read."""
    bodies: dict[int, list[Statement]] = {}
    done: set[int] = set()
    for node in order:
        source = graph.source[node]
        if not isinstance(source, Call):
            continue
        body = bodies.setdefault(graph.region[node], [])
        if graph.op[node] != IF:
            args = tuple([graph.written(arg) for arg in args_of(node)])
            body.append(Call(node, graph.op[node], args, graph.options(node), source.name))
        elif graph.branch_of[node] not in done:
            done.add(graph.branch_of[node])
            body.append(_branch(graph, graph.branch_of[node], order, bodies))
    return bodies


def _branch(
    graph: Graph, first: int, order: list[int], bodies: dict[int, list[Statement]]
) -> Branch:
    members = set(graph.branch[first])
    outs = [node for node in order if node in members]
    sides = [
        Block(
            tuple(bodies.get(first_of_side, ())),
            tuple(graph.written(graph.args[out][k]) for out in outs),
        )
        for k, first_of_side in ((1, first), (2, graph.sibling[first]))
    ]
    names = tuple(_name(graph.source[out]) for out in outs)
    return Branch(tuple(outs), graph.written(graph.args[outs[0]][0]), *sides, names)


def _name(source: Call | Ref) -> str:
    return source.name if isinstance(source, Call) else ""

