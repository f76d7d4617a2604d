"""Linear states as few moving averages: the system of a program, and its smallest realization.

States that are linear in each other and in what they are fed are a system, s' = A s + B u and
y = C s + D u, where u are values that come from elsewhere (a gradient, its square) and y are those
that are read elsewhere. Of all systems that give the same y for the same u, one has the fewest
states (Kalman, 1963, Mathematical description of linear dynamical systems); where A has a full set
of eigenvectors, each of these states can be a moving average of its own rate (Gilbert, 1963,
Controllability and observability in multivariable control systems). All of it is worked out in
fractions, so nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from . import rational
from .program import Call, Literal, Ref
from .rational import Matrix
from .sums import Form, Forms


@dataclass(frozen=True)
class Average:
    """s' = rate * s + gain * (what it is fed), with gain 1 - rate unless that is 0."""

    rate: Fraction
    fed: Form

    @property
    def gain(self) -> Fraction:
        return 1 - self.rate if self.rate != 1 else Fraction(1)


@dataclass(frozen=True)
class Reduced:
    """A system as averages: outputs by their old values and by what the step is fed."""

    averages: tuple[Average, ...]
    outputs: Mapping[Ref, tuple[tuple[Fraction, ...], Form]]


def reduced(forms: Forms) -> Reduced | None:
    """Returns the members as averages, None where they are so already or cannot be.

    They cannot where the rates are no fractions, or where two averages in a row share one.
    """
    states = [state.name for state in forms.program.states if state.name in forms.members]
    after = {name: forms.of(ref) for name, ref in forms.program.results if name in states}
    outputs = _outputs(forms)
    every = [*after.values(), *(forms.of(ref) for ref in outputs)]
    fed = list(dict.fromkeys(key for form in every for key in form if key not in states))

    def rows(some: Sequence[Form], keys: Sequence[Ref]) -> Matrix:
        return [[form.get(key, Fraction(0)) for key in keys] for form in some]

    a = rows([after[name] for name in states], states)
    diagonal = all(not x or i == j for i, row in enumerate(a) for j, x in enumerate(row))
    if not outputs or not fed:
        return None
    b = rows([after[name] for name in states], fed)
    c = rows([forms.of(ref) for ref in outputs], states)
    found = _modes(a, b, c)
    if found is None or len(found) > len(states):
        return None
    if len(found) == len(states) and diagonal and not _entangled(forms):
        return None
    averages = tuple(
        Average(rate, {key: x for key, x in zip(fed, row, strict=True) if x})
        for rate, row, _ in found
    )
    scaled = [
        [x / average.gain for x in column]
        for average, (_, _, column) in zip(averages, found, strict=True)
    ]
    direct = [{k: v for k, v in forms.of(ref).items() if k not in states} for ref in outputs]
    by_output = [tuple(column[place] for column in scaled) for place in range(len(outputs))]
    return Reduced(averages, dict(zip(outputs, zip(by_output, direct, strict=True), strict=True)))


def _entangled(forms: Forms) -> bool:
    """Tells whether a new value is written by way of another sum than of its own old value."""
    made = {call.out: call for call in forms.program.body if isinstance(call, Call)}
    for name, ref in forms.program.results:
        call = made.get(ref) if isinstance(ref, int) else None
        if name not in forms.members or call is None or not forms.is_linear(call):
            continue
        inner = [made[arg] for arg in call.args if isinstance(arg, int) and arg in made]
        if any(forms.is_linear(one) and set(forms.of(one.out)) != {name} for one in inner):
            return True
    return False


def _outputs(forms: Forms) -> list[Ref]:
    """Returns the sums with a state in them that something else than a sum reads."""
    read: list[Ref] = []
    for call in forms.program.body:
        assert isinstance(call, Call)
        if not forms.is_linear(call):
            read += call.args
    read += [ref for role, ref in forms.program.results if role not in forms.members]
    kept = [ref for ref in dict.fromkeys(read) if not isinstance(ref, Literal)]
    return [ref for ref in kept if forms.has_state(ref)]


def _modes(
    a: Matrix, b: Matrix, c: Matrix
) -> list[tuple[Fraction, list[Fraction], list[Fraction]]] | None:
    """Returns (rate, what it is fed, how much of it each output has) of the fewest states."""
    rates = rational.eigenvalues(a)
    if rates is None:
        return None
    size = len(a)
    whole = rational.identity(size)
    for rate in rates:
        whole = rational.times(whole, rational.shifted(a, rate))
    if not rational.is_zero(whole):
        return None
    modes = []
    for rate in rates:
        projector = rational.identity(size)
        for other in rates:
            if other != rate:
                factor = rational.shifted(a, other, rate - other)
                projector = rational.times(projector, factor)
        residue = rational.times(c, rational.times(projector, b))
        rows, pivots = rational.echelon(residue)
        for row, pivot in zip(rows, pivots, strict=True):
            modes.append((rate, row, [line[pivot] for line in residue]))
    return modes
