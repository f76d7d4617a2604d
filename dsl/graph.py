"""The dataflow of a program as a table of shared nodes: equal calls on equal nodes are one node."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from primitives import TABLE

from .program import Block, Branch, Call, Declared, Literal, Program, Ref, Statement

IF = "if"  # the op of a node that is one result of a Branch: (condition, then, otherwise)
BODY = 0  # the region of the calls outside every `if`

_labels: dict[object, int] = {}


def label(thing: object) -> int:
    """Returns a number below 2**61 for something with a stable repr, the same on every machine."""
    known = _labels.get(thing)
    if known is None:
        text = f"{type(thing).__name__} {thing!r}".encode()
        known = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) >> 3
        _labels[thing] = known
    return known


SLOT = label("slot")  # a constant: a float hyperparameter or one float literal
_facts: dict[tuple[str, tuple], tuple[int, bool, Callable | None]] = {}
_commutative_labels: set[int] = set()


class Graph:
    """Nodes in topological order, each with an op ("" for a leaf), a label and arguments.

    Nodes of one region are shared; a region is the body, a side of an `if` or the initial value of
    a state. `merged` names, for a state, the equal one that stands for it.
    """

    def __init__(self, program: Program, merged: dict[str, str] | None = None) -> None:
        self.op: list[str] = []
        self.label: list[int] = []
        self.args: list[tuple[int, ...]] = []
        self.region: list[int] = []
        self.source: list[Call | Ref] = []  # a call with the options and the name, or a leaf's ref
        self.slots: dict[int, float] = {}  # node -> value, in order of appearance
        self.parents: list[tuple[int, int, int]] = [(-1, -1, 0)]  # of a region: region, test, side
        self.branch_of: dict[int, int] = {}  # `if` node -> its branch, numbered by its first region
        self.branch: dict[int, list[int]] = {}  # branch -> its `if` nodes
        self.sibling: dict[int, int] = {}  # branch -> the region of its other side
        self._known: dict[tuple, int] = {}
        self._env: dict[int | str, int] = {}
        self._read(program, merged or {})

    def _read(self, program: Program, merged: dict[str, str]) -> None:
        env = self._env
        for name in program.inputs:
            env[name] = self._leaf(name, ("input", name))
        for item in program.hyperparameters:
            env[item.name] = self._constant(item.name, item.default)
        states = [state for state in program.states if state.name not in merged]
        self.states: dict[int, str] = {}
        self.declared: dict[int, Declared] = {}
        for state in states:
            node = env[state.name] = self._append("", label(state.declared), (), BODY, state.name)
            self.states[node] = state.name
            self.declared[node] = state.declared
        for name, other in merged.items():
            env[name] = env[other]
        self.initial: dict[int, int] = {}
        self.initial_region: dict[int, int] = {}
        for state in states:
            region = self._new_region(-1, -1, 2)
            self.initial[env[state.name]] = self._block(state.init, region)[0]
            self.initial_region[env[state.name]] = region
        self.body_start = len(self.op)  # the nodes before it are the same at every step
        self._statements(program.body, BODY)
        after = [(role, self._ref(ref)) for role, ref in program.results]
        self.after = {env[role]: node for role, node in after if role in env and role != "w"}
        self.roots = [(role, node) for role, node in after if role in ("return", "w", "w_eval")]
        self.live = self._reached()
        self.states = {node: name for node, name in self.states.items() if node in self.live}

    def _reached(self) -> set[int]:
        """The nodes that reach a root through any number of steps."""
        live: set[int] = set()
        todo = [node for _, node in self.roots]
        while todo:
            node = todo.pop()
            if node not in live:
                live.add(node)
                todo.extend(self.args[node])
                if node in self.states:
                    todo += (self.initial[node], self.after[node])
        return live

    def _statements(self, body: Iterable[Statement], region: int) -> None:
        env = self._env
        for statement in body:
            if statement.__class__ is Call:
                args = [
                    env[ref] if ref.__class__ is not Literal else self._ref(ref)
                    for ref in statement.args  # type: ignore[union-attr]
                ]
                env[statement.out] = self._call(statement, args, region)  # type: ignore
            else:
                self._branch(statement, region)  # type: ignore[arg-type]

    def _branch(self, statement: Branch, region: int) -> None:
        condition = self._ref(statement.condition)
        first = self._new_region(region, condition, 0)
        then = self._block(statement.then, first)
        self.sibling[first] = self._new_region(region, condition, 1)
        orelse = self._block(statement.orelse, self.sibling[first])
        for k, out in enumerate(statement.outs):
            name = statement.names[k] if k < len(statement.names) else ""
            node = self.intern(
                IF, label(IF), (condition, then[k], orelse[k]), region, Call(out, IF, (), (), name)
            )
            self._env[out] = node
            self.branch_of.setdefault(node, first)
            if self.branch_of[node] == first:
                self.branch.setdefault(first, []).append(node)

    def _block(self, block: Block, region: int) -> list[int]:
        self._statements(block.body, region)
        return [self._ref(ref) for ref in block.results]

    def _new_region(self, parent: int, condition: int, side: int) -> int:
        self.parents.append((parent, condition, side))
        return len(self.parents) - 1

    def _ref(self, ref: Ref) -> int:
        if isinstance(ref, Literal):
            return self._constant(ref, ref.value)
        return self._env[ref]

    def _constant(self, ref: Ref, value: object) -> int:
        if value.__class__ is not float:
            return self._leaf(ref, ("constant", type(value).__name__, value))
        node = self._append("", SLOT, (), BODY, ref)
        self.slots[node] = value  # type: ignore[assignment]
        return node

    def _leaf(self, ref: Ref, thing: tuple) -> int:
        known = self._known.get(thing)
        if known is None:
            known = self._known[thing] = self._append("", label(thing), (), BODY, ref)
        return known

    def _call(self, call: Call, args: list[int], region: int) -> int:
        fact = _facts.get((call.op, call.options))
        if fact is None:
            fact = _fact(call.op, call.options)
        number, commutative, rule = fact
        if rule is not None:
            same = rule(self, args, region, call)
            if same is not None:
                return same
        if commutative and args[0] > args[1]:
            args = [args[1], args[0]]
        return self.intern(call.op, number, tuple(args), region, call)

    def make(self, op: str, args: tuple[int, ...], region: int, call: Call) -> int:
        """Returns the node of another op on nodes, under the name of `call`."""
        return self._call(Call(call.out, op, (), (), call.name), list(args), region)

    def intern(
        self, op: str, number: int, args: tuple[int, ...], region: int, source: Call
    ) -> int:
        """Returns the node with these arguments, a new one where there is none."""
        key = (number, region, args)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._append(op, number, args, region, source)
        return known

    def _append(
        self, op: str, number: int, args: tuple[int, ...], region: int, source: Call | Ref
    ) -> int:
        self.op.append(op)
        self.label.append(number)
        self.args.append(args)
        self.region.append(region)
        self.source.append(source)
        return len(self.op) - 1

    def commutes(self, node: int) -> bool:
        """Whether the two arguments of a node may be exchanged."""
        return self.label[node] in _commutative_labels

    def written(self, node: int) -> Ref:
        """How a call refers to a node: a leaf as in the text, any other by its number."""
        source = self.source[node]
        return node if isinstance(source, Call) else source

    def options(self, node: int) -> tuple[tuple[str, object], ...]:
        """The options of a node; those that an identity made have none."""
        source = self.source[node]
        same = isinstance(source, Call) and source.op == self.op[node]
        return source.options if same else ()  # type: ignore[union-attr]

    def is_full(self, node: int) -> bool:
        """Whether a node surely has a number for every entry, so that broadcasting adds nothing."""
        source = self.source[node]
        if not isinstance(source, Call):
            return source in ("w", "g")
        primitive = TABLE.get(self.op[node])
        if primitive is None or primitive.scope != "elementwise":
            return False
        return any(self.is_full(arg) for arg in self.args[node])


def _fact(op: str, options: tuple) -> tuple[int, bool, Callable | None]:
    primitive = TABLE.get(op)
    commutative = primitive is not None and primitive.commutative
    fact = _facts[op, options] = (label((op, options)), commutative, EXACT.get(op))
    if commutative:
        _commutative_labels.add(fact[0])
    return fact


def _is(graph: Graph, node: int, value: int) -> bool:
    source = graph.source[node]
    return isinstance(source, Literal) and source.value.__class__ is int and source.value == value


def _add(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    for x, y in (args, args[::-1]):
        if graph.op[y] == "neg":
            return graph.make("sub", (x, graph.args[y][0]), region, call)  # x + (-y) -> x - y
    return None


def _sub(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    if graph.op[y] == "neg":
        return graph.make("add", (x, graph.args[y][0]), region, call)  # x - (-y) -> x + y
    return x if _is(graph, y, 0) else None  # x - 0 -> x


def _mul(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    if x == y:
        return graph.make("square", (x,), region, call)  # x * x -> square(x)
    for one, other in ((x, y), (y, x)):
        if _is(graph, one, 1):
            return other  # x * 1 -> x
    return None


def _div(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del region, call
    return args[0] if _is(graph, args[1], 1) else None  # x / 1 -> x


def _pow(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    x, y = args
    if _is(graph, y, 2):
        return graph.make("square", (x,), region, call)  # x**2 -> square(x)
    return x if _is(graph, y, 1) else None  # x**1 -> x


def _neg(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del region, call
    return graph.args[args[0]][0] if graph.op[args[0]] == "neg" else None  # -(-x) -> x


def _abs(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    inner = graph.op[args[0]]
    if inner == "abs":
        return args[0]  # abs(abs(x)) -> abs(x)
    if inner == "neg":
        return graph.make("abs", graph.args[args[0]], region, call)  # abs(-x) -> abs(x)
    return None


def _square(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    if graph.op[args[0]] in ("neg", "abs"):
        return graph.make("square", graph.args[args[0]], region, call)  # square(-x) -> square(x)
    return None


def _where(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del region, call
    _, x, y = args
    return x if x == y and graph.is_full(x) else None  # where(c, x, x) -> x


def _extreme(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    del graph, region, call
    return args[0] if args[0] == args[1] else None  # max(x, x) -> x


def _gt(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    return graph.make("lt", (args[1], args[0]), region, call)  # x > y -> y < x


def _ge(graph: Graph, args: list[int], region: int, call: Call) -> int | None:
    return graph.make("le", (args[1], args[0]), region, call)  # x >= y -> y <= x


# The identities that hold bit for bit, NaN and infinities included.
EXACT: dict[str, Callable[[Graph, list[int], int, Call], int | None]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "neg": _neg,
    "abs": _abs,
    "square": _square,
    "where": _where,
    "maximum": _extreme,
    "minimum": _extreme,
    "gt": _gt,
    "ge": _ge,
}
