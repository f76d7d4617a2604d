"""What sets a rule apart from a known one, as a sentence made from the edits between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from dsl import Program
from primitives import TABLE

from .alignment import Alignment, Edit
from .settings import drivers, setting
from .trees import IF, NEXT, NUMBER, STATE, Form, Tree

SHOWN = 6  # changes that are told; of more, how many more
DEPTH = 3  # calls within calls that are written out
FAR = 0.5  # of all calls: a rule with more changes than that is another one
_SHORT = {"maximum": "max", "minimum": "min"}
_STRENGTH = {"add": 1, "sub": 1, "mul": 2, "div": 2, "mod": 2, "matmul": 2, "neg": 3, "pow": 4}

Names = Mapping[str, str]


def difference(
    name: str, rule: Program, theirs: Form, ours: Form, found: Alignment
) -> str:
    """Returns the sentence: `lion, with beta2 = 0.997, plus 0.1 * w on sign(...)`.

    rule, theirs: the known one, as its text has it and as a form; ours: the form of the other.
    """
    changes = list(dict.fromkeys(_changes(rule, theirs, ours, found)))
    if not changes:
        return name
    told = changes[:SHOWN]
    if len(changes) > SHOWN:
        told.append(f"and {len(changes) - SHOWN} more changes")
    return f"{name}, {', '.join(told)}"


def _changes(rule: Program, theirs: Form, ours: Form, found: Alignment) -> Iterator[str]:
    names = dict(found.states)
    moved = [(where, edit) for where, edit in found.edits if edit.kind == "number"]
    yield from _settings(rule, theirs, moved)
    for where, edit in found.edits:
        if edit.kind != "number":
            yield PHRASES[edit.kind](edit, names) + _in(where)
    for state in found.added:
        yield f"with a state {state} that becomes {said(ours.states[state], names)}"
    yield from (f"without the state {state}" for state in found.gone)
    yield from (f"with another first value of {names[state]}" for state in found.begun)


def _settings(rule: Program, theirs: Form, moved: Sequence[tuple[str, Edit]]) -> Iterator[str]:
    """Says other constants by the hyperparameter that makes them, where one alone does."""
    driven = drivers(rule, theirs) if moved else {}
    for where, edit in moved:
        new, old = float(edit.ours.value), float(edit.theirs.value)
        item = driven.get(edit.theirs)
        value = None if item is None else setting(rule, item, old, new)
        if item is None or value is None:
            yield f"with {new:.4g} in place of {old:.4g}" + _in(where)
        else:
            yield f"with {item.name} = {value:.4g}"


def _in(where: str) -> str:
    return f" in the next {where}" if where else ""


def _instead(edit: Edit, names: Names) -> str:
    new, old = edit.ours, edit.theirs
    if {new.op, old.op} == {STATE, NEXT} and names.get(str(new.value)) == old.value:
        return f"with {old.value} as it is {'after' if new.op == NEXT else 'before'} the step"
    return f"with {said(edit.ours, names)} in place of {said(edit.theirs, {})}"


def _more(edit: Edit, names: Names) -> str:
    around = said(edit.theirs, {}, depth=DEPTH - 1)
    return _added(edit.ours, edit.place, names, around, ("plus", "minus", "times", "over", "with"))


def _less(edit: Edit, names: Names) -> str:
    around = said(edit.ours, names, depth=DEPTH - 1)
    words = ("no longer plus", "no longer minus", "no longer times", "no longer over", "without")
    return _added(edit.theirs, edit.place, {}, around, words)


def _added(call: Tree, place: int, names: Names, around: str, words: tuple[str, ...]) -> str:
    """Says a call by what it does to one of its arguments, the value `around`."""
    plus, minus, times, over, around_it = words
    others = [said(arg, names, 2) for k, arg in enumerate(call.args) if k != place]
    sign = {("add", 0): plus, ("add", 1): plus, ("sub", 0): minus, ("mul", 0): times,
            ("mul", 1): times, ("div", 0): over}.get((call.op, place))  # fmt: skip
    if sign is not None:
        return f"{sign} {others[0]} on {around}"
    hole = [said(arg, names, 2) if k != place else "..." for k, arg in enumerate(call.args)]
    shown = _joined(call, hole)
    return f"{around_it} {shown} around {around}"


PHRASES: dict[str, Callable[[Edit, Names], str]] = {
    "call": _instead,
    "instead": _instead,
    "more": _more,
    "less": _less,
}


def said(tree: Tree, names: Names, strength: int = 0, depth: int = DEPTH) -> str:
    """Returns a tree as an expression, the known rule's names in the place of ours."""
    if tree.op == NUMBER:
        return f"{float(tree.value):.4g}"
    if not tree.args:
        name = str(tree.value)
        return names.get(name, name) if tree.op in (STATE, NEXT) else name
    if depth == 0:
        return "..."
    own = _STRENGTH.get(tree.op, 0)
    parts = [
        said(arg, names, own + (k > 0) if own else 0, depth - 1)
        for k, arg in enumerate(tree.args)
    ]
    written = _joined(tree, parts)
    return f"({written})" if own and own < strength else written


def _joined(tree: Tree, parts: list[str]) -> str:
    if tree.op == IF:
        return f"({parts[1]} if {parts[0]} else {parts[2]})"
    if tree.op == "neg":
        return f"-{parts[0]}"
    if tree.op in _STRENGTH:
        sign = TABLE[tree.op].operator
        return f" {sign} ".join(parts) if tree.op != "pow" else f"{parts[0]}**{parts[1]}"
    options = [f"{name}={value!r}" for name, value in tree.options]
    return f"{_SHORT.get(tree.op, tree.op)}({', '.join([*parts, *options])})"
