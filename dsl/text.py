"""Program to text. Names of variables are made unique wherever one would hide another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .names import RESULTS, is_free
from .nesting import nested
from .program import Branch, Call, Declared, Literal, Program, Ref, Statement
from .spell import expression, literal

WIDTH = 100
INDENT = "    "


def text(program: Program) -> str:
    """Returns the text of a program; parse(text(program)) == program, for a renumbered one."""
    try:
        lines = _Writer(program, nested(program)).written()
    except _Clobbered:  # the update is worked out before the states change
        lines = _Writer(program, nested(program, returned=False)).written()
    return "\n".join([*_signature(program), *_docstring(program.doc), *lines]) + "\n"


class _Clobbered(Exception):
    """The expression in `return` reads what an assignment before it has overwritten."""


def _signature(program: Program) -> Iterator[str]:
    parts = list(program.inputs)
    if program.hyperparameters:
        parts += ["*", *(f"{h.name}={literal(h.default)}" for h in program.hyperparameters)]
    head = f"def {program.name}("
    line = head
    for i, part in enumerate(parts):
        piece = part + ("):" if i == len(parts) - 1 else ",")
        if len(line) + len(piece) + 1 > WIDTH:
            yield line.rstrip()
            line = " " * len(head)
        line += piece + " "
    yield line.rstrip() if parts else head + "):"


def _docstring(doc: str) -> Iterator[str]:
    if not doc:
        return
    plain = all(c.isprintable() or c == "\n" for c in doc)
    if not plain or '"""' in doc or "\\" in doc or doc.endswith('"'):
        yield INDENT + repr(doc)
        return
    first, *rest = doc.split("\n")
    closing = [*rest, ""] if rest else rest
    if not closing:
        yield f'{INDENT}"""{first}"""'
        return
    yield f'{INDENT}"""{first}'
    yield from (INDENT + line if line else "" for line in rest)
    yield f'{INDENT}"""'


def _declared(declared: Declared) -> str:
    if not declared.index:
        return declared.kind
    entries = [_slice(e) if isinstance(e, tuple) else str(e) for e in declared.index]
    return f"{declared.kind}[{', '.join(entries)}]"


def _slice(entry: tuple) -> str:
    return ":".join("" if end is None else str(end) for end in entry)


@dataclass
class _Writer:
    """Writes the body, block by block, giving each value a name when it is assigned."""

    program: Program
    inner: dict[int, Call]
    names: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        program = self.program
        self.states = {state.name for state in program.states}
        declared = {*program.inputs, *(h.name for h in program.hyperparameters)}
        self.declared = declared | self.states
        self.reads: dict[int, frozenset[Ref]] = {}  # of a statement, by its identity

    def written(self) -> Iterator[str]:
        """Returns the lines of the declarations and of the body."""
        program = self.program
        lines = [
            f"{INDENT}{s.name}: {_declared(s.declared)} = {self.said(s.init.results[0])}"
            for s in program.states
        ]
        targets = {name: ref for name, ref in program.results if name != "return"}
        update = [ref for name, ref in program.results if name == "return"]
        kept = self.leaves(update)
        body = self.block(program.body, targets, kept, INDENT)
        copies = self.copies(targets, kept, INDENT)
        if targets.get("w") == "w":
            copies.append(f"{INDENT}w = w")
        if update:
            copies = self.returned(update[0], targets, copies)
        return iter([*lines, *body, *copies])

    def returned(self, update: Ref, targets: dict[str, Ref], copies: list[str]) -> list[str]:
        """The copies and the `return`: what it reads must still be there after the copies."""
        changed = {name for name, ref in targets.items() if self.name(ref) != name}
        if not changed & {self.name(ref) for ref in self.leaves([update])}:
            return [*copies, f"{INDENT}return {self.said(update)}"]
        if update in self.inner:
            raise _Clobbered
        kept = self.fresh("update", set(self.names.values()) | self.declared)
        return [f"{INDENT}{kept} = {self.said(update)}", *copies, f"{INDENT}return {kept}"]

    def name(self, ref: Ref) -> str:
        """What holds a value, or the text of a constant."""
        if isinstance(ref, Literal):
            return literal(ref.value)
        return ref if isinstance(ref, str) else self.names[ref]

    def said(self, ref: Ref) -> str:
        return expression(ref, self.inner, self.name)

    def leaves(self, refs: Iterable[Ref]) -> set[Ref]:
        """The values that the text of some expressions names."""
        found: set[Ref] = set()
        for ref in refs:
            if isinstance(ref, int) and ref in self.inner:
                found |= self.leaves(self.inner[ref].args)
            elif not isinstance(ref, Literal):
                found.add(ref)
        return found

    def read_by(self, s: Statement) -> frozenset[Ref]:
        """The values that the lines of a statement name."""
        known = self.reads.get(id(s))
        if known is None:
            if isinstance(s, Call):
                found = set() if s.out in self.inner else self.leaves(s.args)
            else:
                found = self.leaves([s.condition])
                for block in (s.then, s.orelse):
                    found |= self.leaves(block.results)
                    found = found.union(*(self.read_by(inner) for inner in block.body))
            known = self.reads[id(s)] = frozenset(found)
        return known

    def block(
        self, body: Sequence[Statement], targets: dict[str, Ref], kept: set[Ref], indent: str
    ) -> list[str]:
        """Writes statements. targets: names that are to hold values at the end; kept: values that
        are read after it."""
        wanted: dict[Ref, str] = {}
        for name, ref in targets.items():
            wanted.setdefault(ref, name)
        after = kept | {ref for ref in targets.values() if not isinstance(ref, Literal)}
        lives = [after]
        for s in reversed(body):
            lives.append(lives[-1] | self.read_by(s))
        lines: list[str] = []
        for s, live in zip(body, reversed(lives[:-1]), strict=True):
            if isinstance(s, Branch):
                lines += self.branch(s, wanted, live, indent)
            elif s.out not in self.inner:
                said = expression(s.out, {**self.inner, s.out: s}, self.name)
                taken = self.taken(live, (s.out,))
                self.names[s.out] = self.choose(wanted.get(s.out, ""), s.name, taken)
                lines.append(f"{indent}{self.names[s.out]} = {said}")
        return lines

    def taken(self, live: Iterable[Ref], outs: Sequence[int]) -> set[str]:
        """The names of values that are read later."""
        held = {ref for ref in live if ref not in outs}
        return {self.name(ref) for ref in held if isinstance(ref, str) or ref in self.names}

    def choose(self, wanted: str, display: str, taken: set[str]) -> str:
        """The name of a target, else the display name, else a new one."""
        if wanted and wanted not in taken:
            return wanted
        usable = is_free(display) and display not in RESULTS
        if usable and display not in taken:
            return display
        base = display if usable else wanted if wanted not in ("", *RESULTS) else "x"
        return self.fresh(base, taken | self.declared)

    def fresh(self, name: str, taken: set[str]) -> str:
        """A name that is not taken: name, name_2, name_3, ..."""
        if name not in taken and is_free(name) and name not in RESULTS:
            return name
        base = re.sub(r"_\d+$", "", name)
        return next(n for i in range(2, len(taken) + 4) if (n := f"{base}_{i}") not in taken)

    def branch(
        self, s: Branch, wanted: dict[Ref, str], live: set[Ref], indent: str
    ) -> list[str]:
        """Writes an `if`. Both sides end with each name holding its value."""
        lines = [f"{indent}if {self.said(s.condition)}:"]
        taken = self.taken(live, s.outs)
        for i, out in enumerate(s.outs):
            display = s.names[i] if i < len(s.names) else ""
            self.names[out] = self.choose(wanted.get(out, ""), display, taken)
            taken.add(self.names[out])
        self.fill(s, taken)
        kept = live - set(s.outs)
        for block, word in ((s.then, ""), (s.orelse, "else")):
            targets = {self.names[out]: r for out, r in zip(s.outs, block.results, strict=True)}
            inside = self.block(block.body, targets, kept, indent + INDENT)
            inside += self.copies(targets, kept, indent + INDENT)
            lines += _headed(inside, word, indent)
        return lines

    def fill(self, s: Branch, taken: set[str]) -> None:
        """Sees that each name is assigned on one side or the other, and one on the first."""
        sides = [[self.name(ref) if self.holds(ref) else "" for ref in block.results]
                 for block in (s.then, s.orelse)]
        silent = not any(isinstance(x, Branch) or x.out not in self.inner for x in s.then.body)
        for out, first, second in zip(s.outs, *sides, strict=True):
            silent = silent and first == self.names[out]
            if first == second == self.names[out]:
                self.rename(out, taken)
        if silent:
            self.rename(s.outs[0], taken)

    def holds(self, ref: Ref) -> bool:
        """Tells whether a value has its name already."""
        return not isinstance(ref, int) or ref in self.names

    def rename(self, out: int, taken: set[str]) -> None:
        self.names[out] = self.fresh(self.names[out] + "_2", taken | self.declared)
        taken.add(self.names[out])

    def copies(self, targets: dict[str, Ref], kept: set[Ref], indent: str) -> list[str]:
        """Assigns values to names all at once, by single assignments in a safe order."""
        todo = {name: self.name(ref) for name, ref in targets.items() if self.name(ref) != name}
        lines: list[str] = []
        while todo:
            sources = set(todo.values())
            name = next((n for n in todo if n not in sources), "")
            if name:
                lines.append(f"{indent}{name} = {todo.pop(name)}")
                continue
            held = next(iter(todo))  # a circle: set one value aside
            aside = self.fresh(f"{held}_old", set(self.names.values()) | self.declared | set(todo))
            lines.append(f"{indent}{aside} = {held}")
            todo = {n: aside if source == held else source for n, source in todo.items()}
        return lines


def _headed(lines: list[str], word: str, indent: str) -> list[str]:
    """Puts `else:` above a side, or makes `elif` of it if it is one `if`."""
    if not word or not lines:
        return lines
    inner = indent + INDENT
    own = [line for line in lines if not line.startswith(inner + INDENT)]
    chained = own[0].startswith(f"{inner}if ") and all(
        line.startswith((f"{inner}else:", f"{inner}elif ")) for line in own[1:]
    )
    if not chained:
        return [f"{indent}else:", *lines]
    return [f"{indent}el{own[0].strip()}", *(line[len(INDENT) :] for line in lines[1:])]
