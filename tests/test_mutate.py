"""Children are checked, differ from their parents, stay in bounds and come fast."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest
from walks import STARTS, start, walk

from dsl.canonical import canonical_key
from dsl.check import check
from dsl.live import live_calls
from dsl.parse import parse
from dsl.probe import behavioural_key
from dsl.program import Call, Literal, Program, calls
from dsl.text import text
from dsl.tidy import tidied
from dsl.zoo import EXPRESSIONS
from primitives import TABLE
from search.draft import Draft
from search.mutate import MUTATIONS, constant, propose
from search.vocabulary import QUICK, Vocabulary


def children(program: Program, count: int, seed: int = 0) -> list[tuple[Program, str]]:
    rng = random.Random(seed)
    return [propose(program, rng, QUICK) for _ in range(count)]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_children_are_checked_and_print_as_they_are(name: str) -> None:
    parent = tidied(start(name))
    for child, _ in children(parent, 40):
        check(child)
        assert parse(text(child)) == child


def test_children_of_children_are_checked_and_print_as_they_are() -> None:
    for program in walk(200, 20, least=1, most=24):
        check(program)
        assert parse(text(program)) == program


def test_descendants_of_a_rule_with_an_if_print_as_they_are() -> None:
    rng = random.Random(7)
    pool = [start("muon")]
    for _ in range(250):
        child, _ = propose(rng.choice(pool), rng, QUICK)
        assert canonical_key(parse(text(child))) == canonical_key(child)
        pool.append(child)


def test_children_have_nothing_dead_and_stay_in_bounds() -> None:
    for program in walk(200, 21, least=1, most=24):
        assert len(live_calls(program)) == len(list(calls(program.body)))
        assert 0 < len(program.body) <= QUICK.max_calls
        assert len(program.states) <= QUICK.max_states


def test_children_rarely_equal_their_parent() -> None:
    parents = [*map(start, STARTS), *walk(60, 22)]
    pairs = [
        (parent, child)
        for seed, parent in enumerate(parents)
        for child, _ in children(parent, 20, seed)
    ]
    same = sum(canonical_key(parent) == canonical_key(child) for parent, child in pairs)
    assert same / len(pairs) < 0.02


def test_the_learning_rate_keeps_its_place() -> None:
    for name in STARTS:
        for child, _ in children(start(name), 100):
            readers = [c for c in calls(child.body) if "lr" in c.args]
            assert [c.op for c in readers] == ["mul"]
            assert dict(child.results)["return"] == readers[0].out


def test_every_mutation_comes_up_and_does_what_its_name_says() -> None:
    seen: Counter[str] = Counter()
    for seed, program in enumerate(walk(150, 23)):
        for child, name in children(program, 6, seed):
            seen[name] += 1
            if name == "forget":
                assert len(child.states) < len(program.states)
            if name == "constant":
                assert _without_constants(child) == _without_constants(program)
            if name == "insert":
                assert len(child.body) > len(program.body) - 3
    assert seen.keys() == {mutation.name for mutation in MUTATIONS}


def _without_constants(program: Program) -> list[tuple[object, ...]]:
    def blank(ref: object) -> object:
        return "constant" if isinstance(ref, Literal) and isinstance(ref.value, float) else ref

    return [(c.op, *map(blank, c.args)) for c in program.body if isinstance(c, Call)]


def test_proposals_depend_on_the_seed_alone() -> None:
    first, second = (children(start("adamw"), 50, seed=7) for _ in range(2))
    assert first == second
    assert first != children(start("adamw"), 50, seed=8)


def test_constants_only_leaves_everything_else_alone() -> None:
    rng = random.Random(0)
    parent = start("adamw")
    values = set()
    for _ in range(50):
        child = constant(parent, rng)
        assert child.body == parent.body
        values.add(tuple(h.default for h in child.hyperparameters))
    assert len(values) > 30
    assert constant(start("sgd"), rng) == start("sgd")  # it has none


def test_a_rate_near_one_moves_by_its_distance_to_one() -> None:
    rng = random.Random(0)
    parent = parse("def f(w, g, lr, *, b=0.999):\n    return lr * lerp(w, g, b)\n")
    found = [constant(parent, rng).hyperparameters[0].default for _ in range(200)]
    between = [value for value in found if isinstance(value, float) and 0.98 < value < 1]
    assert len(between) > 120
    assert all(len(repr(value)) <= 8 for value in between)


def test_a_program_that_cannot_change_is_returned() -> None:
    nothing = Vocabulary((), (), QUICK.constants)
    assert Draft(start("sgd"), random.Random(0), nothing).uses()
    small = Vocabulary(QUICK.functions, QUICK.idioms, QUICK.constants, max_calls=0)
    assert propose(start("sgd"), random.Random(0), small) == (start("sgd"), "none")


def test_the_vocabulary_names_primitives() -> None:
    names = [name for name, _ in QUICK.functions]
    assert len(set(names)) == len(names)
    used = {*names, *(op for idiom in QUICK.idioms for op, *_ in idiom.calls)}
    assert used <= TABLE.keys()
    purposes = {arg for idiom in QUICK.idioms for _, *args in idiom.calls for arg in args}
    assert dict(QUICK.constants).keys() >= {p for p in purposes if p in ("rate", "small", "tiny")}


@pytest.mark.parametrize("idiom", QUICK.idioms, ids=lambda idiom: idiom.name)
def test_each_idiom_makes_checked_children(idiom: object) -> None:
    one = Vocabulary(QUICK.functions, (idiom,), QUICK.constants)  # type: ignore[arg-type]
    found = 0
    for seed in range(60):
        child, name = propose(start("lion"), random.Random(seed), one)
        if name == "idiom":
            check(child)
            assert parse(text(child)) == child
            found += 1
    assert found > 3


@pytest.mark.slow
def test_rates_of_proposals() -> None:
    """A generous floor; the bench measures what this machine does."""
    parents = walk(300, 30)
    rng = random.Random(0)
    start_time = time.process_time()
    for k in range(6000):
        child, _ = propose(parents[k % len(parents)], rng, QUICK)
        canonical_key(child)
    assert 6000 / (time.process_time() - start_time) > 3000
    start_time = time.process_time()
    for k in range(1500):
        child, _ = propose(parents[k % len(parents)], rng, QUICK)
        canonical_key(child)
        behavioural_key(child)
    assert 1500 / (time.process_time() - start_time) > 800
