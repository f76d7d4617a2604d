"""A program as equations: first values, then one step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..program import Branch, Call, Literal, Program, Ref, Statement, calls
from .mathematics import FORMS, SUM, Math, infix, literal, product, symbol


@dataclass(frozen=True)
class Equation:
    """One row: `left = right` at a depth of indentation; without a left side, words."""

    left: Math | None
    right: Math | None
    words: str = ""
    depth: int = 0


@dataclass
class _Symbols:
    """The symbols of a program's values, given in the order of the equations."""

    of: dict[Ref, Math]
    written: dict[int, Call]  # nameless calls, which stand where they are used
    states: frozenset[str]
    results: Mapping[Ref, str]  # the values that are a state's next one
    used: dict[str, int] = field(default_factory=dict)


def equations(program: Program) -> list[Equation]:
    """Returns the rule as rows: first values, then one step."""
    symbols = _symbols(program)
    rows = list(_first(program, symbols))
    rows += _rows(program.body, symbols, 0)
    for role, ref in program.results:
        if role in symbols.states:
            same = symbols.of.get(ref) if not isinstance(ref, Literal) else None
            if same != symbol(role, "t"):
                rows.append(Equation(symbol(role, "t"), _math(ref, symbols)))
            continue
        rows.append(_result(role, _math(ref, symbols)))
    return rows


def _result(role: str, value: Math) -> Equation:
    old, new = symbol("w", "t-1"), symbol("w", "t")
    match role:
        case "return":
            return Equation(new, infix("−", old, value, SUM))
        case "w":
            return Equation(new, value)
    return Equation(Math("word", text="evaluated at"), value)


def _symbols(program: Program) -> _Symbols:
    counts: dict[Ref, int] = {}
    for ref in _uses(program):
        counts[ref] = counts.get(ref, 0) + 1
    written = {
        c.out: c for c in calls(program.body) if not c.name and counts.get(c.out, 0) <= 1
    }
    for state in program.states:
        written |= {c.out: c for c in calls(state.init.body)}
    of: dict[Ref, Math] = {name: symbol(name) for name in program.inputs}
    of |= {"w": symbol("w", "t-1"), "g": symbol("g", "t")}
    of |= {h.name: symbol(h.name) for h in program.hyperparameters}
    of |= {s.name: symbol(s.name, "t-1") for s in program.states}
    states = frozenset(s.name for s in program.states)
    results = {ref: role for role, ref in program.results if role in states}
    return _Symbols(of, written, states, results)


def _uses(program: Program) -> Iterator[Ref]:
    yield from (ref for _, ref in program.results)
    yield from _refs(program.body)


def _refs(body: Iterable[Statement]) -> Iterator[Ref]:
    for statement in body:
        if isinstance(statement, Call):
            yield from statement.args
            continue
        yield statement.condition
        for block in (statement.then, statement.orelse):
            yield from _refs(block.body)
            yield from block.results


def _first(program: Program, symbols: _Symbols) -> Iterator[Equation]:
    zero = symbols.of | {"w": symbol("w", "0"), "g": symbol("g", "1")}
    zero |= {"eye": Math("word", text="I")}
    start = _Symbols(zero, symbols.written, symbols.states, {})
    for state in program.states:
        yield Equation(symbol(state.name, "0"), _math(state.init.results[0], start))


def _rows(body: Iterable[Statement], symbols: _Symbols, depth: int) -> Iterator[Equation]:
    for statement in body:
        if isinstance(statement, Branch):
            yield from _branch(statement, symbols, depth)
        elif statement.out not in symbols.written:
            right = _call(statement, symbols)
            symbols.of[statement.out] = _new_symbol(statement.out, statement.name, symbols)
            yield Equation(symbols.of[statement.out], right, depth=depth)


def _new_symbol(ref: int, name: str, symbols: _Symbols) -> Math:
    """Returns the symbol of a new value; the second one of a name is primed."""
    if ref in symbols.of:
        return symbols.of[ref]
    if ref in symbols.results:
        return symbol(symbols.results[ref], "t")
    name = name or "x"
    index = "t" if name.removesuffix("_hat") in symbols.states else ""
    primes = symbols.used.get(name, 0)
    symbols.used[name] = primes + 1
    made = symbol(name, index)
    return Math("power", (made, Math("number", text="′" * primes))) if primes else made


def _branch(branch: Branch, symbols: _Symbols, depth: int) -> Iterator[Equation]:
    condition = _math(branch.condition, symbols)
    names = branch.names or ("",) * len(branch.outs)
    for out, name in zip(branch.outs, names, strict=True):
        symbols.of[out] = _new_symbol(out, name, symbols)
    for words, asked, block in (
        ("if", condition, branch.then), ("otherwise", None, branch.orelse),
    ):
        pairs = list(zip(branch.outs, block.results, strict=True))
        for out, ref in sorted(pairs, key=lambda pair: pair[0] not in symbols.results):
            if isinstance(ref, int) and ref not in symbols.of and ref not in symbols.written:
                symbols.of[ref] = symbols.of[out]
        rows = list(_rows(block.body, symbols, depth + 1))
        for out, ref in pairs:
            value = _math(ref, symbols)
            if value != symbols.of[out] and symbols.results.get(out) != ref:
                rows.append(Equation(symbols.of[out], value, depth=depth + 1))
        if rows:
            yield Equation(None, asked, words, depth)
            yield from rows


def _math(ref: Ref, symbols: _Symbols) -> Math:
    if isinstance(ref, Literal):
        return literal(ref.value)
    if isinstance(ref, int) and ref in symbols.written:
        return _call(symbols.written[ref], symbols)
    return symbols.of[ref]


def _call(call: Call, symbols: _Symbols) -> Math:
    args = [_math(ref, symbols) for ref in call.args]
    if call.op == "lerp":
        return _lerp(call, args, symbols)
    if call.op in FORMS:
        return FORMS[call.op](*args)
    axes = {key: value for key, value in call.options if key in ("axis", "keep", "rank")}
    name = Math("word", text={"maximum": "max", "minimum": "min"}.get(call.op, call.op))
    if axes:
        text = ", ".join(f"{key} {value}" for key, value in axes.items())
        name = Math("index", (name, Math("word", text=text)))
    inner: list[Math] = []
    for arg in args:
        inner += [Math("symbol", text=","), arg] if inner else [arg]
    return Math("row", (name, Math("brackets", (Math("row", tuple(inner)),))))


def _lerp(call: Call, args: list[Math], symbols: _Symbols) -> Math:
    x, y, share = args
    ref = call.args[2]
    inner = symbols.written.get(ref) if isinstance(ref, int) else None
    one = literal(1)
    rest = infix("−", one, share, SUM)
    if inner and inner.op == "sub" and inner.args[0] == Literal(1):
        rest = _math(inner.args[1], symbols)
    return infix("+", product(rest, x), product(share, y), SUM)
