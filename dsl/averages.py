"""Writes the linear states of a program as moving averages, fewer if they can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from .program import Block, Call, Declared, Literal, Program, Ref, State
from .realization import Reduced, reduced
from .sums import ONE, Forms, add


def averaged(program: Program, *, longer: bool = False) -> Program | None:
    """Returns the program with its linear states as moving averages, fewer if they can be.

    longer: also where that takes more calls. None where they are so already or cannot be (see
    `reduced`), and where the program has an `if` beside them.
    """
    members = frozenset(
        state.name for state in program.states
        if state.declared == Declared("Tensor") and state.init == Block((), (Literal(0),))
    )  # fmt: skip
    if not members or not all(isinstance(statement, Call) for statement in program.body):
        return None
    forms = Forms(program, members)
    found = reduced(forms)
    if found is None:
        return None
    made = _written(forms, found)
    fewer = len(made.states) < len(program.states)
    return made if longer or fewer or len(made.body) <= len(program.body) else None


class _Writer:
    """Writes the new body: sums of averages in the place of the old sums."""

    def __init__(self, forms: Forms, found: Reduced) -> None:
        self.forms, self.reduced = forms, found
        numbers = [call.out for call in forms.program.body]  # type: ignore[union-attr]
        self.fresh = 1 + max(numbers, default=0)
        names = [s.name for s in forms.program.states if s.name in forms.members]
        self.names = names[: len(found.averages)]
        self.body: list[Call] = []
        self.new: dict[int, Ref] = {}  # the new values of averages, as far as they are known
        self.stand_ins: dict[Ref, Ref] = {}  # for the outputs

    def call(self, op: str, *args: Ref, name: str = "") -> int:
        self.body.append(Call(self.fresh, op, args, name=name))
        self.fresh += 1
        return self.fresh - 1

    def sum(self, terms: Sequence[tuple[Fraction, Ref]], name: str = "") -> Ref:
        """Adds the calls of a sum; of two terms whose coefficients add up to 1, a lerp."""
        terms = [(c, ref) for c, ref in terms if c]
        if len(terms) == 2 and terms[0][0] + terms[1][0] == 1 and ONE not in (
            terms[0][1], terms[1][1],
        ):
            return self.call("lerp", terms[0][1], terms[1][1], _literal(terms[1][0]), name=name)
        total: Ref | None = None
        for place, (coefficient, ref) in enumerate(terms):
            last = name if place == len(terms) - 1 else ""
            sign = "sub" if coefficient < 0 and total is not None else "add"
            size = abs(coefficient) if sign == "sub" else coefficient
            part = self.scaled(size, ref, last if total is None else "")
            total = part if total is None else self.call(sign, total, part, name=last)
        return Literal(0) if total is None else total

    def scaled(self, coefficient: Fraction, ref: Ref, name: str = "") -> Ref:
        if ref == ONE:
            return _literal(coefficient)
        if coefficient == 1:
            return ref
        if coefficient == -1:
            return self.call("neg", ref, name=name)
        return self.call("mul", ref, _literal(coefficient), name=name)

    def begin(self, known: set[Ref]) -> None:
        """Writes every average whose food is there."""
        for place, average in enumerate(self.reduced.averages):
            if place in self.new or not all(self.is_there(key, known) for key in average.fed):
                continue
            food = self.sum([(c, ref) for ref, c in average.fed.items()])
            state = self.names[place]
            terms = [(average.rate, state), (average.gain, food)]
            self.new[place] = self.sum(terms, state)  # type: ignore[arg-type]

    def is_there(self, key: Ref, known: set[Ref]) -> bool:
        return not isinstance(key, int) or key in known

    def output(self, ref: Ref, name: str) -> None:
        """Writes a sum that is read, with new values of averages where that is shorter."""
        shares, direct = self.reduced.outputs[ref]
        direct, terms = dict(direct), []
        for place, share in enumerate(shares):
            average = self.reduced.averages[place]
            if not share:
                continue
            if average.rate and place in self.new:
                rest = dict(direct)
                scale = share / average.rate
                add(rest, average.fed, -scale * average.gain)
                if len(rest) < len(direct):
                    terms.append((scale, self.new[place]))
                    direct = rest
                    continue
            terms.append((share, self.names[place]))
        terms += [(coefficient, key) for key, coefficient in direct.items()]
        self.stand_ins[ref] = self.sum(terms, name)


def _literal(number: Fraction) -> Literal:
    value = float(number)
    return Literal(int(value)) if number.denominator == 1 and abs(value) < 2**53 else Literal(value)


def _written(forms: Forms, found: Reduced) -> Program:
    program, writer = forms.program, _Writer(forms, found)
    known: set[Ref] = set()
    writer.begin(known)
    for name in forms.members:
        if name in found.outputs:
            writer.output(name, "")
    for call in program.body:
        assert isinstance(call, Call)
        if forms.is_linear(call):
            if call.out in found.outputs:
                writer.output(call.out, call.name)
            continue
        args = tuple(writer.stand_ins.get(arg, arg) for arg in call.args)
        writer.body.append(replace(call, args=args))
        known.add(call.out)
        writer.begin(known)
    after = {name: writer.new[place] for place, name in enumerate(writer.names)}
    others = [(role, ref) for role, ref in program.results if role not in forms.members]
    results = [*after.items(), *((r, writer.stand_ins.get(ref, ref)) for r, ref in others)]
    states = tuple(s for s in program.states if s.name in after or s.name not in forms.members)
    return replace(
        program, states=states, body=tuple(writer.body), results=_ordered(states, results)
    )


def _ordered(
    states: Sequence[State], results: Sequence[tuple[str, Ref]]
) -> tuple[tuple[str, Ref], ...]:
    """Returns the results in the order that a program has them: states first, as declared."""
    of = dict(results)
    first = [state.name for state in states]
    return tuple((role, of[role]) for role in [*first, *(r for r in of if r not in first)])
