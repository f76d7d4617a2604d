"""The shortest way that is found to write a sum of products: factored, as averages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction

from .formula import Tree, call, constant, fraction, leaf, with_number
from .polynomial import CLOSE, MINUS, ONE, Algebra, Atom, Number, Powers, Sum
from .program import Literal

FEW = 10  # terms of a sum whose every factor is tried
COMPLEMENT = 0.25  # what `1 - beta` costs as the share of an average, in calls


@dataclass
class Writer:
    """Finds trees for sums.

    rank: the size of an atom's arrays, so that numbers are multiplied first.
    """

    algebra: Algebra
    rank: Callable[[Atom], int]
    states: Set[Atom]
    hypers: Set[Atom]
    known: dict[Sum, Tree] = field(default_factory=dict)

    def tree(self, x: Sum) -> Tree:
        """Returns the tree of a sum."""
        found = self.known.get(x)
        if found is None:
            found = self.known[x] = min(self._ways(x), key=lambda tree: round(tree.cost, 6))
        return found

    def _ways(self, x: Sum) -> Iterator[Tree]:
        """Yields ways to write a sum, the best of equals first."""
        if not x.terms:
            yield leaf(Literal(0))
            return
        if x.single:
            ((powers, coefficient),) = x.terms
            yield self.product(powers, coefficient)
            return
        if all(c.value < 0 for _, c in x.terms):
            yield call("neg", self.tree(self.algebra.scaled(x, MINUS)))
            return
        common, size = self.algebra.common(x), _shared_size(x)
        sizes = [size, _own_size(x)] if common else [size] if size != ONE else []
        for size in dict.fromkeys(reversed(sizes)):
            rest = self.algebra.scaled(self.algebra.divided(x, common), size.inverse())
            yield self.product((*common, (rest, 1)), size)
        if common:
            return
        yield from self._averages(x)
        if len(x.terms) <= FEW:
            yield from self._of_numbers(x)
            yield from self._split(x)
        yield self._plain(x)

    def _plain(self, x: Sum) -> Tree:
        """Adds what is positive, then takes away the rest."""
        first = [term for term in x.terms if term[1].value > 0]
        then = [term for term in x.terms if term[1].value < 0]
        total = self.product(*first[0])
        for powers, c in first[1:]:
            total = call("add", total, self.product(powers, c))
        for powers, c in then:
            total = call("sub", total, self.product(powers, c.negated()))
        return total

    def _split(self, x: Sum) -> Iterator[Tree]:
        """Yields factor * some + others."""
        for factor, some, others in self._factors(x):
            if others.terms and not some.single:
                negative = all(c.value < 0 for _, c in some.terms)
                some = self.algebra.scaled(some, MINUS) if negative else some
                part = self.product((*factor, (some, 1)), ONE)
                yield self._added(others, part, negative)
                if others in (some, self.algebra.scaled(some, MINUS)):
                    same = (others == some) != negative
                    one = self.algebra.number(Fraction(1), False)
                    rest = self.algebra.add(one, Sum(((factor, ONE),)), ONE if same else MINUS)
                    yield self.product(((rest, 1), (others, 1)), ONE)

    def _added(self, others: Sum, part: Tree, negative: bool) -> Tree:
        if not negative and all(c.value < 0 for _, c in others.terms):
            return call("sub", part, self.tree(self.algebra.scaled(others, MINUS)))
        if negative:
            return call("sub", self.tree(others), part)
        constant = not others.terms[-1][0]
        return call("add", *((part, self.tree(others)) if constant else (self.tree(others), part)))

    def _factors(self, x: Sum) -> Iterator[tuple[Powers, Sum, Sum]]:
        """Yields a factor of at least two terms, these without it, and the other terms."""
        algebra, seen = self.algebra, set()
        for atom in sorted(x.atoms(), key=algebra.key):
            for sign in (1, -1):
                some = Sum(tuple(t for t in x.terms if dict(t[0]).get(atom, 0) * sign > 0))
                if len(some.terms) < 2 or some in seen:
                    continue
                seen.add(some)
                factor = algebra.common(some)
                others = Sum(tuple(t for t in x.terms if t not in some.terms))
                yield factor, algebra.divided(some, factor), others

    def _averages(self, x: Sum) -> Iterator[Tree]:
        """Yields x + s * (y - x) as lerp(x, y, s), where y is shorter than y - x."""
        algebra = self.algebra
        for factor, some, start in self._factors(x):
            yield from self._as_average(start, some, Sum(((factor, ONE),)))
        for place, (powers, coefficient) in enumerate(x.terms):
            start = Sum((*x.terms[:place], *x.terms[place + 1 :]))
            for atom, exponent in powers:
                if not isinstance(atom, Sum) or exponent != 1:
                    continue
                share = algebra.number(Fraction(1), False)
                for other, power in powers:
                    if other is not atom:
                        whole = isinstance(other, Sum) and power == 1
                        part = other if whole else algebra.atom(other, power)
                        share = algebra.times(share, part)  # type: ignore[arg-type]
                some = algebra.scaled(atom, coefficient)
                yield from self._as_average(start, some, share)
                turned = algebra.scaled(some, MINUS), algebra.scaled(share, MINUS)
                yield from self._as_average(start, *turned)

    def _as_average(self, start: Sum, some: Sum, share: Sum) -> Iterator[Tree]:
        """Yields start + share * some as an average, what both its ends have beside it."""
        end = self.algebra.add(start, some)
        if not start.terms or len(end.terms) >= len(start.terms) + len(some.terms):
            return
        both = [term for term in start.terms if term in end.terms]
        first, last = (
            Sum(tuple(term for term in one.terms if term not in both)) for one in (start, end)
        )
        if first.terms and last.terms:
            average = self._average(first, last, share)
            yield self._joined(average, Sum(tuple(both))) if both else average
        elif first.terms and both:
            rest = self.algebra.add(self.algebra.number(Fraction(1), False), share, MINUS)
            negative = all(c.value < 0 for _, c in first.terms)
            first = self.algebra.scaled(first, MINUS) if negative else first
            part = self.product(((rest, 1), (first, 1)), ONE)
            yield self._added(Sum(tuple(both)), part, negative)

    def _average(self, start: Sum, end: Sum, share: Sum) -> Tree:
        """lerp(start, end, share), or its other way of writing: the old value of a state first."""
        rest = self.algebra.add(self.algebra.number(Fraction(1), False), share, MINUS)
        ways = [(start, end, self.tree(share)), (end, start, self._complement(rest))]
        plain = all(map(self.algebra.closed, share.atoms()))
        if plain and self._is_state(end) != self._is_state(start):
            ways = ways[self._is_state(end) :][:1]
        trees = [call("lerp", self.tree(x), self.tree(y), share) for x, y, share in ways]
        return min(trees, key=lambda tree: round(tree.cost, 6))

    def _complement(self, rest: Sum) -> Tree:
        tree = self.tree(rest)
        one, *other = tree.args or (tree,)
        bare = tree.op == "sub" and one.leaf == Literal(1) and other[0].leaf in self.hypers
        return replace(tree, cost=COMPLEMENT) if bare else tree

    def _is_state(self, x: Sum) -> bool:
        return x.terms[0][0] in {((name, 1),) for name in self.states} and x.single

    def _of_numbers(self, x: Sum) -> Iterator[Tree]:
        """Yields averages whose shares are numbers, with the other terms beside or inside them."""
        groups: dict[Number, list[tuple[Powers, Number]]] = {}
        for term in x.terms:
            groups.setdefault(term[1], []).append(term)
        shares = sorted(groups, key=lambda c: c.value)
        pairs = [(a, b) for i, a in enumerate(shares) for b in shares[i + 1 :]]
        for small, large in pairs:
            whole = abs(small.value + large.value - 1) < CLOSE
            if not whole or not (small.floating and large.floating):
                continue
            ends = [[(powers, ONE) for powers, _ in groups[c]] for c in (large, small)]
            rest = [term for term in x.terms if term[1] not in (small, large)]
            yield self._beside(ends, small, rest)
            inside = [(powers, c * small.inverse()) for powers, c in rest]
            if rest:
                yield self._beside([ends[0], [*ends[1], *inside]], small, [])
        if len(x.terms) == 2 and all(c == Number(Fraction(1, 2), True) for c in groups):
            ends = [[(powers, ONE)] for powers, _ in x.terms]
            yield self._beside(ends, shares[0], [])

    def _beside(
        self, ends: list[list[tuple[Powers, Number]]], share: Number,
        rest: list[tuple[Powers, Number]],
    ) -> Tree:  # fmt: skip
        """An average whose share is at most a half; otherwise a state comes first."""
        start, end = (self.algebra.sum(terms) for terms in ends)
        if not 0 < share.value < Fraction(1, 2) and self._is_state(end):
            start, end, share = end, start, Number(1 - share.value, share.floating)
        average = call("lerp", self.tree(start), self.tree(end), constant(share))
        return self._joined(average, self.algebra.sum(rest)) if rest else average

    def _joined(self, average: Tree, others: Sum) -> Tree:
        negative = all(c.value < 0 for _, c in others.terms)
        others = self.algebra.scaled(others, MINUS) if negative else others
        return call("sub" if negative else "add", average, self.tree(others))

    def product(self, powers: Powers, coefficient: Number) -> Tree:
        """Returns numbers times arrays: (a * b / c) * (x * y / z)."""
        powers, coefficient = self._signed(powers, coefficient)
        negative = coefficient == MINUS
        held = sorted(powers, key=lambda one: (self.rank(one[0]), self.algebra.key(one[0])))
        small = [one for one in held if self.rank(one[0]) <= 0]
        large = [one for one in held if self.rank(one[0]) > 0]
        tops = [self.power(a, e) for a, e in small if e > 0]
        bottoms = [self.power(a, -e) for a, e in small if e < 0]
        if abs(coefficient.value) != 1:
            tops, bottoms = with_number(coefficient, tops, bottoms)
        upper = [self.power(a, e) for a, e in large if e > 0]
        lower = [self.power(a, -e) for a, e in large if e < 0]
        if tops or not upper:
            scale = fraction(tops, bottoms)
            whole = fraction(upper, lower, scale)
        else:
            whole = fraction([fraction(upper, bottoms)], lower)
        return call("neg", whole) if negative else whole

    def _signed(self, powers: Powers, coefficient: Number) -> tuple[Powers, Number]:
        """Turns the sign of a sum among the factors rather than that of the product."""
        if coefficient != MINUS:
            return powers, coefficient
        for place, (atom, exponent) in enumerate(powers):
            if isinstance(atom, Sum) and exponent % 2 and any(c.value < 0 for _, c in atom.terms):
                turned = self.algebra.scaled(atom, MINUS)
                return (*powers[:place], (turned, exponent), *powers[place + 1 :]), ONE
        return powers, coefficient

    def power(self, atom: Atom, exponent: int) -> Tree:
        """Returns a positive power of an atom."""
        base = self.tree(atom) if isinstance(atom, Sum) else leaf(atom)
        if exponent == 1:
            return base
        if exponent == 2:
            return call("square", base)
        if exponent == 3:
            return call("cube", base)
        if exponent == 4:
            return call("square", call("square", base))
        return call("pow", base, leaf(Literal(exponent)))


def _own_size(x: Sum) -> Number:
    """The coefficient that stands before the whole sum, so that what is worked out has none."""
    if any(abs(c.value) == 1 for _, c in x.terms):
        return ONE
    coefficient = [c for powers, c in x.terms if powers][-1]
    return coefficient if coefficient.value > 0 else coefficient.negated()


def _shared_size(x: Sum) -> Number:
    """The size of the coefficients, if it is one."""
    sizes = {abs(c.value) for _, c in x.terms}
    coefficient = x.terms[0][1]
    if len(sizes) > 1:
        return ONE
    return coefficient if coefficient.value > 0 else coefficient.negated()
