"""A program as trees: one of its update, one of each state's next value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dsl.program import Block, Branch, Call, Declared, Literal, Program, Ref, Statement
from primitives import TABLE

NUMBER, STATE, NEXT, LEAF, IF = "number", "state", "next", "leaf", "if"


@dataclass(frozen=True, eq=False)
class Tree:
    """A value: a call on trees, or a leaf.

    op: of a leaf NUMBER, STATE (as it was before the step), NEXT (as it is after) or LEAF.
    value: of a number what it is, of other leaves the name. Equal values of one program are one
    object, so that trees are told apart by identity.
    """

    op: str
    args: tuple[Tree, ...] = ()
    options: tuple = ()
    value: float | str = ""

    @cached_property
    def nodes(self) -> frozenset[Tree]:
        """All values that it is made from, itself included, each once."""
        return frozenset({self}).union(*(arg.nodes for arg in self.args))

    @property
    def size(self) -> int:
        """How many values it is made from."""
        return len(self.nodes)

    @property
    def commutative(self) -> bool:
        """Whether its two arguments may be exchanged."""
        return len(self.args) == 2 and self.op in TABLE and TABLE[self.op].commutative


@dataclass(frozen=True)
class Form:
    """The trees of a program: how parameters move, and the next value of each state."""

    program: Program
    update: Tree
    states: dict[str, Tree]
    kinds: dict[str, tuple[Declared, object]]  # how each state is declared and begun
    moved: bool = False  # the program sets the parameters instead of returning an update

    @cached_property
    def nodes(self) -> frozenset[Tree]:
        """All values of the trees."""
        return self.update.nodes.union(*(tree.nodes for tree in self.states.values()))

    @cached_property
    def ops(self) -> dict[str, int]:
        """How often each call stands in the trees, each value counted once."""
        found: dict[str, int] = {}
        for node in self.nodes:
            found[node.op] = found.get(node.op, 0) + 1
        return found


def form(program: Program) -> Form:
    """Returns the trees of a program whose constants are read in (`dsl.recognition.plain`)."""
    made = _Grower(program)
    made.body(program.body)
    results = dict(program.results)
    states = {state.name: made.at(results[state.name], root=True) for state in program.states}
    role = "return" if "return" in results else "w"
    kinds = {state.name: (state.declared, _start(state.init)) for state in program.states}
    return Form(program, made.at(results[role], root=role == "w"), states, kinds, role == "w")


def _start(block: Block) -> object:
    """What tells first values apart: a number or name, or the calls that make them."""
    if not block.body:
        return block.results
    return tuple(one.op for one in block.body if isinstance(one, Call))


class _Grower:
    """Makes each value of a program a tree, once."""

    def __init__(self, program: Program) -> None:
        self.made: dict[tuple, Tree] = {}
        self.values: dict[Ref, Tree] = {}
        states = {state.name for state in program.states}
        self.states = states
        # Where a state's next value is read, the state is read: each change of it counts once.
        self.next = {ref: name for name, ref in program.results if name in states}

    def at(self, ref: Ref, root: bool = False) -> Tree:
        """Returns the tree of a value; `root`: of the next value of a state, what makes it."""
        if isinstance(ref, Literal):
            number = isinstance(ref.value, int | float) and not isinstance(ref.value, bool)
            if number:  # each a value of its own: equal constants may come from two settings
                return Tree(NUMBER, value=float(ref.value))  # type: ignore[arg-type]
            return self.tree(LEAF, value=str(ref.value))
        if isinstance(ref, str):
            return self.tree(STATE if ref in self.states else LEAF, value=ref)
        if ref in self.next and not root:
            return self.tree(NEXT, value=self.next[ref])
        return self.values[ref]

    def tree(
        self, op: str, args: tuple[Tree, ...] = (), options: tuple = (), value: str = ""
    ) -> Tree:
        key = (op, args, options, value)
        return self.made.setdefault(key, Tree(*key))

    def call(self, op: str, args: tuple[Tree, ...], options: tuple) -> Tree:
        """Returns a call; of products and quotients the learning rate is the first factor, so that
        lr * x / y and lr * (x / y) are the same."""
        for place, arg in enumerate(args[: {"mul": 2, "div": 1}.get(op, 0)]):
            rate = [factor for factor in arg.args if factor.value == "lr"]
            if arg.op == "mul" and rate:
                (rest,) = [factor for factor in arg.args if factor is not rate[0]] or rate
                inner = self.tree(op, (*args[:place], rest, *args[place + 1 :]), options)
                return self.tree("mul", (rate[0], inner))
        return self.tree(op, args, options)

    def body(self, statements: tuple[Statement, ...]) -> None:
        for one in statements:
            if isinstance(one, Call):
                args = tuple(self.at(arg) for arg in one.args)
                self.values[one.out] = self.call(one.op, args, one.options)
            else:
                self.branch(one)

    def branch(self, one: Branch) -> None:
        condition = self.at(one.condition)
        self.body(one.then.body)
        self.body(one.orelse.body)
        for out, *sides in zip(one.outs, one.then.results, one.orelse.results, strict=True):
            self.values[out] = self.tree(IF, (condition, *map(self.at, sides)))

