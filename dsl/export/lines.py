"""Writes statements, docstrings and signatures as lines of Python."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..program import Block, Branch, Call, Program, Ref, Statement, calls
from .levels import FULL, is_oracle, look
from .noise import SEED, draws
from .plan import Plan, reads_of
from .spell import Scope, condition, constant, expression, fill, number, of_call, written

WIDTH = 92
STEP = "    "


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    """Returns `lines` moved to the right, empty ones left empty."""
    return [STEP * depth + line if line else line for line in lines]


def body_lines(body: Iterable[Statement], scope: Scope) -> list[str]:
    """Returns the statements of a body."""
    lines: list[str] = []
    for statement in body:
        if isinstance(statement, Branch):
            lines += _branch_lines(statement, scope)
        elif statement.out not in scope.inlined:
            value = written(of_call(statement, scope))
            listed = is_oracle(statement) and statement.out in scope.lists
            name = (scope.lists if listed else scope.names)[statement.out]
            lines += folded(f"{name} = {value}")
    return lines


def _branch_lines(branch: Branch, scope: Scope) -> list[str]:
    asked = condition(branch.condition, scope)
    then, orelse = (_side_lines(branch, b, scope) for b in (branch.then, branch.orelse))
    if not then:
        asked, then, orelse = ast.UnaryOp(ast.Not(), asked), orelse, []
    if not then:
        return []
    lines = [f"if {written(asked)}:", *indented(then)]
    if orelse and _is_one_if(orelse):
        return [*lines, f"el{orelse[0]}", *orelse[1:]]
    return [*lines, "else:", *indented(orelse)] if orelse else lines


def _is_one_if(lines: Sequence[str]) -> bool:
    """Tells whether lines are an `if` with its `elif`s and its `else`, and nothing else."""
    later = all(line.startswith((" ", "elif ", "else:")) for line in lines[1:])
    return lines[0].startswith("if ") and later


def _side_lines(branch: Branch, block: Block, scope: Scope) -> list[str]:
    """Returns the statements of one side, with what it hands out under the names of the branch."""
    lines = body_lines(block.body, scope)
    copies: dict[str, str] = {}
    for out, ref in zip(branch.outs, block.results, strict=True):
        truth = look(scope.infos, out).truth
        made = expression(ref, scope) if truth else number(ref, scope)
        if ref in ("w", "g") and not scope.target.traced:  # which are overwritten in place
            made = fill(scope.target.arrays["copy"], {"x": made})
        value = written(made)
        if value != scope.names[out]:
            copies[scope.names[out]] = value
    return lines + assignments(copies)


def assignments(copies: Mapping[str, str]) -> list[str]:
    """Returns `name = value` for each pair, at once where one overwrites what another reads."""
    seen: set[str] = set()
    for name, value in copies.items():
        if seen & {n.id for n in ast.walk(ast.parse(value)) if isinstance(n, ast.Name)}:
            return [f"{', '.join(copies)} = {', '.join(copies.values())}"]
        seen.add(name)
    return [line for name, value in copies.items() for line in folded(f"{name} = {value}")]


def folded(line: str) -> list[str]:
    """Returns a statement as lines of at most WIDTH characters where an operator allows it."""
    head, equals, value = line.partition(" = ")
    if len(line) <= WIDTH - 12 or not equals:
        return [line]
    cuts = [i for i, depth in _marks(value, "+-*/") if depth == 0 and value[i + 1] == " "]
    parts = _packed(value, cuts, WIDTH - 20)
    if len(parts) > 1:
        return [f"{head} = (", *indented(part.strip() for part in parts), ")"]
    commas = [i for i, depth in _marks(value, ",") if depth == 1]
    if len(line) <= WIDTH - 4 or not commas or not value.endswith(")"):
        return [line]
    opening, _, inner = value.partition("(")
    loops = [i for i, depth in _marks(value, " ") if depth == 1 and value[i:].startswith(" for ")]
    if loops:
        made, loop = value[len(opening) + 1 : loops[0]], value[loops[0] + 1 : -1]
        return [f"{head} = {opening}(", *indented([made, loop]), ")"]
    cuts = [i + 1 - len(opening) - 1 for i in commas]
    parts = _packed(inner[:-1], cuts, 1)
    return [f"{head} = {opening}(", *indented(p.strip().rstrip(",") + "," for p in parts), ")"]


def _packed(text: str, cuts: Sequence[int], width: int) -> list[str]:
    """Returns the pieces of `text` between some of `cuts`, each as long as `width` allows."""
    parts, start, previous = [], 0, 0
    for cut in [*cuts, len(text)]:
        if cut - start > width and previous > start:
            parts.append(text[start:previous])
            start = previous
        previous = cut
    return [*parts, text[start:]]


def _marks(text: str, marks: str) -> Iterator[tuple[int, int]]:
    """Yields each of `marks` outside of strings, with the number of brackets around it."""
    depth, quote = 0, ""
    for i, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[i - 1] != "\\" else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter in marks:
            yield i, depth


def escaped(text: str) -> str:
    """Returns text that no docstring around it ends at, or reads otherwise."""
    safe = "".join(c if c == "\n" or c.isprintable() else " " for c in text).strip("\n")
    safe = safe.replace("\\", "\\\\").replace('"', '\\"')
    if '\\"' in safe and '\\"\\"\\"' not in safe and not safe.endswith('"'):
        safe = safe.replace('\\"', '"')
    return safe


def docstring(text: str) -> list[str]:
    """Returns a docstring that no text can break out of."""
    safe = escaped(text.strip())
    lines = safe.split("\n")
    if len(lines) == 1 and len(safe) < WIDTH - 8:
        return [f'"""{safe}"""']
    return [f'"""{lines[0]}', *(line.strip() for line in lines[1:]), '"""']


def about(program: Program, *more: str) -> list[str]:
    """Returns the docstring of a generated function: the program's own, then what to know."""
    own = program.doc.split("\n\nreference:")[0].strip() or f"The update rule {program.name}."
    wrapped = [line for part in more for line in ["", *textwrap.wrap(part, WIDTH - 12)]]
    return docstring("\n".join([own, *wrapped]))


def signature(head: str, positional: Sequence[str], keywords: Sequence[str]) -> list[str]:
    """Returns `def head(...):` on one line, or with one argument a line where that is too long."""
    arguments = [*positional, *(["*"] if keywords else []), *keywords]
    line = f"def {head}({', '.join(arguments)}):"
    if len(line) <= WIDTH:
        return [line]
    inner = ", ".join(arguments)
    if len(inner) <= WIDTH - 8:
        return [f"def {head}(", *indented([inner]), "):"]
    return [f"def {head}(", *indented(f"{a}," for a in arguments), "):"]


def loop(names: Sequence[str], lists: Sequence[str]) -> list[str]:
    """Returns the head of a loop over several lists at once."""
    if len(names) == 1:
        return [f"for {names[0]} in {lists[0]}:"]
    line = f"for {', '.join(names)} in zip({', '.join(lists)}, strict=True):"
    if len(line) <= WIDTH - 8:
        return [line]
    target = f"for {', '.join(names)} in zip("
    head = [target]
    if len(target) > WIDTH - 8:
        head = ["for (", *indented(packed(names)), ") in zip("]
    return [*head, *indented(packed([*lists, "strict=True"])), "):"]


def packed(items: Sequence[str], width: int = WIDTH - 12) -> list[str]:
    """Returns the items, each with a comma, on as few lines as hold them."""
    rows: list[str] = []
    for item in items:
        if rows and len(rows[-1]) + len(item) + 2 <= width:
            rows[-1] += f" {item},"
        else:
            rows.append(f"{item},")
    return rows


def unpacked(names: Sequence[str], values: Sequence[str], depth: int) -> list[str]:
    """Returns `a, b = x, y` where that fits a line `depth` steps in, else one line for each."""
    line = f"{', '.join(names)} = {', '.join(values)}"
    if names and len(line) <= WIDTH - 4 * depth:
        return [line]
    return [f"{name} = {value}" for name, value in zip(names, values, strict=True)]


def defaults(program: Program, plan: Plan) -> list[str]:
    """Returns the hyperparameters, and the seed of noise, as keyword arguments with defaults."""
    names = plan.scope.names
    given = [f"{names[h.name]}={written(constant(h.default))}" for h in program.hyperparameters]
    return given + [SEED] * draws(plan.program)


def stage_reads(plan: Plan, index: int, text: Sequence[str]) -> list[Ref]:
    """Returns what the loop of a stage takes from lists: inputs, old states, earlier values.

    text: the lines of the loop, which may mention w where the program does not.
    """
    stage, scope = plan.stages[index], plan.scope
    found: set[Ref] = set()
    for ref in refs(stage.inside):
        found |= reads_of([ref], scope.inlined)
    for ref in stage_results(plan, index).values():
        found |= reads_of([ref], scope.inlined)
    order = ["w", "g", *(s.name for s in plan.program.states)]
    found |= {"w"} if any(mentions(line, "w") for line in text) else set()
    given = [name for name in order if name in found and look(scope.infos, name).leaf]
    return [*given, *(ref for ref, at in plan.carried.items() if ref in found and at < index)]


def refs(body: Iterable[Statement]) -> Iterator[Ref]:
    for statement in body:
        if isinstance(statement, Call):
            yield from statement.args
            continue
        yield statement.condition
        for block in (statement.then, statement.orelse):
            yield from refs(block.body)
            yield from block.results


def stage_results(plan: Plan, index: int) -> dict[str, Ref]:
    """Returns the results that the loop of a stage hands out, one for each parameter."""
    leaves = {s.name for s in plan.program.states if look(plan.scope.infos, s.name).leaf}
    leaves |= {"return", "w", "w_eval"}
    pairs = [(role, ref) for role, ref in plan.program.results if plan.ends[role] == index]
    return {role: ref for role, ref in pairs if role in leaves and role != ref}


def stored(role: str, ref: Ref, plan: Plan) -> ast.expr:
    """Returns the expression of a new state or update, with the shape that it must have."""
    scope = plan.scope
    made, info = number(ref, scope), look(scope.infos, ref)
    form = look(scope.infos, role).form if role in scope.infos else FULL
    if isinstance(ref, str) and ref in ("w", "g") and not scope.target.traced:
        return fill(scope.target.arrays["copy"], {"x": made})
    if form == FULL and info.form != FULL:
        return fill(scope.target.whole, {"x": made})
    if info.python and look(scope.infos, role).leaf:
        return fill(scope.target.arrays["single"], {"x": made})
    if info.weak and scope.target.traced and look(scope.infos, role).leaf:
        return fill(scope.target.cast, {"x": made})  # a state keeps its dtype
    return made


def uses_role(program: Program) -> bool:
    """Tells whether the program asks what a parameter is."""
    return any(call.op == "role" for call in calls(program.body))


def module(imports: Sequence[str], plan: Plan, lines: Sequence[str]) -> str:
    """Returns a whole module: imports, the helpers that it needs, then `lines`."""
    text = "\n".join(lines)
    helpers: list[str] = []
    wanted = True
    while wanted:
        both = text + "".join(helpers)
        every = plan.scope.target.helpers.items()
        wanted = [s for name, s in every if _calls(both, name) and s not in helpers]
        helpers = wanted + helpers
    parts = [*helpers, text]
    if any("math." in part for part in parts):
        imports = ["import math", *([] if imports[0].startswith("from") else [""]), *imports]
    return "\n".join(imports) + "\n\n\n" + "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _calls(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){name}\(", text) is not None


def mentions(text: str, name: str) -> bool:
    """Tells whether a text of code reads the variable `name`."""
    return re.search(rf"(?<![\w.\"']){re.escape(name)}(?![\w\"'=])", text) is not None


def numbers_read(plan: Plan) -> list[str]:
    """Returns the Scalar states whose old value is read."""
    found: set[Ref] = set()
    for stage in plan.stages:
        for ref in [*refs(stage.outside), *refs(stage.inside)]:
            found |= reads_of([ref], plan.scope.inlined)
    results = [ref for role, ref in plan.program.results if ref != role]
    found |= reads_of(results, plan.scope.inlined)
    states = [s.name for s in plan.program.states]
    return [n for n in states if n in found and not look(plan.scope.infos, n).leaf]
