"""How one tree becomes another with the fewest edits, and which edits those are."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .trees import LEAF, NEXT, NUMBER, STATE, Form, Tree

OTHER_NUMBER = 0.25  # an edit that changes a constant, in calls added or taken away
OTHER_CALL = 1.0  # another function of the same values
CLOSE = 1e-6  # relative, of numbers that are the same
MOST_ORDERS = 2  # up to so many states, every pairing of them is tried


@dataclass(frozen=True)
class Edit:
    """One change of a known rule. kind: "number", "call", "more", "less" or "instead".

    ours, theirs: the values that it makes from the known rule's; place: of "more" and "less", which
    argument is what was there before, or is left.
    """

    kind: str
    ours: Tree
    theirs: Tree
    place: int = 0

    @property
    def added(self) -> frozenset[Tree]:
        """The values that only ours has, as far as this edit goes."""
        return _changed(self.ours, "more", self)

    @property
    def gone(self) -> frozenset[Tree]:
        """The values that only theirs has."""
        return _changed(self.theirs, "less", self)


def _changed(tree: Tree, kind: str, edit: Edit) -> frozenset[Tree]:
    if edit.kind == "instead":
        return tree.nodes
    if edit.kind != kind:
        return frozenset()
    others = [arg.nodes for k, arg in enumerate(tree.args) if k != edit.place]
    return frozenset({tree}).union(*others)


@dataclass(frozen=True)
class Alignment:
    """The edits that make a form from another, their cost, and which states are which.

    added and gone: states that only one of them has. begun: states that begin otherwise.
    """

    cost: float
    edits: tuple[tuple[str, Edit], ...]  # each with the name of the tree that it is in
    states: Mapping[str, str]  # the known rule's state, by ours
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()


Found = tuple[float, tuple[Edit, ...]]


class _Pairs:
    """The cheapest edits for pairs of trees, under a pairing of states; each is worked out once."""

    def __init__(self, states: Mapping[str, str] | None) -> None:
        self.states = states  # None: any state may be any other
        self.known: dict[tuple[Tree, Tree], Found] = {}

    def best(self, ours: Tree, theirs: Tree) -> Found:
        key = (ours, theirs)
        found = self.known.get(key)
        if found is None:
            self.known[key] = found = self._worked_out(ours, theirs)
        return found

    def _worked_out(self, ours: Tree, theirs: Tree) -> Found:
        if not ours.args and not theirs.args:
            return self._leaves(ours, theirs)
        whole = float(ours.size + theirs.size)
        tries: list[Found] = [(whole, (Edit("instead", ours, theirs),))]
        if len(ours.args) == len(theirs.args):
            same = ours.op == theirs.op and ours.options == theirs.options
            if same:
                found = self._calls(ours, theirs)
                if found[0] <= 1:  # what an added call costs at least
                    return found
                tries.append(found)
            else:
                cost, edits = self._calls(ours, theirs)
                tries.append((cost + OTHER_CALL, (Edit("call", ours, theirs), *edits)))
        tries += self._more(ours, theirs)
        tries += self._less(ours, theirs)
        return min(tries, key=lambda one: one[0])

    def _leaves(self, ours: Tree, theirs: Tree) -> Found:
        if ours.op == theirs.op:
            if ours.op == NUMBER:
                same = _close(float(ours.value), float(theirs.value))
                edit = Edit("number", ours, theirs)
                return (0.0, ()) if same else (OTHER_NUMBER, (edit,))
            if ours.op == LEAF and ours.value == theirs.value:
                return 0.0, ()
            if ours.op in (STATE, NEXT) and self._paired(ours, theirs):
                return 0.0, ()
        return 1.0, (Edit("instead", ours, theirs),)

    def _paired(self, ours: Tree, theirs: Tree) -> bool:
        return self.states is None or self.states.get(str(ours.value)) == theirs.value

    def _calls(self, ours: Tree, theirs: Tree) -> Found:
        orders = [theirs.args]
        if ours.commutative and theirs.commutative:
            orders.append(theirs.args[::-1])
        return min((self._each(ours.args, order) for order in orders), key=lambda one: one[0])

    def _each(self, ours: Sequence[Tree], theirs: Sequence[Tree]) -> Found:
        parts = [self.best(a, b) for a, b in zip(ours, theirs, strict=True)]
        return sum(cost for cost, _ in parts), tuple(e for _, edits in parts for e in edits)

    def _more(self, ours: Tree, theirs: Tree) -> Iterable[Found]:
        """Takes a call of ours for added around one of its arguments."""
        for place, arg in enumerate(ours.args):
            if not isinstance(arg.value, float):
                cost, edits = self.best(arg, theirs)
                own = 1 + sum(other.size for k, other in enumerate(ours.args) if k != place)
                yield cost + own, (Edit("more", ours, theirs, place), *edits)

    def _less(self, ours: Tree, theirs: Tree) -> Iterable[Found]:
        """Takes a call of theirs for gone from around one of its arguments."""
        for place, arg in enumerate(theirs.args):
            if not isinstance(arg.value, float):
                cost, edits = self.best(ours, arg)
                own = 1 + sum(other.size for k, other in enumerate(theirs.args) if k != place)
                yield cost + own, (Edit("less", ours, theirs, place), *edits)


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= CLOSE * max(abs(a), abs(b))


def aligned(ours: Form, theirs: Form) -> Alignment:
    """Returns the cheapest way found to make our form from theirs."""
    sys.setrecursionlimit(max(10_000, sys.getrecursionlimit()))
    tries = [_under(ours, theirs, pairing) for pairing in _pairings(ours, theirs)]
    return min(tries, key=lambda one: one.cost)


def _pairings(ours: Form, theirs: Form) -> list[dict[str, str]]:
    """Pairings of states: all where there are few, else the one of most alike updates."""
    few = min(len(ours.states), len(theirs.states))
    if max(len(ours.states), len(theirs.states)) <= MOST_ORDERS:
        a, b = list(ours.states), list(theirs.states)
        if len(a) <= len(b):
            pairs = [dict(zip(a, some, strict=True)) for some in itertools.permutations(b, few)]
        else:
            pairs = [dict(zip(some, b, strict=True)) for some in itertools.permutations(a, few)]
        return [_alike(pair, ours, theirs) for pair in pairs]
    any_state = _Pairs(None)
    costs = sorted(
        (any_state.best(ours.states[a], theirs.states[b])[0], a, b)
        for a in ours.states for b in theirs.states if ours.kinds[a][0] == theirs.kinds[b][0]
    )  # fmt: skip
    pairing: dict[str, str] = {}
    for _, a, b in costs:
        if a not in pairing and b not in pairing.values():
            pairing[a] = b
    return [pairing]


def _alike(pairing: dict[str, str], ours: Form, theirs: Form) -> dict[str, str]:
    """A pairing without pairs of states of different kinds."""
    return {a: b for a, b in pairing.items() if ours.kinds[a][0] == theirs.kinds[b][0]}


def _under(ours: Form, theirs: Form, states: Mapping[str, str]) -> Alignment:
    pairs = _Pairs(states)
    told = [("", edit) for edit in pairs.best(ours.update, theirs.update)[1]]
    for a, b in states.items():
        told += [(b, edit) for edit in pairs.best(ours.states[a], theirs.states[b])[1]]
    added = tuple(name for name in ours.states if name not in states)
    gone = tuple(name for name in theirs.states if name not in states.values())
    edits = {edit: where for where, edit in reversed(told)}  # what is shared is changed once
    begun = tuple(a for a, b in states.items() if ours.kinds[a] != theirs.kinds[b])
    ours_only = [edit.added for edit in edits] + [ours.states[name].nodes for name in added]
    theirs_only = [edit.gone for edit in edits] + [theirs.states[name].nodes for name in gone]
    cost = OTHER_NUMBER * sum(edit.kind == "number" for edit in edits)
    cost += OTHER_CALL * sum(edit.kind == "call" for edit in edits)
    cost += len(frozenset().union(*ours_only)) + len(frozenset().union(*theirs_only))
    cost += len(added) + len(gone) + len(begun) + (ours.moved != theirs.moved)
    kept = tuple((where, edit) for edit, where in reversed(edits.items()))
    return Alignment(cost, kept, states, added, gone, begun)
