"""Program to text and back: on the zoo, on random programs, and to the letter on golden files."""

from __future__ import annotations

from dataclasses import replace

import goldens
import pytest
from hypothesis import given, settings
from strategies import programs

from dsl import Program, check, load, parse, text, zoo
from dsl.program import Block, Branch, Call, Declared, Hyperparameter, Literal, State
from dsl.renumber import renumbered
from dsl.spell import literal

OVERWRITE = False  # writes the golden file anew; a test fails while it is on
FILE = "text.txt"


def reprinted(program: str) -> str:
    """Returns a text as it is printed after it was read."""
    return text(parse(program)).rstrip("\n")


if OVERWRITE:
    goldens.overwrite(FILE, reprinted)

CASES = goldens.cases(FILE)


@pytest.mark.parametrize(("program", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_golden(program: str, expected: str) -> None:
    assert reprinted(program) == expected
    assert parse(expected) == parse(program)


def test_goldens_are_compared() -> None:
    assert not OVERWRITE


@pytest.mark.parametrize("name", zoo.EXPRESSIONS)
def test_round_trip_on_the_zoo(name: str) -> None:
    program = load(name)
    assert parse(text(program)) == program
    assert text(parse(text(program))) == text(program)


@pytest.mark.parametrize("name", ["sgd", "adamw", "lion", "lamb", "nadam", "amsgrad", "signum"])
def test_the_zoo_is_written_as_it_is_printed(name: str) -> None:
    def plain(source: str) -> list[str]:
        return [line.partition("  #")[0].rstrip() for line in source.splitlines()]

    assert plain(text(load(name))) == plain(zoo.source(name))


@given(programs())
@settings(max_examples=150)
def test_round_trip(program: Program) -> None:
    printed = text(program)
    again = parse(printed)
    assert again == program
    assert text(again) == printed  # 1, 1.0 and True are equal in Python and not in the text
    check(again)


@given(programs())
@settings(max_examples=30)
def test_renumbering_is_done_once(program: Program) -> None:
    assert renumbered(program) == program


def program_of(*body: Call | Branch, **parts: object) -> Program:
    last = body[-1]
    update = last.out if isinstance(last, Call) else last.outs[0]
    held = {"inputs": ("w", "g", "t"), "hyperparameters": (), "states": (),
            "results": (("return", update),)} | parts  # fmt: skip
    return Program("f", body=body, **held)  # type: ignore[arg-type]


def lines(program: Program) -> list[str]:
    assert parse(text(program)) == renumbered(program)
    return [line.strip() for line in text(program).splitlines()[1:]]


M = State("m", Declared("Tensor"), Block((), (Literal(0),)))
V = State("v", Declared("Tensor"), Block((), (Literal(0),)))


def test_an_old_value_read_after_the_new_one_exists() -> None:
    program = program_of(
        Call(0, "add", ("m", "g"), (), "m"),
        Call(1, "mul", ("m", Literal(0.5)), (), "u"),
        states=(M,), results=(("m", 0), ("return", 1)),
    )  # fmt: skip
    assert lines(program) == [
        "m: Tensor = 0", "m_2 = m + g", "u = m * 0.5", "m = m_2", "return u"
    ]  # fmt: skip


def test_states_that_change_places() -> None:
    program = program_of(
        Call(0, "neg", ("g",)), states=(M, V), results=(("m", "v"), ("v", "m"), ("return", 0))
    )
    assert lines(program)[2:] == ["m_old = m", "m = v", "v = m_old", "return -g"]


def test_an_update_of_what_an_assignment_overwrites() -> None:
    program = program_of(
        Call(0, "neg", ("m",)), states=(M,), results=(("m", "g"), ("return", 0))
    )
    assert lines(program)[1:] == ["x = -m", "m = g", "return x"]
    plain = program_of(Call(0, "neg", ("m",)), states=(M,), results=(("m", "g"), ("return", "m")))
    assert lines(plain)[2:] == ["update = m", "m = g", "return update"]


def test_a_nameless_value_used_twice_gets_a_name() -> None:
    program = program_of(Call(0, "neg", ("g",)), Call(1, "mul", (0, 0)))
    assert lines(program) == ["x = -g", "return x * x"]


def test_nesting_keeps_the_order_of_calls() -> None:
    """Written inside one expression, the call on the left would come first."""
    program = program_of(
        Call(0, "neg", ("g",)), Call(1, "abs", ("g",)), Call(2, "mul", (1, 0))
    )
    assert lines(program) == ["x = -g", "return abs(g) * x"]


def test_a_name_that_would_hide_an_input() -> None:
    program = program_of(
        Call(0, "neg", ("g",), (), "t"), Call(1, "mul", ("t", 0), (), "lambda")
    )
    assert lines(program) == ["t_2 = -g", "x = t * t_2", "return x"]


def test_a_side_without_a_line_gets_one() -> None:
    branch = Branch((2,), 0, Block((), ("m",)), Block((Call(1, "neg", ("g",)),), (1,)), ("m",))
    program = program_of(
        Call(0, "gt", ("t", Literal(3))), branch, states=(M,), results=(("m", 2), ("return", 2))
    )
    assert lines(program) == [
        "m: Tensor = 0", "if t > 3:", "m_2 = m", "else:", "m_2 = -g", "m = m_2", "return m_2"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (1, "1"), (1.0, "1.0"), (-0.5, "-0.5"), (1e-8, "1e-8"), (1e30, "1e30"), (2.5e-7, "2.5e-7"),
        (float("inf"), "1e999"), (True, "True"), (None, "None"), ("head", '"head"'),
        ("it's", '"it\'s"'), ('"', "'\"'"), (("a",), '("a",)'), ((0, -1), "(0, -1)"), ((), "()"),
    ],
)  # fmt: skip
def test_literals(value: object, printed: str) -> None:
    assert literal(value) == printed
    assert eval(printed) == value


@pytest.mark.parametrize(
    "doc",
    ["One line.", "Two.\n\nLines.", 'Ends in "', "A \\ backslash", '""" quotes', "A\ttab", "é"],
)
def test_documentation(doc: str) -> None:
    program = program_of(Call(0, "neg", ("g",)), doc=doc)
    assert parse(text(program)).doc == doc.expandtabs()


def test_long_signatures_are_folded() -> None:
    hypers = tuple(Hyperparameter(f"hyperparameter_{i}", 0.5) for i in range(12))
    program = program_of(Call(0, "neg", ("g",)), hyperparameters=hypers)
    assert max(map(len, text(program).splitlines())) <= 100
    assert parse(text(program)) == program


def test_deep_expressions_are_broken() -> None:
    body = [Call(i, "exp", (i - 1 if i else "g",)) for i in range(300)]
    program = program_of(*body)
    assert parse(text(program)) == program


def test_a_shared_part_of_an_initial_value_is_written_twice() -> None:
    init = Block((Call(0, "neg", ("w",)), Call(1, "mul", (0, 0))), (1,))
    state = State("m", Declared("Tensor"), init)
    program = program_of(
        Call(2, "add", ("m", "g")), states=(state,), results=(("m", "m"), ("return", 2))
    )
    assert "m: Tensor = -w * -w\n" in text(program)
    check(parse(text(program)))


@given(programs())
@settings(max_examples=60)
def test_texts_do_not_depend_on_display_names(program: Program) -> None:
    bare = without_names(program)
    assert parse(text(bare)) == program


def without_names(program: Program) -> Program:
    def stripped(body: tuple) -> tuple:
        return tuple(replace(s, name="") if isinstance(s, Call) else branch(s) for s in body)

    def branch(s: Branch) -> Branch:
        blocks = [Block(stripped(b.body), b.results) for b in (s.then, s.orelse)]
        return Branch(s.outs, s.condition, blocks[0], blocks[1])

    return replace(program, body=stripped(program.body))
