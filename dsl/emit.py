"""A program from the nodes of its graph."""

from __future__ import annotations

from collections.abc import Sequence

from .arrange import arranged
from .graph import IF, Graph, commutative
from .program import Block, Branch, Call, Program, Ref, State, Statement


def emitted(program: Program, graph: Graph, rank: Sequence) -> Program:
    """Returns the program whose calls are the live nodes, depth first, arguments before calls.

    rank orders operands that may be exchanged. Names, signature and docstring come from
    `program`; what is not read leaves the signature, but for `w` and `g`.
    """
    order = _order(graph, rank)
    bodies = _bodies(graph, order, rank)
    ref = graph.written
    states = [node for node in order if node in graph.states]
    declared = tuple(_state(graph, node, bodies) for node in states)
    read = {graph.source[node] for node in order if isinstance(graph.source[node], str)}
    read |= {name for state in declared for name in state.declared.index if isinstance(name, str)}
    after = tuple((graph.states[node], ref(graph.after[node])) for node in states)
    return arranged(
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


def _order(graph: Graph, rank: Sequence) -> list[int]:
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
        return _args(graph, node, rank)
    together = sorted(graph.branch[graph.branch_of[node]], key=rank.__getitem__)
    return [arg for one in together for arg in graph.args(one)]


def _args(graph: Graph, node: int, rank: Sequence) -> tuple[int, ...]:
    """Returns arguments as they are written: `weight_decay * w`, `sqrt(v) + eps`."""
    number, args, _ = graph.nodes[node]
    if len(args) != 2 or number not in commutative:
        return args
    product = graph.op[node] == "mul"

    def key(arg: int) -> tuple:
        leaf = not graph.args(arg)
        named = graph.source[arg] not in ("w", "g")
        return leaf != product, not named if leaf else False, rank[arg]

    return tuple(sorted(args, key=key))


def _state(graph: Graph, node: int, bodies: dict[int, list[Statement]]) -> State:
    region = graph.initial_region[node]
    body = tuple(bodies.get(region, ())) if region else ()
    block = Block(body, (graph.written(graph.initial[node]),))
    return State(graph.states[node], graph.declared[node], block)


def _bodies(graph: Graph, order: list[int], rank: Sequence) -> dict[int, list[Statement]]:
    """Returns the statements of each region; an `if` follows all that its sides read."""
    bodies: dict[int, list[Statement]] = {}
    done: set[int] = set()
    for node in order:
        source = graph.source[node]
        if not isinstance(source, Call):
            continue
        body = bodies.setdefault(graph.nodes[node][2], [])
        if graph.op[node] != IF:
            args = tuple([graph.written(arg) for arg in _args(graph, node, rank)])
            body.append(Call(node, graph.op[node], args, graph.options(node), source.name))
        elif graph.branch_of[node] not in done:
            done.add(graph.branch_of[node])
            body.append(_branch(graph, graph.branch_of[node], set(order), rank, bodies))
    return bodies


def _branch(
    graph: Graph, first: int, live: set[int], rank: Sequence, bodies: dict[int, list[Statement]]
) -> Branch:
    outs = sorted((node for node in graph.branch[first] if node in live), key=rank.__getitem__)
    then, orelse = (
        Block(
            tuple(bodies.get(region, ())),
            tuple([graph.written(graph.args(out)[k]) for out in outs]),
        )
        for k, region in ((1, first), (2, graph.sibling[first]))
    )
    names = tuple([_name(graph.source[out]) for out in outs])
    return Branch(tuple(outs), graph.written(graph.args(outs[0])[0]), then, orelse, names)


def _name(source: Call | Ref) -> str:
    return source.name if isinstance(source, Call) else ""
