"""Sums and products have one way of writing, whatever the way that they were written in."""

from __future__ import annotations

import pytest

from dsl import canonical_key, parse, simplify, text
from dsl.agreement import agreement
from dsl.arithmetic import rewritten
from dsl.program import Program

HEAD = "def f(w, g, t, lr, *, beta=0.9, beta2=0.999, eps=1e-8):\n    "


def written(*lines: str) -> Program:
    return parse(HEAD + "\n    ".join(lines) + "\n")


# Ways of writing one value each, the one that is kept first.
SAME = (
    ("lr * (g + w)", "lr * g + w * lr", "(w + g) * lr", "lr * (g - -w)",
     "(g / 2 + w / 2) * lr * 2"),
    ("lerp(w, g, 1 - beta)", "beta * w + (1 - beta) * g", "w + (1 - beta) * (g - w)",
     "g + beta * (w - g)", "g - beta * g + w * beta", "lerp(g, w, beta)",
     "w - (1 - beta) * (w - g)"),
    ("lerp(w, g, 0.1)", "0.9 * w + 0.1 * g", "w - 0.1 * (w - g)", "0.1 * (9.0 * w + g)"),
    ("g / (norm(g) + eps)", "1 / (norm(g) + eps) * g", "-g / -(eps + norm(g))",
     "g * w / (norm(g) + eps) / w"),
    ("sqrt(abs(g))", "abs(g) / sqrt(abs(g))", "sqrt(abs(g)) ** 3 / abs(g)"),
    ("sign(g)", "g / sqrt(g * g)", "abs(g) / g", "g / abs(g)", "sign(g) * w / w"),
    ("w * abs(g)", "g * (w * sign(g))", "g * w * g / abs(g)"),
    ("square(g - w)", "(g - w) * (w - g) * -1", "(w - g) ** 2", "(2 * w - 2 * g) ** 2 / 4"),
    ("lr * norm(g - w)", "norm(w - g) * lr", "lr * norm(-(w - g))"),
    ("clip(g, -1, 1)", "min(max(g, -1), 1)", "min(1, max(-1, g))"),
    ("g", "copysign(abs(g), g)", "copysign(g, g)", "where(1 > 0, g, w)", "max(g, g)", "sqrt(g)**2"),
)  # fmt: skip


@pytest.mark.parametrize("ways", SAME, ids=lambda ways: ways[0])
def test_all_ways_of_writing_a_value_become_one(ways: tuple[str, ...]) -> None:
    kept, *others = (simplify(written(f"return {way}")).program for way in ways)
    assert len(kept.body) <= len(written(f"return {ways[0]}").body)
    for other, way in zip(others, ways[1:], strict=True):
        assert canonical_key(other) == canonical_key(kept), (way, text(other))


# States kept otherwise, and what they come back to.
STATES = (
    ("m = beta * m + 3.7 * (1 - beta) * g; return lr * m / 3.7",
     "m = lerp(m, g, 1 - beta); return lr * m"),
    ("v = beta2 * v + 0.125 * ((1 - beta2) * g * g); return lr * g / (sqrt(8.0 * v) + eps)",
     "v = lerp(v, g * g, 1 - beta2); return lr * g / (sqrt(v) + eps)"),
    ("a = beta * a + 0.3 * (1 - beta) * g; b = lerp(b, 0.7 * g, 1 - beta);"
     " return lr * sign(a + b)",
     "m = lerp(m, g, 1 - beta); return lr * sign(m)"),
    ("a = lerp(a, g + w, 1 - beta); b = lerp(b, w, 1 - beta); return lr * sign(a - b)",
     "m = lerp(m, g, 1 - beta); return lr * sign(m)"),
    ("a = b; b = lerp(b, g, 1 - beta); return lr * sign(b)",
     "m = lerp(m, g, 1 - beta); return lr * sign(m)"),
)  # fmt: skip


def with_states(lines: str) -> Program:
    parts = lines.split("; ")
    names = dict.fromkeys(part.split(" = ")[0] for part in parts[:-1])
    return written(*(f"{name}: Tensor = 0" for name in names), *parts)


@pytest.mark.parametrize(("given", "wanted"), STATES, ids=[one for _, one in STATES])
def test_states_kept_otherwise_come_back(given: str, wanted: str) -> None:
    short = simplify(with_states(given)).program
    assert canonical_key(short) == canonical_key(simplify(with_states(wanted)).program), text(short)
    found = agreement(with_states(given), short)
    assert found is not None
    assert found.apart < 1e-12


def test_a_state_that_does_not_begin_at_zero_keeps_its_scale() -> None:
    program = parse(
        "def f(w, g, lr):\n    v: Tensor = 1\n    v = 0.5 * v + 4.0 * g * g\n"
        "    return lr * g / sqrt(v / 4.0)\n"
    )
    found = agreement(program, simplify(program).program)
    assert found is not None
    assert found.apart < 1e-12


def test_whole_numbers_stay_structure_and_floats_data() -> None:
    assert "2 * " in text(rewritten(written("return lr * (g + g)"))[0])
    assert "2.0" in text(rewritten(written("return lr * (1.5 * g + 0.5 * g)"))[0])


def test_what_an_array_has_to_be_is_no_number() -> None:
    program = written("return lr * g * global_sum(1 + 0 * g)")
    found = agreement(program, simplify(program).program)
    assert found is not None
    assert found.apart < 1e-12


def test_a_value_that_is_used_twice_is_worked_out_once() -> None:
    program = written("x = lr * (g + w)", "return x * tanh(x)")
    assert len(simplify(program).program.body) == 4
