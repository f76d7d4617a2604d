"""Finds where an equation of `dsl.rules` fits a program, and what then stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from primitives import TABLE

from .facts import Facts, number
from .program import Call, Literal, Ref
from .rules import NEARLY, RULES
from .terms import Fact, Known, Numbers, Pattern, Rule, Term, Unknown

Bindings = dict[str, Ref]
Table = Mapping[str, Sequence[Rule]]  # the rules by the primitive that their left side begins with
WHOLE = 1e-11  # how far two shares may be from 1 together: constants are kept to twelve digits


@dataclass(frozen=True)
class Rewriting:
    """What may stand for a call: its name and caveat, the calls to make and the last value."""

    name: str
    caveat: str
    made: list[Call]
    new: Ref


def rewritings(call: Call, facts: Facts, nearly: bool) -> Iterator[Rewriting]:
    """Yields what each rule that fits a call puts in its place.

    nearly: rules with a caveat are used too.
    """
    folded = _folded(call)
    if folded is not None:
        yield Rewriting("arithmetic on constants", "", [], folded)
    rules = _BY_OP_NEARLY if nearly else _BY_OP
    for rule in rules.get(call.op, ()):
        for bindings in _matches(rule.left, call.out, {}, facts):
            if all(_holds(fact, bindings, facts) for fact in rule.facts):
                made: list[Call] = []
                new = _built(rule.right, bindings, made, facts.fresh)
                if made:  # the variable that was assigned keeps its name
                    made[-1] = replace(made[-1], name=call.name)
                yield Rewriting(str(rule), rule.caveat, made, new)


def _holds(fact: Known, bindings: Bindings, facts: Facts) -> bool:
    if isinstance(fact, Fact):
        return facts.holds(fact, bindings[fact.name])
    if isinstance(fact, Numbers):
        return all(facts.is_number(bindings[name]) for name in fact.names)
    first, second = (facts.value(bindings[name]) for name in fact.names)
    return first is not None and second is not None and second <= 0.5 and (
        abs(first + second - 1) <= WHOLE
    )


def _by_op(rules: Sequence[Rule]) -> Table:
    return {op: tuple(rule for rule in rules if rule.left.op == op) for op in TABLE}


_BY_OP, _BY_OP_NEARLY = _by_op(RULES), _by_op(RULES + NEARLY)


def _folded(call: Call) -> Literal | None:
    """Returns the value of a call on numbers, if it is a finite one."""
    values = [ref.value for ref in call.args if isinstance(ref, Literal)]
    if len(values) < len(call.args) or TABLE[call.op].result != "join":
        return None
    return number(call.op, values)


def _matches(
    pattern: Pattern, ref: Ref, bindings: Bindings, facts: Facts
) -> Iterator[Bindings]:
    if isinstance(pattern, Unknown):
        known = bindings.get(pattern.name)
        if pattern.constant and not _is_number(ref):
            return
        if known is None:
            yield bindings | {pattern.name: ref}
        elif known == ref:
            yield bindings
    elif isinstance(pattern, Term):
        call = facts.definitions.get(ref) if isinstance(ref, int) else None
        if call is not None and call.op == pattern.op and not call.options:
            yield from _match_args(pattern, call.args, bindings, facts)
    elif _is_number(ref) and ref.value == pattern:  # type: ignore[union-attr]
        yield bindings


def _match_args(
    pattern: Term, args: tuple[Ref, ...], bindings: Bindings, facts: Facts
) -> Iterator[Bindings]:
    orders = [args]
    if TABLE[pattern.op].commutative and args[0] != args[1]:
        orders.append((args[1], args[0]))
    for order in orders:
        found = [bindings]
        for one, ref in zip(pattern.args, order, strict=True):
            found = [more for known in found for more in _matches(one, ref, known, facts)]
        yield from found


def _is_number(ref: Ref) -> bool:
    return isinstance(ref, Literal) and ref.value.__class__ in (int, float)


def _built(pattern: Pattern, bindings: Bindings, made: list[Call], fresh: int) -> Ref:
    """Returns the value of a right side; the calls that it takes are added to `made`."""
    if isinstance(pattern, Unknown):
        return bindings[pattern.name]
    if not isinstance(pattern, Term):
        return Literal(pattern)
    args = tuple([_built(arg, bindings, made, fresh) for arg in pattern.args])
    call = Call(fresh + len(made), pattern.op, args)
    folded = _folded(call)
    if folded is not None:
        return folded
    made.append(call)
    return call.out
