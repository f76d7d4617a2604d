"""Writes a program as MathML, the mathematics that browsers show by themselves."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ..program import Program
from .formula import Equation, equations
from .mathematics import GREEK, Math

_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_SPACE = '<mspace width="0.17em"/>'


def to_mathml(program: Program) -> str:
    """Returns the rule as one `math` element."""
    rows = "".join(f"<mtr>{_row(row)}</mtr>" for row in equations(program))
    table = f'<mtable displaystyle="true" rowspacing="0.5em" columnspacing="0">{rows}</mtable>'
    return f'<math display="block" class="rule">{table}</math>'


def _row(row: Equation) -> str:
    space = f'<mspace width="{1.5 * row.depth}em"/>' if row.depth else ""
    if row.left is None:
        asked = f'<mspace width="0.3em"/>{mathml(row.right)}' if row.right else ""
        words = f"<mrow>{space}<mtext>{escape(row.words)}</mtext>{asked}<mtext>:</mtext></mrow>"
        return f'<mtd class="words" columnspan="2">{words}</mtd>'
    assert row.right is not None
    left = f"<mtd class=\"left\"><mrow>{space}{mathml(row.left)}</mrow></mtd>"
    return f'{left}<mtd class="right"><mrow><mo>=</mo>{mathml(row.right)}</mrow></mtd>'


def mathml(piece: Math) -> str:
    """Returns one piece of a formula."""
    return _FORMS[piece.form](piece, [mathml(part) for part in piece.parts])


def _symbol(piece: Math, parts: list[str]) -> str:
    del parts
    if piece.text == " ":
        return _SPACE
    if piece.text in GREEK:
        return f"<mi>{_LETTERS[piece.text]}</mi>"
    tag = "mi" if piece.text.isalpha() else "mo"
    return f"<{tag}>{escape(piece.text)}</{tag}>"


def _power(piece: Math, parts: list[str]) -> str:
    base = piece.parts[0]
    if base.form == "index":  # both at one place, not one after the other
        inner = "".join(mathml(part) for part in base.parts)
        return f"<msubsup>{inner}{parts[1]}</msubsup>"
    return f"<msup>{parts[0]}{parts[1]}</msup>"


def _around(left: str, right: str) -> Callable[[Math, list[str]], str]:
    return lambda m, p: (
        f'<mrow><mo stretchy="true">{left}</mo>{p[0]}<mo stretchy="true">{right}</mo></mrow>'
    )


def _cases(piece: Math, parts: list[str]) -> str:
    del piece
    value, asked, other = parts
    rows = (
        f"<mtr><mtd>{value}</mtd><mtd><mrow><mtext>if&#160;</mtext>{asked}</mrow></mtd></mtr>"
        f"<mtr><mtd>{other}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
    )
    return f'<mrow><mo stretchy="true">{{</mo><mtable>{rows}</mtable></mrow>'


Form = Callable[[Math, list[str]], str]
_FORMS: dict[str, Form] = {
    "symbol": _symbol,
    "word": lambda m, p: f'<mi mathvariant="normal">{escape(m.text)}</mi>',
    "number": lambda m, p: f"<mn>{escape(m.text.replace('-', '−'))}</mn>",
    "row": lambda m, p: f"<mrow>{''.join(p)}</mrow>",
    "fraction": lambda m, p: f"<mfrac>{p[0]}{p[1]}</mfrac>",
    "power": _power,
    "index": lambda m, p: f"<msub>{p[0]}{p[1]}</msub>",
    "root": lambda m, p: f"<msqrt>{p[0]}</msqrt>",
    "hat": lambda m, p: f'<mover accent="true">{p[0]}<mo stretchy="false">^</mo></mover>',
    "bars": _around("|", "|"),
    "norm": _around("‖", "‖"),
    "brackets": _around("(", ")"),
    "braces": _around("{", "}"),
    "cases": _cases,
}
