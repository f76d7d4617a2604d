"""Builds the calls and branches of a program in single assignment, as a syntax tree is walked."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from primitives import NOISE, TABLE

from .errors import nearest
from .names import INPUTS
from .program import (
    Block,
    Branch,
    Call,
    Declared,
    Hyperparameter,
    Literal,
    Ref,
    State,
    Statement,
)
from .scope import Scope
from .syntax import At

MAX_STATEMENTS = 20_000  # after loops are unrolled and calls are inlined


@dataclass(frozen=True)
class Unset:
    """Stands for a name that only one side of an `if` has set."""

    name: str


class Settle(Exception):
    """A hyperparameter sizes or unrolls something: its default is to be written in."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Inline(Protocol):
    """Adds the statements of a `def` that is called and returns its value."""

    def definition(
        self, builder: Builder, node: ast.Call, function: ast.FunctionDef, foreign: bool = False
    ) -> Ref: ...

    def program(self, builder: Builder, node: ast.Call, name: str) -> Ref: ...


@dataclass
class Builder:
    """What has been built so far, and where."""

    definitions: Mapping[str, ast.FunctionDef]
    inline: Inline  # reads a call of another `def`
    settled: frozenset[str] = frozenset()
    inputs: list[str] = field(default_factory=list)
    hyperparameters: list[Hyperparameter] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    env: dict[str, Ref | Unset] = field(default_factory=dict)
    body: list[Statement] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)  # keys of env, in order of assignment
    state_keys: dict[str, str] = field(default_factory=dict)  # key of env -> name of the state
    places: dict[int, ast.AST] = field(default_factory=dict)  # where each value comes from
    static: set[int] = field(default_factory=set)  # values known before the run
    site: ast.AST | None = None  # the call of a program from another text, while it is read
    lazy: int = 0  # how many Scalar `if`s are open
    inlined: int = 0
    spent: int = 0
    streams: int = 0  # of noise
    _next: int = 0

    @property
    def scope(self) -> Scope:
        """The `def` that is being read."""
        return self.scopes[-1]

    def spend(self, node: ast.AST) -> None:
        """Counts a statement; raises if there are too many, as in `for i in range(10**9)`."""
        self.spent += 1
        if self.spent > MAX_STATEMENTS:
            raise self.at(node, f"The program unrolls to more than {MAX_STATEMENTS:,} statements.")

    def at(self, node: ast.AST | None, sentence: str, near: str = "") -> At:
        """Returns the error at a node, or at the call that brought its text in."""
        return At(self.site or node, sentence, near)

    def fresh(self, node: ast.AST) -> int:
        """Returns the next value number."""
        self.places[self._next] = self.site or node
        self._next += 1
        return self._next - 1

    def call(
        self,
        node: ast.AST,
        op: str,
        *args: Ref,
        options: tuple[tuple[str, object], ...] = (),
        name: str = "",
    ) -> int:
        """Adds a call of a primitive and returns the number of its value."""
        self.spend(node)
        out = self.fresh(node)
        self.body.append(Call(out, op, args, options, name))
        fixed = TABLE[op].scope != NOISE and self.all_static(args)
        if TABLE[op].result in ("shape", "static") or fixed:
            self.static.add(out)
        return out

    def all_static(self, refs: tuple[Ref, ...]) -> bool:
        """Tells whether all values are known before the run: whole numbers, text, shapes."""
        return all(self._static(ref) for ref in refs)

    def knows(self, name: str) -> bool:
        """Tells whether the value of a name is known before the run."""
        ref = self.env.get(self.scope.prefix + name)
        return ref is not None and not isinstance(ref, Unset) and self._static(ref)

    def _static(self, ref: Ref) -> bool:
        if isinstance(ref, Literal):
            return not isinstance(ref.value, float)
        if isinstance(ref, int):
            return ref in self.static
        found = [h.default for h in self.hyperparameters if h.name == ref]
        return bool(found) and not isinstance(found[0], float)

    def assign(self, name: str, ref: Ref) -> None:
        """Gives a name of this scope a value."""
        key = self.scope.prefix + name
        self.env[key] = ref
        self.assigned.append(key)

    def declare(self, state: State, key: str) -> None:
        """Adds a state whose value in the text goes by a key of `env`."""
        self.states.append(state)
        self.state_keys[key] = state.name

    def input(self, node: ast.AST, name: str) -> Ref:
        """Returns an input of the scope that is being read: what its caller received."""
        if name == "t":
            return self.count(node)
        if name not in self.scope.received and name not in self.inputs:
            self.inputs.append(name)
        return self.scope.received.get(name, name)

    def count(self, node: ast.AST) -> Ref:
        """Returns `t` of the scope that is being read.

        Inside a Scalar `if` not every step is a call, so the calls are counted in a state.
        """
        scope = self.scope
        if scope.count is None and self.lazy:
            name = self.free_name(f"{scope.name}_t")
            key = f"#.{name}"
            self.declare(State(name, Declared("Scalar"), Block((), (Literal(0),))), key)
            scope.count = self.env[key] = self.call(node, "add", name, Literal(1), name=name)
            self.assigned.append(key)
        elif scope.count is None:
            scope.count = scope.received.get("t", "t")
            if scope.count == "t" and "t" not in self.inputs:
                self.inputs.append("t")
        return scope.count

    def read(self, node: ast.Name) -> Ref:
        """Returns the value of a name; raises if it has none."""
        scope = self.scope
        if scope.prefix + node.id in self.env:
            return self.held(node, scope.prefix + node.id, node.id)
        if node.id in INPUTS:
            inputs = ", ".join([*scope.received, node.id])
            raise self.at(
                node,
                f"{scope.name} reads {node.id} ({INPUTS[node.id]}) without asking for it:"
                f" write `def {scope.name}({inputs})`.",
            )
        raise self.at(node, f"{node.id} is not defined.", nearest(node.id, self.visible()))

    def held(self, node: ast.AST, key: str, name: str) -> Ref:
        """Returns the value of a key of `env`, which the text calls `name`."""
        ref = self.env[key]
        if isinstance(ref, Unset):
            raise self.at(
                node,
                f"{name} is set on one side of an `if` only: set it on both sides, or before.",
            )
        return ref

    def visible(self) -> list[str]:
        """Returns the names that have a value in this scope."""
        prefix = self.scope.prefix
        return [key[len(prefix) :] for key in self.env if key.startswith(prefix)]

    def free_name(self, name: str) -> str:
        """Returns a name for a state or hyperparameter of an inlined program."""
        taken = {*INPUTS, *(s.name for s in self.states), *(h.name for h in self.hyperparameters)}
        choices = [name, f"{self.scope.name}_{name}"]
        choices += [f"{self.scope.name}_{name}_{i}" for i in range(2, len(taken) + 3)]
        return next(choice for choice in choices if choice not in taken)

    def branch(self, node: ast.AST, condition: Ref, sides: tuple[Side, Side], joint: bool) -> int:
        """Joins both sides of an `if`; returns the number of the joint update, if any."""
        then, orelse = sides
        keys = list(dict.fromkeys(then.assigned + orelse.assigned))
        outs, names, results = [], [], []
        for key in keys:
            old = self.state_keys.get(key)
            name = old or key.rpartition(".")[2]
            pair = then.env.get(key, old), orelse.env.get(key, old)
            if any(ref is None or isinstance(ref, Unset) for ref in pair):
                self.env[key] = Unset(name)
                continue
            outs.append(self.fresh(node))
            names.append(name)
            results.append(pair)
            self.env[key] = outs[-1]
        self.assigned.extend(keys)
        if joint:
            outs.append(self.fresh(node))
            names.append(self.scope.name if self.scope.prefix else "update")
            results.append((then.update, orelse.update))
        blocks = [Block(tuple(side.body), tuple(pair[i] for pair in results))
                  for i, side in enumerate(sides)]
        self.body.append(Branch(tuple(outs), condition, blocks[0], blocks[1], tuple(names)))
        return outs[-1] if joint else -1


@dataclass
class Side:
    """One side of an `if`, as it was built."""

    body: list[Statement]
    env: dict[str, Ref | Unset]
    assigned: list[str]
    update: Ref | None
