"""Sums of products with rational coefficients: two ways of writing one value have one such sum."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

MOST = 24  # terms of a sum that is multiplied out

CLOSE = Fraction(1, 10**11)  # to 1: constants are kept to twelve digits

Atom = Hashable  # a value that is no sum and no product, or a Sum
Powers = tuple[tuple[Atom, int], ...]  # atoms and exponents, in a fixed order


class Number:
    """A coefficient; a float in the text is data and stays one, a whole number is structure."""

    __slots__ = ("floating", "hash", "value")

    def __init__(self, value: Fraction, floating: bool = False) -> None:
        self.value, self.floating = value, floating
        self.hash = hash((value, floating))

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Number)
            and self.hash == other.hash
            and (self.value, self.floating) == (other.value, other.floating)
        )

    def __add__(self, other: Number) -> Number:
        return _number(self.value + other.value, self.floating or other.floating)

    def __mul__(self, other: Number) -> Number:
        return _number(self.value * other.value, self.floating or other.floating)

    def inverse(self) -> Number:
        """Returns 1 / x."""
        return _number(1 / self.value, self.floating)

    def negated(self) -> Number:
        """Returns -x."""
        return _number(-self.value, self.floating)


def _number(value: Fraction, floating: bool) -> Number:
    if floating and abs(abs(value) - 1) < CLOSE:
        return ONE if value > 0 else MINUS
    return Number(value, floating)


ONE, MINUS = Number(Fraction(1)), Number(Fraction(-1))

Terms = tuple[tuple[Powers, Number], ...]


class Sum:
    """Terms in a fixed order; none has the coefficient 0. As an atom it is not multiplied out."""

    __slots__ = ("hash", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.hash = hash(terms)  # worked out once: sums are keys of sums

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Sum) and self.hash == other.hash and self.terms == other.terms
        )

    @property
    def single(self) -> bool:
        """Whether it has one term."""
        return len(self.terms) == 1

    def atoms(self) -> set[Atom]:
        """Returns the atoms of all terms."""
        return {atom for powers, _ in self.terms for atom, _ in powers}


ZERO = Sum(())
Fixed = Callable[[dict[Atom, int]], "Sum | None"]  # another form of a product of atoms


@dataclass(frozen=True)
class Algebra:
    """Adds and multiplies sums.

    key: orders atoms. closed: whether an atom is a constant of the run, so that a sum of such is
    multiplied out. fixed: what certain atoms make beside each other, as sqrt(x) * sqrt(x) makes x.
    """

    key: Callable[[Atom], tuple]
    closed: Callable[[Atom], bool]
    fixed: Fixed

    def number(self, value: Fraction, floating: bool) -> Sum:
        """Returns a constant."""
        return Sum((((), _number(value, floating)),)) if value else ZERO

    def atom(self, atom: Atom, exponent: int = 1) -> Sum:
        """Returns a power of an atom."""
        return self.product({atom: exponent}, ONE)

    def sum(self, terms: Iterable[tuple[Powers, Number]]) -> Sum:
        """Collects like terms."""
        total: dict[Powers, Number] = {}
        for powers, coefficient in terms:
            known = total.get(powers)
            total[powers] = coefficient if known is None else known + coefficient
        kept = [(powers, c) for powers, c in total.items() if c.value]
        return Sum(tuple(sorted(kept, key=lambda term: self.order(term[0]))))

    def order(self, powers: Powers) -> tuple:
        """Orders products: constants last."""
        return not powers, tuple((self.key(atom), exponent) for atom, exponent in powers)

    def add(self, x: Sum, y: Sum, by: Number = ONE) -> Sum:
        """Returns x + by * y."""
        return self.sum([*x.terms, *self.scaled(y, by).terms])

    def scaled(self, x: Sum, by: Number) -> Sum:
        """Returns by * x."""
        return Sum(tuple((powers, by * c) for powers, c in x.terms)) if by.value else ZERO

    def product(self, powers: Mapping[Atom, int], coefficient: Number) -> Sum:
        """Returns a product of powers of atoms."""
        held = {atom: exponent for atom, exponent in powers.items() if exponent}
        for atom in [a for a, exponent in held.items() if isinstance(a, Sum) and exponent == 1]:
            if all(self.closed(a) for a in atom.atoms()):
                del held[atom]
                return self.times(self.product(held, coefficient), atom)
        other = self.fixed(held)
        if other is not None:
            return self.scaled(other, coefficient)
        return Sum(((tuple(sorted(held.items(), key=lambda one: self.key(one[0]))), coefficient),))

    def times(self, x: Sum, y: Sum) -> Sum:
        """Returns x * y, a sum times a sum only multiplied out if one is a constant of the run."""
        if not x.terms or not y.terms:
            return ZERO
        if y.single:
            x, y = y, x
        if not x.single:
            open_out = any(all(map(self.closed, one.atoms())) for one in (x, y))
            if not open_out or len(x.terms) * len(y.terms) > MOST:
                x, y = self.as_factor(x), self.as_factor(y)
        elif not y.single:
            x, y = self._cancelled(x, y)
        parts = [
            term
            for first, a in x.terms
            for second, b in y.terms
            for term in self.product(_joined(first, second), a * b).terms
        ]
        return self.sum(parts)

    def _cancelled(self, x: Sum, y: Sum) -> tuple[Sum, Sum]:
        """A product that divides by the sum that it is multiplied with, or holds its power."""
        scale, base = self.primitive(y)
        held = dict(x.terms[0][0])
        return (x, self.scaled(self.as_atom(base), scale)) if base in held else (x, y)

    def as_factor(self, x: Sum) -> Sum:
        """Returns a sum as one product: its scale and itself as an atom."""
        if x.single or not x.terms:
            return x
        scale, base = self.primitive(x)
        common = self.common(base)
        powers = [*common, (self.divided(base, common), 1)]
        return Sum(((tuple(sorted(powers, key=lambda one: self.key(one[0]))), scale),))

    def as_atom(self, base: Sum) -> Sum:
        """Returns a sum as an atom of its own."""
        return Sum(((((base, 1),), ONE),))

    def primitive(self, x: Sum) -> tuple[Number, Sum]:
        """Returns a number and the sum without it: one for all multiples of a sum."""
        scale = next((c for _, c in x.terms if abs(c.value) == 1), None)
        if scale is None:
            scale = max((c for _, c in x.terms), key=lambda c: abs(c.value))
        lead = next((c for powers, c in x.terms if not powers), x.terms[0][1])
        if lead.value * scale.value < 0:
            scale = scale.negated()
        return scale, self.scaled(x, scale.inverse())

    def common(self, x: Sum) -> Powers:
        """Returns the factor that all terms share."""
        shared = dict(x.terms[0][0])
        for powers, _ in x.terms[1:]:
            held = dict(powers)
            shared = {
                atom: _nearest_to_zero(exponent, held[atom])
                for atom, exponent in shared.items()
                if exponent * held.get(atom, 0) > 0
            }
        return tuple(shared.items())

    def divided(self, x: Sum, by: Powers) -> Sum:
        """Returns a sum whose terms all hold a factor, without it."""
        inverse = tuple((atom, -exponent) for atom, exponent in by)
        return self.sum(
            (tuple((a, e) for a, e in _joined(powers, inverse).items() if e), c)
            for powers, c in x.terms
        )

    def power(self, x: Sum, exponent: int) -> Sum:
        """Returns a whole power."""
        if not x.terms:
            return ZERO if exponent > 0 else self.as_atom_power(x, exponent)
        (powers, coefficient), *more = self.as_factor(x).terms
        assert not more
        scale = ONE
        for _ in range(abs(exponent)):
            scale = scale * (coefficient if exponent > 0 else coefficient.inverse())
        return self.product({atom: e * exponent for atom, e in powers}, scale)

    def as_atom_power(self, x: Sum, exponent: int) -> Sum:
        """Returns a power that is not worked out, as that of 0."""
        return Sum(((((x, exponent),), ONE),))


def _nearest_to_zero(x: int, y: int) -> int:
    return min(x, y) if x > 0 else max(x, y)


def _joined(first: Powers, second: Powers) -> dict[Atom, int]:
    total = dict(first)
    for atom, exponent in second:
        total[atom] = total.get(atom, 0) + exponent
    return total
