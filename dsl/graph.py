"""The dataflow of a program as a table of shared nodes: equal calls on equal nodes are one node."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from primitives import TABLE
from primitives.core import ELEMENTWISE

from .exact import EXACT, Rule
from .program import Block, Branch, Call, Declared, Literal, Program, Ref, Statement

IF = "if"  # the op of a node that is one result of a Branch: (condition, then, otherwise)
BODY = 0  # the region of the calls outside every `if`

Node = tuple[int, tuple[int, ...], int]  # label, arguments, region

_labels: dict[object, int] = {}


def label(thing: object) -> int:
    """Returns a number below 2**61 for something with a stable repr, the same on every machine."""
    known = _labels.get(thing)
    if known is None:
        text = f"{type(thing).__name__} {thing!r}".encode()
        known = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 3
        _labels[thing] = known
    return known


SLOT = label("slot")  # a constant: a float hyperparameter or one float literal
_SLOT_NODE: Node = (SLOT, (), BODY)
commutative: set[int] = set()  # the labels of the ops whose two arguments may be exchanged


class _Facts(dict):
    """Label, rule and symmetry of an op (or of an op with its options), worked out once."""

    def __missing__(self, key: str | tuple[str, tuple]) -> tuple[int, Rule | None, bool]:
        op, options = (key, ()) if isinstance(key, str) else key
        symmetric = op in TABLE and TABLE[op].commutative
        fact = self[key] = (label((op, options)), EXACT.get(op), symmetric)
        if symmetric:
            commutative.add(fact[0])
        return fact


_facts = _Facts()


class _Inputs(dict):
    """Labels of inputs, by name."""

    def __missing__(self, name: str) -> int:
        self[name] = label(("input", name))
        return self[name]


_inputs = _Inputs()


class Graph:
    """Nodes in topological order; a leaf has no arguments and the op "".

    Nodes of one region are shared; a region is the body, a side of an `if` or the initial value of
    a state. `merged` names, for a state, the equal one that stands for it.
    """

    def __init__(self, program: Program, merged: dict[str, str] | None = None) -> None:
        self.nodes: list[Node] = []
        self.op: list[str] = []
        self.source: list[Call | Ref] = []  # a call with the options and the name, or a leaf's ref
        self.slots: dict[int, float] = {}  # node -> value, in order of appearance
        self.integers: dict[int, int] = {}  # node -> value, of structural constants
        self.parents: list[tuple[int, int, int]] = [(-1, -1, 0)]  # of a region: region, test, side
        self.branch_of: dict[int, int] = {}  # `if` node -> its branch, numbered by its first region
        self.branch: dict[int, list[int]] = {}  # branch -> its `if` nodes
        self.sibling: dict[int, int] = {}  # branch -> the region of its other side
        self.states: dict[int, str] = {}  # live ones
        self.declared: dict[int, Declared] = {}
        self.initial: dict[int, int] = {}
        self.initial_region: dict[int, int] = {}
        self._known: dict[tuple, int] = {}
        self._full: dict[int, bool] = {}
        self._env: dict[int | str, int] = {}
        self._read(program, merged or {})

    def _read(self, program: Program, merged: dict[str, str]) -> None:
        env = self._env
        for name in program.inputs:
            env[name] = self._append("", _inputs[name], (), BODY, name)
        for item in program.hyperparameters:
            # A whole number is one leaf with the constants equal to it, written as they are.
            whole = item.default.__class__ is int
            ref = Literal(item.default) if whole else item.name
            env[item.name] = self._constant(ref, item.default)
        self._read_states(program, merged)
        self.body_start = len(self.nodes)  # the nodes before it are the same at every step
        self._statements(program.body, BODY)
        self.after: dict[int, int] = {}
        self.roots: list[tuple[str, int]] = []
        for role, ref in program.results:
            if role in ("return", "w", "w_eval"):
                self.roots.append((role, self._ref(ref)))
            elif role not in merged:
                self.after[env[role]] = self._ref(ref)
        if len(self.states) > 1 or self.branch:  # one state alone is never taken for another
            self._keep_live(self.reached())

    def _keep_live(self, live: bytearray) -> None:
        self.states = {node: name for node, name in self.states.items() if live[node]}
        for first, nodes in self.branch.items():
            self.branch[first] = [node for node in nodes if live[node]]

    def _read_states(self, program: Program, merged: dict[str, str]) -> None:
        env = self._env
        states = [state for state in program.states if state.name not in merged]
        for state in states:
            node = env[state.name] = self._append("", label(state.declared), (), BODY, state.name)
            self.states[node] = state.name
            self.declared[node] = state.declared
        for name, other in merged.items():
            env[name] = env[other]
        for state in states:
            node = env[state.name]
            region = self._new_region(-1, -1, 2) if state.init.body else BODY
            if state.declared.kind == "Matrix":
                env["eye"] = self._leaf("eye", ("eye",))
            self.initial_region[node] = region
            self.initial[node] = self._block(state.init, region)[0]

    def reached(self) -> bytearray:
        """Returns 1 for each node that reaches a root through any number of steps."""
        live = bytearray(len(self.nodes))
        nodes, states = self.nodes, self.states
        todo = [node for _, node in self.roots]
        while todo:
            node = todo.pop()
            if not live[node]:
                live[node] = 1
                args = nodes[node][1]
                if args:
                    todo += args
                elif node in states:
                    todo += (self.initial[node], self.after[node])
        return live

    def _statements(self, body: Iterable[Statement], region: int) -> None:
        env, known, nodes = self._env, self._known, self.nodes
        ops, sources, slots = self.op, self.source, self.slots
        for statement in body:
            if statement.__class__ is Branch:
                self._branch(statement, region)  # type: ignore[arg-type]
                continue
            call: Call = statement  # type: ignore[assignment]
            args = []
            for ref in call.args:
                if ref.__class__ is not Literal:
                    args.append(env[ref])  # type: ignore[index]
                elif ref.value.__class__ is float:  # type: ignore[union-attr]
                    slots[len(nodes)] = ref.value  # type: ignore[union-attr, assignment]
                    args.append(len(nodes))
                    nodes.append(_SLOT_NODE)
                    ops.append("")
                    sources.append(ref)
                else:
                    args.append(self._constant(ref, ref.value))  # type: ignore[union-attr]
            op, options = call.op, call.options
            number, rule, symmetric = _facts[(op, options) if options else op]
            if rule is not None:
                same = rule(self, args, region, call)
                if same is not None:
                    env[call.out] = same
                    continue
            if symmetric and args[0] > args[1]:
                args.reverse()
            key = (number, tuple(args), region)
            node = known.get(key)
            if node is None:
                node = known[key] = len(nodes)
                nodes.append(key)
                ops.append(op)
                sources.append(call)
            env[call.out] = node

    def make(self, op: str, args: tuple[int, ...], region: int, call: Call) -> int:
        """Returns the node of another op on nodes, under the name of `call`."""
        number, rule, symmetric = _facts[op]
        if rule is not None:
            same = rule(self, list(args), region, call)
            if same is not None:
                return same
        if symmetric:
            args = tuple(sorted(args))
        known = self._known.get((number, args, region))
        return self._append(op, number, args, region, call) if known is None else known

    def _branch(self, statement: Branch, region: int) -> None:
        condition = self._ref(statement.condition)
        first = self._new_region(region, condition, 0)
        then = self._block(statement.then, first)
        self.sibling[first] = self._new_region(region, condition, 1)
        orelse = self._block(statement.orelse, self.sibling[first])
        for k, out in enumerate(statement.outs):
            name = statement.names[k] if k < len(statement.names) else ""
            args = (condition, then[k], orelse[k])
            node = self._known.get((label(IF), args, region))
            if node is None:
                node = self._append(IF, label(IF), args, region, Call(out, IF, (), (), name))
                self.branch_of[node] = first
                self.branch.setdefault(first, []).append(node)
            self._env[out] = node

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
        if value.__class__ is float:
            node = self._append("", SLOT, (), BODY, ref)
            self.slots[node] = value  # type: ignore[assignment]
            return node
        node = self._leaf(ref, (value.__class__, value))
        if value.__class__ is int:
            self.integers[node] = value  # type: ignore[assignment]
        return node

    def _leaf(self, ref: Ref, thing: tuple) -> int:
        known = self._known.get(thing)
        if known is None:
            known = self._known[thing] = self._append("", label(thing), (), BODY, ref)
        return known

    def _append(
        self, op: str, number: int, args: tuple[int, ...], region: int, source: Call | Ref
    ) -> int:
        node = len(self.nodes)
        self.nodes.append((number, args, region))
        self.op.append(op)
        self.source.append(source)
        if args:
            self._known[number, args, region] = node
        return node

    def args(self, node: int) -> tuple[int, ...]:
        """The arguments of a node."""
        return self.nodes[node][1]

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
        full = self._full.get(node)
        if full is None:
            full = self._full[node] = self._fills(node)
        return full

    def _fills(self, node: int) -> bool:
        source = self.source[node]
        if not isinstance(source, Call):
            return source in ("w", "g")
        primitive = TABLE.get(self.op[node])
        if primitive is None or primitive.scope != ELEMENTWISE:
            return False
        return any(self.is_full(arg) for arg in self.args(node))


