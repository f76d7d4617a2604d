"""Statements of a syntax tree: assignments, `if`, unrolled `for`, `return`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from .build import Builder, Side
from .constant_tests import decided
from .declarations import declare_state, publish_states
from .expressions import axis_of, state_of, static, value
from .names import MAX_AXES, RESULTS
from .program import Literal, Ref
from .signature import check_name
from .syntax import refuse

MAX_BREAKS = 24  # rounds of a loop that may end early, each of which lies inside the one before


def run(builder: Builder, statements: Sequence[ast.stmt]) -> Ref | None:
    """Adds the statements; returns the value that they return, None if they return nothing."""
    for i, node in enumerate(statements):
        builder.spend(node)
        if isinstance(node, ast.AnnAssign):
            declare_state(builder, node)
            continue
        if isinstance(node, ast.Expr) and _is_text(node.value):
            continue
        if not builder.scope.begun:
            publish_states(builder, node)
        if isinstance(node, ast.Return):
            _last(builder, statements, i)
            return _returned(builder, node)
        if isinstance(node, ast.Break) and builder.scope.loops:
            _last(builder, statements, i)
            return None
        if isinstance(node, ast.If):
            rest = statements[i + 1 :]
            if _returns(node) or _breaks(node):
                return _branch(builder, node, rest)
            _branch(builder, node, ())
            continue
        _plain(builder, node)
    return None


def _plain(builder: Builder, node: ast.stmt) -> None:
    match node:
        case ast.Assign([ast.Name(name)], ast.Call(ast.Name("push"), arguments, [])) if (
            name in builder.scope.groups
        ):
            _push(builder, node, name, arguments)
        case ast.Assign([ast.Name(name)], expression):
            _assign(builder, node, name, expression)
        case ast.Assign([ast.Attribute(ast.Name(program), _) as target], expression) if (
            program in builder.scope.programs
        ):
            _put(builder, state_of(builder, target, program), expression, target.attr)
        case ast.Assign([ast.Subscript(ast.Name(name)) as target], expression) if (
            name in builder.scope.groups
        ):
            _put(builder, axis_of(builder, target, name), expression, name)
        case ast.Assign([ast.Tuple()] | [ast.List()], _):
            raise builder.at(node, "Tuple assignment is not in the language: one name a statement.")
        case ast.Assign([target], _):
            raise builder.at(target, str(refuse(target)))
        case ast.Assign():
            raise builder.at(node, "Assign to one name at a time.")
        case ast.For():
            _loop(builder, node)
        case _Next(loop, indices):
            _iterate(builder, loop, indices)
        case ast.Expr(ast.Yield() | ast.Await() as inner):
            raise builder.at(node, str(refuse(inner)))
        case ast.Expr():
            raise builder.at(node, "This line has no effect: assign its value or return it.")
        case _:
            raise builder.at(node, str(refuse(node)))


def _push(builder: Builder, node: ast.stmt, name: str, arguments: list[ast.expr]) -> None:
    """`h = push(h, x)`: every value moves one place down, and x is the newest."""
    given = arguments[0] if len(arguments) == 2 else None
    if not isinstance(given, ast.Name) or given.id != name:
        raise builder.at(node, f"push is written {name} = push({name}, x).")
    newest = value(builder, arguments[1], name)
    keys = [f"{builder.scope.prefix}{name}[{k}]" for k in range(builder.scope.groups[name])]
    values = [builder.env[key] for key in keys[1:]]
    for key, ref in zip(keys, [*values, newest], strict=True):
        builder.env[key] = ref
        builder.assigned.append(key)


def _put(builder: Builder, key: str, expression: ast.expr, name: str) -> None:
    """Gives a state that the text names by more than a word a new value."""
    builder.env[key] = value(builder, expression, name)
    builder.assigned.append(key)


def _assign(builder: Builder, node: ast.stmt, name: str, expression: ast.expr) -> None:
    if name not in RESULTS:
        check_name(builder, node, name, "variable")
    elif name not in builder.scope.results:
        builder.scope.results.append(name)
    builder.assign(name, value(builder, expression, name))


def _last(builder: Builder, statements: Sequence[ast.stmt], i: int) -> None:
    after = statements[i + 1 :]
    if after and not isinstance(after[0], _Next):
        word = "return" if isinstance(statements[i], ast.Return) else "break"
        raise builder.at(after[0], f"Nothing after a `{word}` is run.")


def _returned(builder: Builder, node: ast.Return) -> Ref:
    if node.value is None:
        raise builder.at(node, "`return` gives the update, as in `return lr * g`.")
    if not isinstance(node.value, ast.Tuple):
        return value(builder, node.value)
    if not builder.scope.listing:
        raise builder.at(node, "Return one value, the update: states are assigned, not returned.")
    return _returned_listing(builder, node.value)


def _returned_listing(builder: Builder, node: ast.Tuple) -> Ref:
    """`return update, m, v`: the update, then each state's new value in the order of the inputs."""
    states = builder.scope.states
    if len(node.elts) != 1 + len(states):
        names = ", ".join(["update", *states])
        raise builder.at(node, f"Expected `return {names}`, not {len(node.elts)} values.")
    update, *finals = [value(builder, element) for element in node.elts]
    for name, final in zip(states, finals, strict=True):
        builder.assign(name, final)
    return update


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _always_leaves(statements: Sequence[ast.stmt]) -> bool:
    last = statements[-1] if statements else None
    if isinstance(last, ast.If):
        return _always_leaves(last.body) and _always_leaves(last.orelse)
    return isinstance(last, ast.Return | ast.Break)


def _returns(node: ast.stmt) -> bool:
    return any(isinstance(inner, ast.Return) for inner in ast.walk(node))


def _breaks(node: ast.stmt) -> bool:
    """Tells whether a `break` in a statement leaves the loop around it."""
    if isinstance(node, ast.If):
        return any(map(_breaks, [*node.body, *node.orelse]))
    return isinstance(node, ast.Break)


def _branch(builder: Builder, node: ast.If, rest: Sequence[ast.stmt]) -> Ref | None:
    """Reads both sides. If one leaves, the statements after the `if` belong to the other."""
    known = decided(builder, node.test)
    condition = value(builder, node.test) if known is None else Literal(known)
    returning = _returns(node)
    then, orelse = (
        side if _always_leaves(side) else [*side, *rest] for side in (node.body, node.orelse)
    )
    if isinstance(condition, Literal):  # an `if` on a constant, as in an unrolled loop
        return run(builder, then if condition.value else orelse)
    settled = builder.all_static((condition,))
    if returning and not settled:
        raise builder.at(node, "`return` stands in an `if` on shape, role or option only:"
                         " set a name on both sides and return it after.")
    builder.lazy += not settled
    before = dict(builder.env), builder.assigned, builder.body
    sides = _side(builder, then, before), _side(builder, orelse, before)
    builder.env, builder.assigned, builder.body = before
    builder.lazy -= not settled
    returned = [side.update is not None for side in sides]
    if any(returned) and not all(returned):
        raise builder.at(node, "One side of this `if` returns an update and the other does not:"
                         " return on both, or set `w` on both.")
    out = builder.branch(node, condition, sides, all(returned))
    return out if all(returned) else None


def _side(builder: Builder, statements: Sequence[ast.stmt], before: tuple) -> Side:
    builder.env, builder.assigned, builder.body = dict(before[0]), [], []
    update = run(builder, statements)
    return Side(builder.body, builder.env, builder.assigned, update)


def _loop(builder: Builder, node: ast.For) -> None:
    if node.orelse:
        raise builder.at(node.orelse[0], "`else` after a `for` is not in the language.")
    if not isinstance(node.target, ast.Name):
        raise builder.at(node.target, "A loop has one index, as in `for i in range(5)`.")
    if _returns(node):
        raise builder.at(node, "`return` inside a `for` is not in the language.")
    check_name(builder, node.target, node.target.id, "index")
    match node.iter:
        case ast.Call(ast.Name("axes")):
            _each_axis(builder, node, node.iter)
            return
    builder.scope.loops += 1
    _iterate(builder, node, _indices(builder, node.iter))
    builder.scope.loops -= 1


@dataclass
class _Next(ast.stmt):
    """What a side of an `if` that does not break goes on with: the loop, for the other indices."""

    loop: ast.For
    indices: Sequence


def _iterate(builder: Builder, node: ast.For, indices: Sequence) -> None:
    """Reads the body once for each index."""
    broken = any(map(_breaks, node.body))
    if broken and len(indices) > MAX_BREAKS:
        raise builder.at(node, f"A loop with a `break` runs {MAX_BREAKS} times at most.")
    for place, index in enumerate(indices):
        builder.spend(node)
        assert isinstance(node.target, ast.Name)
        builder.assign(node.target.id, Literal(index))
        if broken:
            run(builder, [*node.body, _Next(node, indices[place + 1 :])])
            return
        run(builder, node.body)


def _each_axis(builder: Builder, node: ast.For, asked: ast.Call) -> None:
    """`for axis in axes(w)` is its body under `if ndim(w) > 0:`, then under `> 1:`, and so on."""
    if len(asked.args) != 1 or asked.keywords:
        raise builder.at(asked, "axes takes a parameter, as in `for axis in axes(w)`.")
    count = ast.Call(ast.Name("ndim"), asked.args, [])
    assert isinstance(node.target, ast.Name)
    for axis in range(MAX_AXES):
        builder.spend(node)
        builder.assign(node.target.id, Literal(axis))
        test = ast.Compare(count, [ast.Gt()], [ast.Constant(axis)])
        branch = ast.copy_location(ast.If(test, node.body, []), node)
        for part in ast.walk(test):
            ast.copy_location(part, node)
        _branch(builder, branch, ())


def _indices(builder: Builder, node: ast.expr) -> Sequence:
    match node:
        case ast.Tuple(elements):
            return [static(builder, element, "The index") for element in elements]
        case ast.Call(ast.Name("range"), arguments, []) if 1 <= len(arguments) <= 3:
            ends = [static(builder, argument, "range") for argument in arguments]
            if all(isinstance(end, int) for end in ends) and (len(ends) < 3 or ends[2]):
                return range(*ends)  # type: ignore[arg-type]
    raise builder.at(node, "A loop runs over range(n), with n known before the run, or a tuple.")


def finish(builder: Builder, node: ast.FunctionDef, update: Ref | None) -> tuple[str, Ref]:
    """Returns what the `def` gives: ("return", update) or ("w", new parameters)."""
    scope = builder.scope
    changed = builder.env.get(scope.prefix + "w") if "w" in scope.results else None
    if update is not None and changed is not None:
        sentence = f"{scope.name} returns an update and assigns `w`: do one of the two."
        raise builder.at(node, sentence)
    if update is not None:
        return "return", update
    if changed is None:
        sentence = f"{scope.name} returns nothing: end with `return update`, or set `w`."
        raise builder.at(node, sentence)
    return "w", builder.read(ast.copy_location(ast.Name("w"), node))
