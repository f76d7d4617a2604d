"""The states that a program declares: their kinds, their initial values, one or several."""

from __future__ import annotations

import ast

from primitives.kinds import UpTo

from .build import Builder
from .errors import nearest
from .expressions import static, value
from .names import INPUTS, KINDS, MAX_AXES, SIDES
from .program import Block, Declared, Literal, State
from .signature import check_name

MOST = 1000  # values that a History holds
MAX_SIDE = 100_000  # of a Matrix with a length of its own


def declare_state(builder: Builder, node: ast.AnnAssign) -> None:
    """Adds a state, `m: Tensor = 0`."""
    scope = builder.scope
    if not isinstance(node.target, ast.Name):
        raise builder.at(node, "A state is declared by its name, as in `m: Tensor = 0`.")
    name = node.target.id
    check_name(builder, node, name, "state")
    if scope.begun:
        raise builder.at(node, f"The state {name} follows a statement: declare it at the top.")
    if name in scope.states:
        raise builder.at(node, f"The state {name} is declared twice.")
    if name in INPUTS or scope.prefix + name in builder.env:
        raise builder.at(node, f"{name} has a meaning already, so no state has this name.")
    if node.value is None:
        sentence = f"The state {name} needs an initial value, as in `{name}: Tensor = 0`."
        raise builder.at(node, sentence)
    declared = _declared(builder, node.annotation)
    members = _members(declared)
    if not members:
        _add_state(builder, node.value, name, name, declared)
        return
    scope.groups[name] = len(members)
    for place, one in enumerate(members):
        _add_state(builder, node.value, f"{name}[{place}]", f"{name}_{place}", one)


def _members(declared: Declared) -> list[Declared]:
    """Returns the states that a declaration stands for, if it stands for several."""
    if declared.kind == "History":
        size, kind = declared.index
        return [Declared(kind)] * size
    if "axes" in declared.index:
        each = range(MAX_AXES)
        return [Declared(declared.kind, (axis,) * len(declared.index)) for axis in each]
    return []


def _add_state(
    builder: Builder, value: ast.expr, name: str, wanted: str, declared: Declared
) -> None:
    """Adds a state that goes by `name` in the text, and by `wanted` in the program if it can."""
    scope = builder.scope
    init = _initial(builder, value, name, declared)
    whole = wanted if not scope.prefix else builder.free_name(wanted)
    scope.states[name] = whole
    if _reads_the_caller(builder, init):
        builder.body += init.body
        scope.first[name] = init.results[0]
        init = Block((), (Literal(0),))
    builder.declare(State(whole, declared, init), scope.prefix + name)


def _initial(builder: Builder, node: ast.expr, name: str, declared: Declared) -> Block:
    """Builds the initial value apart, before the first statement: it sees no state."""
    outer, builder.body = builder.body, []
    scope = builder.scope
    eye = scope.prefix + "eye"
    if declared.kind == "Matrix":
        builder.env[eye] = "eye"
    try:
        result = value(builder, node)
    finally:
        body, builder.body = builder.body, outer
        builder.env.pop(eye, None)
    return Block(tuple(body), (result,))


def _reads_the_caller(builder: Builder, init: Block) -> bool:
    """Tells whether an initial value needs one that the calling program works out or keeps."""
    own = {s.out for s in init.body}  # type: ignore[union-attr]
    used = [*init.results, *(arg for s in init.body for arg in s.args)]  # type: ignore[union-attr]
    states = {state.name for state in builder.states}
    return any(ref in states or (isinstance(ref, int) and ref not in own) for ref in used)


def publish_states(builder: Builder, node: ast.AST) -> None:
    """Makes the states of the scope readable: the declarations are over.

    One whose initial value the calling program works out has it from its first step on.
    """
    scope = builder.scope
    scope.begun = True
    for name, whole in scope.states.items():
        builder.env.setdefault(scope.prefix + name, whole)
    if scope.first:
        step = builder.count(node)
        begins = builder.call(node, "eq", step, Literal(1))
        for name, ref in scope.first.items():
            held = builder.call(node, "where", begins, ref, scope.states[name], name=name)
            builder.assign(name, held)


def _declared(builder: Builder, node: ast.expr) -> Declared:
    kind, index = node, ()
    if isinstance(node, ast.Subscript):
        kind = node.value
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if isinstance(kind, ast.Name) and kind.id == "History":
            return _history(builder, node, parts)
        index = tuple(_index(builder, part, kind) for part in parts)
    if not isinstance(kind, ast.Name) or kind.id not in KINDS:
        word = kind.id if isinstance(kind, ast.Name) else ast.unparse(kind)[:40]
        sentence = f"Expected a kind ({', '.join(KINDS)}), not {word}."
        raise builder.at(node, sentence, nearest(word, KINDS))
    if kind.id == "History":
        raise builder.at(node, "History tells how many it holds, as in History[10].")
    return _fitting(builder, node, kind.id, index)


def _history(builder: Builder, node: ast.expr, parts: list[ast.expr]) -> Declared:
    """`History[10]` holds ten Tensors, `History[10, Scalar]` ten numbers."""
    size = static(builder, parts[0], "The size of a History")
    kind = parts[1].id if len(parts) == 2 and isinstance(parts[1], ast.Name) else "Tensor"
    if not isinstance(size, int) or not 1 <= size <= MOST or len(parts) > 2:
        raise builder.at(node, f"A History holds 1 to {MOST} values, as in History[10, Scalar].")
    if kind not in ("Tensor", "Layer", "Scalar"):
        raise builder.at(node, f"A History holds Tensors, Layers or Scalars, not {kind}.")
    return Declared("History", (size, kind))


def _fitting(builder: Builder, node: ast.expr, kind: str, index: tuple) -> Declared:
    if kind in ("Vector", "Matrix") and not index:
        raise builder.at(node, f"{kind} lists axes, as in {kind}[0].")
    if kind not in ("Vector", "Matrix") and index:
        raise builder.at(node, f"{kind} takes no axes.")
    if kind == "Matrix":
        index = _sides(builder, node, index)
    if kind == "Vector" and any(isinstance(i, str) and i != "axes" for i in index):
        raise builder.at(node, "Vector lists axis numbers, as in Vector[:-1].")
    return Declared(kind, index)


def _sides(builder: Builder, node: ast.expr, index: tuple) -> tuple:
    index = index * 2 if len(index) == 1 else index
    if len(index) != 2 or any(isinstance(side, tuple) for side in index):
        raise builder.at(node, "Matrix has two sides, as in Matrix[0, 1], Matrix[rows, rank].")
    if "axes" in index and index[0] != index[1]:
        raise builder.at(node, "A Matrix for each axis is square, as in Matrix[axes].")
    return index


def _index(builder: Builder, node: ast.expr, kind: ast.expr) -> int | str | tuple | UpTo:
    if isinstance(node, ast.Slice):
        if node.step is not None:
            raise builder.at(node, "Axes are listed without a step, as in Vector[:-1].")
        ends = (node.lower, node.upper)
        return tuple(None if end is None else _axis(builder, end) for end in ends)
    if isinstance(node, ast.Name) and node.id in SIDES:
        return node.id
    if isinstance(kind, ast.Name) and kind.id == "Matrix":
        match node:
            case ast.Name():  # of a hyperparameter: `rank`
                return _size(builder, node)
            case ast.Call(ast.Name("up_to"), [count], []):
                return _size(builder, count)
    return _axis(builder, node)


def _size(builder: Builder, node: ast.expr) -> UpTo:
    held = static(builder, node, "The side of a Matrix")
    if not isinstance(held, int) or isinstance(held, bool) or not 1 <= held <= MAX_SIDE:
        raise builder.at(node, f"A side is 1 to {MAX_SIDE:,} long, not {held!r}.")
    return UpTo(held)


def _axis(builder: Builder, node: ast.expr) -> int:
    held = static(builder, node, "An axis")
    if isinstance(held, int) and not isinstance(held, bool):
        return held
    raise builder.at(node, f"An axis is a whole number, not {held!r}.")
