"""Writes the sums and products of a program in one way, the shortest that is found.

Each value that sums, products, quotients, whole powers and averages lead to is read as a sum of
products (`dsl.polynomial`) of the other values, and written as `dsl.factoring` says. What is used
more than once stands for itself, but for numbers of the run: hyperparameters and what is made of
them. All of it holds, but for rounding, wherever the values are finite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from .beside import BESIDE, EVEN, LINEAR, ODD, beside
from .factoring import FEW, Writer
from .facts import Facts
from .formula import Tree
from .polynomial import MINUS, ONE, Algebra, Atom, Sum
from .program import Block, Branch, Call, Literal, Program, Ref, Statement
from .substitute import substituted
from .uses import Uses
from .written import expression

ARITHMETIC = frozenset(
    {"add", "sub", "mul", "div", "neg", "square", "cube", "lerp", "pow", "reciprocal"}
)
LARGEST = 4  # the exponent of a power that is read as a product


@dataclass(frozen=True)
class Change:
    """A value as it was written and as it is."""

    before: str
    after: str


def rewritten(
    program: Program, through: Collection[Ref] = ()
) -> tuple[Program, tuple[Change, ...]]:
    """Returns the program with its sums and products in the one way, and the values that changed.

    through: values that are read through though they are used more than once.
    """
    work = Pass(program, through)
    body = work.block(program.body)
    results = tuple((role, work.ref(ref, body)) for role, ref in program.results)
    changes = tuple(Change(*one) for one in dict.fromkeys(work.changes()))
    return substituted(replace(program, body=tuple(body), results=results), {}), changes


@dataclass
class Pass:
    """One walk over a program. forms: what is known of each old value; body: the new calls."""

    program: Program
    through: Collection[Ref]
    forms: dict[Ref, Sum] = field(default_factory=dict)
    sums: dict[Ref, Sum] = field(default_factory=dict)  # of old values, read through their calls
    made: dict[int, Call] = field(default_factory=dict)  # the new calls, by number
    args: dict[Atom, tuple[Sum, ...]] = field(default_factory=dict)  # of those that are atoms
    scopes: list[dict[object, int]] = field(default_factory=lambda: [{}])
    pairs: list[tuple[Ref, Ref]] = field(default_factory=list)  # old values and what they became

    def __post_init__(self) -> None:
        self.facts = Facts(self.program)
        self.next = self.facts.fresh
        self.uses = Uses(self.program)
        hypers = self.program.hyperparameters
        self.hypers = {item.name for item in hypers if isinstance(item.default, float)}
        self.static = {item.name for item in hypers} - self.hypers
        self.places: dict[Atom, tuple] = {name: (0, name) for name in self.program.inputs}
        for place, item in enumerate(hypers):
            self.places[item.name] = (1, repr(item.default), place)
        for place, state in enumerate(self.program.states):
            self.places[state.name] = (2, place)
        self.algebra = Algebra(self.key, self.closed, self.fixed)
        states = {"w", *(state.name for state in self.program.states)}
        self.writer = Writer(self.algebra, self.rank, states, self.hypers)

    def changes(self) -> Iterator[tuple[str, str]]:
        """Yields the expressions, before and after, of the values that are written otherwise."""
        for old, new in self.pairs:
            if isinstance(old, int):
                said = expression(old, self.facts.definitions), expression(new, self.made)
                if said[0] != said[1] and "..." not in said[0] + said[1]:
                    yield said

    # What the algebra and the writer ask.

    def key(self, atom: Atom) -> tuple:
        known = self.places.get(atom)
        if known is None and isinstance(atom, Sum):
            terms = [(self.algebra.order(powers), float(c.value)) for powers, c in atom.terms]
            known = self.places[atom] = 4, tuple(terms)
        return known or (3, atom)

    def closed(self, atom: Atom) -> bool:
        if isinstance(atom, Sum):
            return all(map(self.closed, atom.atoms()))
        return atom in self.hypers

    def rank(self, atom: Atom) -> int:
        """-1 for a number, else how many axes an array has."""
        if isinstance(atom, Sum):
            return max(map(self.rank, atom.atoms()), default=-1)
        return self.uses.rank(atom)  # type: ignore[arg-type]

    def fixed(self, held: dict[Atom, int]) -> Sum | None:
        """What roots, sizes and signs make beside each other."""
        for atom in held:
            call = self.made.get(atom) if isinstance(atom, int) else None
            if call is not None and call.op in BESIDE and atom in self.args:
                (inner,) = self.args[atom]
                found = beside(self.algebra, call.op, inner, held, atom, self.call)
                if found is not None:
                    return found
        return None

    # Reading.

    def block(self, body: Sequence[Statement]) -> list[Statement]:
        """Returns the new statements of a block."""
        self.out: list[Statement] = []
        own = self.out
        for statement in body:
            self.out = own
            if isinstance(statement, Branch):
                own.append(self.branch(statement))
            elif self.is_arithmetic(statement) and self.read(statement):
                pass
            else:
                self.forms[statement.out] = self.opaque(statement)
        self.out = own
        return own

    def opaque(self, call: Call) -> Sum:
        """Returns a call that is no sum or product, what it is proportional to taken out of it."""
        scale, forms = ONE, []
        for place, arg in enumerate(call.args):
            form = self.of(arg)
            turned = self.algebra.scaled(form, MINUS)
            if isinstance(arg, Literal) or not form.terms:
                pass
            elif place in LINEAR.get(call.op, ()) and form.atoms():
                part = form.terms[0][1] if form.single else self.algebra.primitive(form)[0]
                if form.single or abs(part.value) != 1:
                    scale, form = scale * part, self.algebra.scaled(form, part.inverse())
            elif place in ODD.get(call.op, ()) and all(c.value < 0 for _, c in form.terms):
                form, scale = turned, scale.negated()
            elif place in EVEN.get(call.op, ()) and self.algebra.primitive(form)[0].value < 0:
                form = turned
            forms.append(form)
        texts = tuple(
            arg if isinstance(arg, Literal) or arg in self.static else self.written(form)
            for arg, form in zip(call.args, forms, strict=True)
        )
        self.pairs += zip(call.args, texts, strict=True)
        out = self.call(call.op, tuple(forms), call.options, call.name, texts, call.out)
        return self.algebra.scaled(self.algebra.atom(out), scale)

    def call(
        self, op: str, forms: tuple[Sum, ...], options: tuple = (), name: str = "",
        texts: tuple[Ref, ...] | None = None, old: int | None = None,
    ) -> int:  # fmt: skip
        """Returns the number of a call on sums, an old one if there is one."""
        refs = tuple(self.written(form) for form in forms) if texts is None else texts
        key = (op, refs, options)
        known = next((s[key] for s in self.scopes if key in s), None)
        if known is not None:
            return known
        out = self.add(op, refs, options, name)
        self.scopes[-1][key] = out
        self.args[out] = forms
        self.uses.made(out, refs, old)
        return out

    def add(self, op: str, args: tuple[Ref, ...], options: tuple = (), name: str = "") -> int:
        self.next += 1
        call = Call(self.next, op, args, options, name)
        self.made[call.out] = call
        self.out.append(call)
        return call.out

    def branch(self, statement: Branch) -> Branch:
        condition = self.written(self.of(statement.condition))
        then, orelse = self.side(statement.then), self.side(statement.orelse)
        for out in statement.outs:
            self.forms[out] = self.algebra.atom(out)
            self.places[out] = (3, out)
        return Branch(statement.outs, condition, then, orelse, statement.names)

    def side(self, block: Block) -> Block:
        self.scopes.append({})
        body = self.block(block.body)
        results = tuple(self.ref(ref, body) for ref in block.results)
        self.scopes.pop()
        return Block(tuple(body), results)

    def ref(self, ref: Ref, body: list[Statement]) -> Ref:
        self.out = body
        new = ref if isinstance(ref, Literal | str) else self.written(self.of(ref))
        self.pairs.append((ref, new))
        return new

    def is_arithmetic(self, call: Call) -> bool:
        if call.op not in ARITHMETIC or call.options:
            return False
        if call.op == "pow" and not (
            isinstance(call.args[1], Literal)
            and call.args[1].value.__class__ is int
            and 0 < abs(call.args[1].value) <= LARGEST  # type: ignore[arg-type]
        ):
            return False
        if any(isinstance(arg, Literal) and _plain(arg) is None for arg in call.args):
            return False
        if call.op == "lerp" and not self.is_closed(call.args[2]):
            return False
        return self.uses.fits(call)

    def is_closed(self, ref: Ref) -> bool:
        return all(map(self.closed, self.of(ref).atoms()))

    def of(self, ref: Ref) -> Sum:
        if isinstance(ref, Literal):
            value = _plain(ref)
            if value is None:
                return Sum(((((ref, 1),), ONE),))
            return self.algebra.number(value, isinstance(ref.value, float))
        if ref not in self.forms:
            self.forms[ref] = self.algebra.atom(ref)
        return self.forms[ref]

    def read(self, call: Call) -> bool:
        """Takes in a value; not one that has become a number where an array has to be."""
        form = self.sums[call.out] = self.form(call)
        if self.uses.rank(call.out) > max([-1, *map(self.rank, form.atoms())]):
            return False
        through = call.out in self.through and len(form.terms) <= FEW
        shared = self.uses.count[call.out] > 1 and not through
        simple = form.single and len(form.terms[0][0]) <= 1 and form.terms[0][1].value in (1, -1)
        if shared and not simple and not self.is_plain(form, call):
            out = self.written(form, call)
            if isinstance(out, int) and out not in self.forms:
                self.uses.made(out, (), call.out)
            form = self.of(out)
        self.forms[call.out] = form
        return True

    def is_plain(self, form: Sum, call: Call) -> bool:
        """Whether a value used more than once is no more than a constant's complement or so."""
        few = call.out not in self.uses.crossing and len(form.terms) <= 2
        powers = [one for terms, _ in form.terms for one in terms]
        return few and all(atom in self.hypers and e > 0 for atom, e in powers)

    def form(self, call: Call) -> Sum:
        algebra = self.algebra
        x, *more = [self.of(arg) for arg in call.args]
        match call.op:
            case "add":
                return algebra.add(x, more[0])
            case "sub":
                return algebra.add(x, more[0], MINUS)
            case "neg":
                return algebra.scaled(x, MINUS)
            case "mul":
                return algebra.times(x, more[0])
            case "div":
                return algebra.times(x, algebra.power(more[0], -1))
            case "lerp":
                return algebra.add(x, algebra.times(more[1], algebra.add(more[0], x, MINUS)))
        exponent = {"square": 2, "cube": 3, "reciprocal": -1}.get(call.op)
        return algebra.power(x, exponent or call.args[1].value)  # type: ignore[union-attr]

    # Writing.

    def written(self, form: Sum, call: Call | None = None) -> Ref:
        """Returns the value of a sum, its calls added to the body that is written."""
        tree = self.writer.tree(form)
        return self.emitted(tree, call.name if call else "")

    def emitted(self, tree: Tree, name: str = "") -> Ref:
        if not tree.op:
            assert not isinstance(tree.leaf, Sum)
            return tree.leaf  # type: ignore[return-value]
        refs = tuple(self.emitted(arg) for arg in tree.args)
        key = (tree.op, refs, ())
        known = next((s[key] for s in self.scopes if key in s), None)
        if known is None:
            known = self.scopes[-1][key] = self.add(tree.op, refs, (), name)
            self.uses.made(known, refs)
        return known


def _plain(ref: Literal) -> Fraction | None:
    value = ref.value
    if value.__class__ is int or (isinstance(value, float) and abs(value) < float("inf")):
        return Fraction(repr(value))
    return None
