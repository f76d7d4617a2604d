"""Dead code is found across steps and through regions."""

from __future__ import annotations

import pytest
from walks import start

from dsl.arrange import arranged
from dsl.live import live, live_calls, without_dead
from dsl.parse import parse
from dsl.program import calls
from dsl.tidy import tidied
from dsl.zoo import EXPRESSIONS

OVERWRITTEN = """
def rule(w, g, t, lr, *, beta=0.9, gamma=0.5):
    m: Tensor = 0
    n: Tensor = 0
    x = m * 2 + t
    m = lerp(n, g, gamma)
    n = lerp(n, g, beta)
    return lr * (n + m)
"""
UNREAD_CHAIN = """
def rule(w, g, lr, *, beta=0.9):
    a: Tensor = 0
    b: Tensor = 0
    c: Tensor = 0
    a = lerp(a, g, beta)
    b = lerp(b, a, beta)
    c = lerp(c, b, beta)
    return lr * a
"""
ACROSS_STEPS = """
def rule(w, g, lr, *, beta=0.9):
    old: Tensor = 0
    older: Tensor = 0
    u = lr * older
    older = old
    old = g
    return u
"""
REGIONS = """
def rule(w, g, lr, *, beta=0.9, gamma=0.5):
    m: Tensor = 0
    v: Tensor = 0
    if ndim(w) >= 2:
        m = lerp(m, g, beta)
        v = lerp(v, g * g, gamma)
        u = sign(g)
    else:
        m = g
        u = g
    return lr * u * (1 if ndim(w) >= 2 else 2)
"""


def _states(text: str) -> list[str]:
    return [state.name for state in without_dead(parse(text)).states]


def test_a_state_overwritten_before_it_is_read_is_dead() -> None:
    program = without_dead(parse(OVERWRITTEN))
    assert [state.name for state in program.states] == ["n"]
    assert program.inputs == ("w", "g", "lr")  # t was read by dead code only
    assert len(program.body) == len(parse(OVERWRITTEN).body) - 2


def test_a_chain_of_states_that_ends_nowhere_is_dead() -> None:
    assert _states(UNREAD_CHAIN) == ["a"]


def test_a_state_that_reaches_the_update_in_a_later_step_is_live() -> None:
    assert _states(ACROSS_STEPS) == ["old", "older"]


def test_regions_lose_what_nobody_reads() -> None:
    program = without_dead(parse(REGIONS))
    assert program.states == ()
    assert program.hyperparameters == ()
    assert {call.op for call in calls(program.body)} >= {"sign", "ndim"}
    assert "lerp" not in {call.op for call in calls(program.body)}


def test_live_calls_are_those_of_the_program_without_dead_code() -> None:
    program = parse(OVERWRITTEN)
    assert live_calls(program) == list(calls(without_dead(program).body))
    assert "t" not in live(program)


# The last turn of a loop leaves what a next one would read.
LOOPS = {
    "adam_cm", "adam_cg", "coordinate_clip", "splus", "newton_damped",
    "gradient_regularized_newton", "alternating_minimization", "spectral_sphere",
    "zoom_wolfe_linesearch",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in EXPRESSIONS if name not in LOOPS])
def test_the_zoo_has_no_dead_code(name: str) -> None:
    program = start(name)
    assert len(live_calls(program)) == len(list(calls(program.body)))


@pytest.mark.parametrize("text", [OVERWRITTEN, UNREAD_CHAIN, ACROSS_STEPS, REGIONS])
def test_tidying_a_line_is_removing_and_numbering(text: str) -> None:
    program = parse(text)
    assert tidied(program) == arranged(without_dead(program))
    assert tidied(tidied(program)) == tidied(program)
