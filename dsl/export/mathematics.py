"""Pieces of a formula, from which LaTeX and MathML are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# How tightly a form binds; what binds less than its place is put in brackets.
OR, AND, COMPARE, SUM, PRODUCT, POWER, ATOM = range(7)


@dataclass(frozen=True)
class Math:
    """One piece of a formula: its form, the pieces in it, its text, and how tightly it binds.

    Forms: symbol, word, number, row, fraction, power, index, root, hat, bars, norm, brackets,
    cases (value and condition, otherwise value).
    """

    form: str
    parts: tuple[Math, ...] = ()
    text: str = ""
    binds: int = ATOM


GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi chi psi"
    " omega".split()
)
USUAL = {"lr": "eta", "eps": "epsilon", "weight_decay": "lambda", "loss": "L"}


def symbol(name: str, index: str = "") -> Math:
    """Returns a name as people write it: `beta1` is beta with an index, `m_hat` an m with a hat."""
    base, hat = (name[:-4], True) if name.endswith("_hat") else (name, False)
    base = USUAL.get(base, base)
    found = re.fullmatch(r"([^\W\d_]+)_?(\d+)", base)
    number = ""
    if found:
        base, number = USUAL.get(found[1], found[1]), found[2]
    single = len(base) == 1 or base in GREEK
    made = Math("symbol" if single else "word", text=base)
    made = Math("hat", (made,)) if hat else made
    low = ",".join(part for part in (number, index) if part)
    return Math("index", (made, _low(low))) if low else made


def _low(text: str) -> Math:
    letter = text.isalpha() and len(text) == 1
    return Math("symbol" if letter else "number", text=text)


def literal(value: object) -> Math:
    """Returns a constant: 1e-8 as a power of ten."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Math("word", text=str(value))
    text = repr(value).removesuffix(".0")
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    mantissa, e, exponent = digits.partition("e")
    if not e:
        return Math("number", text=sign + digits, binds=SUM if sign else ATOM)
    power = Math("power", (Math("number", text="10"), Math("number", text=f"{int(exponent)}")))
    if mantissa == "1" and not sign:
        return Math(power.form, power.parts, binds=POWER)
    return Math("row", (Math("number", text=f"{sign}{mantissa}·"), power), binds=PRODUCT)


def infix(sign: str, left: Math, right: Math, binds: int) -> Math:
    """Returns `left sign right`; the right side is bracketed where order matters."""
    strict = sign in "−/" and right.binds == binds
    right = bracketed(right, binds + 1 if strict else binds)
    mark = Math("symbol", text=sign) if sign else Math("symbol", text=" ")
    return Math("row", (bracketed(left, binds), mark, right), binds=binds)


def bracketed(piece: Math, binds: int) -> Math:
    """Returns a piece, in brackets where it binds less than its place asks."""
    return piece if piece.binds >= binds else Math("brackets", (piece,))


def product(x: Math, y: Math) -> Math:
    """Returns x y; the product of a thing with itself is its square."""
    if x == y:
        return power(x, literal(2))
    sign = "·" if y.form == "number" else ""
    return infix(sign, x, y, PRODUCT)


def power(x: Math, y: Math) -> Math:
    """Returns x to the power y."""
    return Math("power", (bracketed(x, ATOM), y), binds=POWER)


def _fraction(x: Math, y: Math) -> Math:
    return Math("fraction", (x, y), binds=PRODUCT)


def _negative(x: Math) -> Math:
    return Math("row", (Math("symbol", text="−"), bracketed(x, PRODUCT)), binds=SUM)


def _one_of(x: Math, *choices: Math) -> Math:
    parts: list[Math] = []
    for choice in choices:
        parts += [Math("symbol", text=","), choice] if parts else [choice]
    braces = Math("braces", (Math("row", tuple(parts)),))
    return infix("∈", x, braces, COMPARE)


def _sign(sign: str, binds: int) -> Callable[[Math, Math], Math]:
    return lambda x, y: infix(sign, x, y, binds)


def _form(form: str) -> Callable[..., Math]:
    return lambda *parts: Math(form, parts)


FORMS: dict[str, Callable[..., Math]] = {
    "add": _sign("+", SUM),
    "sub": _sign("−", SUM),
    "mul": product,
    "div": _fraction,
    "divide_no_nan": _fraction,
    "pow": power,
    "neg": _negative,
    "matmul": product,
    "square": lambda x: power(x, literal(2)),
    "cube": lambda x: power(x, literal(3)),
    "sqrt": _form("root"),
    "sqrt_abs": lambda x: Math("root", (Math("bars", (x,)),)),
    "abs": _form("bars"),
    "norm": _form("norm"),
    "exp": lambda x: power(Math("symbol", text="e"), x),
    "reciprocal": lambda x: _fraction(literal(1), x),
    "transpose": lambda x: power(x, Math("word", text="T")),
    "where": lambda c, x, y: Math("cases", (x, c, y), binds=OR),
    "lt": _sign("<", COMPARE),
    "le": _sign("≤", COMPARE),
    "gt": _sign(">", COMPARE),
    "ge": _sign("≥", COMPARE),
    "eq": _sign("=", COMPARE),
    "ne": _sign("≠", COMPARE),
    "logical_and": _sign("∧", AND),
    "logical_or": _sign("∨", OR),
    "logical_not": lambda x: Math("row", (Math("symbol", text="¬"), bracketed(x, ATOM))),
    "one_of": _one_of,
}
