"""Writes a program as aligned LaTeX equations."""

from __future__ import annotations

from collections.abc import Callable

from ..program import Program
from .formula import Equation, equations
from .mathematics import GREEK, Math

_SIGNS = {
    "−": "-", "·": r" \cdot ", "≤": r" \le ", "≥": r" \ge ", "≠": r" \ne ", "∧": r" \land ",
    "∨": r" \lor ", "¬": r"\lnot ", "∈": r" \in ", " ": r"\,", ",": ", ", "<": " < ", ">": " > ",
    "=": " = ", "+": " + ", "′": r"\prime ",
}  # fmt: skip
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "~": r"\~{}",
    "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
}  # fmt: skip


def to_latex(program: Program) -> str:
    """Returns the rule as an `aligned` block, for use between the marks of mathematics."""
    rows = [_row(equation) for equation in equations(program)]
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}", ""])


def _row(row: Equation) -> str:
    space = r"\quad " * row.depth
    if row.left is None:
        asked = f" ${latex(row.right)}$" if row.right else ""
        return rf"{space}&\text{{{row.words}{asked}:}}"
    assert row.right is not None
    return f"{space}{latex(row.left)} &= {latex(row.right)}"


def latex(piece: Math) -> str:
    """Returns one piece of a formula."""
    return _FORMS[piece.form](piece, [latex(part) for part in piece.parts])


def escaped(text: str) -> str:
    """Returns text that LaTeX prints as it stands, whatever it holds."""
    shown = (c if c.isprintable() else " " for c in text)
    return "".join(_SPECIAL.get(c, c) for c in shown)


def _symbol(piece: Math, parts: list[str]) -> str:
    del parts
    if piece.text in GREEK:
        return rf"\{piece.text}"
    return _signs(piece.text) if piece.text in _SIGNS else escaped(piece.text)


def _signs(text: str) -> str:
    return "".join(_SIGNS.get(c, c) for c in text)


def _minus(text: str) -> str:
    return _signs(escaped(text).replace("-", "−")) if text else ""


Form = Callable[[Math, list[str]], str]
_FORMS: dict[str, Form] = {
    "symbol": _symbol,
    "word": lambda m, p: rf"\mathrm{{{escaped(m.text)}}}",
    "number": lambda m, p: _minus(m.text).strip(),
    "row": lambda m, p: "".join(p),
    "fraction": lambda m, p: rf"\frac{{{p[0]}}}{{{p[1]}}}",
    "power": lambda m, p: f"{p[0] if m.parts[0].form == 'index' else f'{{{p[0]}}}'}^{{{p[1]}}}",
    "index": lambda m, p: f"{p[0]}_{{{p[1]}}}",
    "root": lambda m, p: rf"\sqrt{{{p[0]}}}",
    "hat": lambda m, p: rf"\hat{{{p[0]}}}",
    "bars": lambda m, p: rf"\left|{p[0]}\right|",
    "norm": lambda m, p: rf"\left\lVert {p[0]} \right\rVert",
    "brackets": lambda m, p: rf"\left({p[0]}\right)",
    "braces": lambda m, p: rf"\{{{p[0]}\}}",
    "cases": lambda m, p: (
        rf"\begin{{cases}} {p[0]} & \text{{if }} {p[1]} \\ "
        rf"{p[2]} & \text{{otherwise}} \end{{cases}}"
    ),
}
