"""Tapes: what is fused, what the host works out, and where registers go."""

import numpy as np
import pytest

from dsl import load, parse
from dsl.layout import Layout, Operation
from dsl.registers import assign
from dsl.tape import COPY, Instruction, NotATape, Operand, evaluate, run
from dsl.taping import tape

LAYOUT = Layout(((4, 3), (3,), (3, 2)))


def operations(name: str) -> list[str]:
    return [i.operation.op for i in tape(load(name), LAYOUT).instructions]


def test_known_rules_become_a_few_fused_instructions():
    assert operations("sgd") == ["add"]
    assert operations("lion") == ["add", "sign", "add", "add"]
    assert operations("adamw") == ["add", "fma", "ratio", "add"]


def test_a_layout_splits_and_joins():
    flat = np.arange(float(LAYOUT.size))
    leaves = LAYOUT.split(flat)
    assert [leaf.shape for leaf in leaves] == [(4, 3), (3,), (3, 2)]
    assert np.array_equal(LAYOUT.join(np, leaves), flat)


def test_states_that_swap_their_values_are_copied_through_others():
    swap = [Instruction(5, Operation("abs"), (Operand(2),))]
    code, count = assign(swap, {3: 4, 4: 3, 1: 5}, 6)
    registers = {2: -7, 3: "a", 4: "b"}
    for instruction in code:
        read = registers.get(instruction.operands[0].register)
        registers[instruction.target] = read if instruction.operation.op == COPY else 7
    assert (registers[3], registers[4], registers[1]) == ("b", "a", 7)
    assert count >= 6


def test_an_old_value_that_is_read_later_is_not_overwritten():
    program = parse(
        """
def momentum_of_the_past(w, g, lr):
    m: Tensor = 0
    old = m
    m = lerp(m, g, 0.1)
    return lr * (sign(m) + tanh(old * g))
"""
    )
    gradients = np.random.default_rng(0).normal(size=(3, LAYOUT.size))
    start = np.zeros(LAYOUT.size)
    m = start
    for gradient, update in zip(
        gradients, run(tape(program, LAYOUT), start, gradients, 0.5, 10), strict=True
    ):
        old, m = m, m + 0.1 * (gradient - m)
        assert np.allclose(update, 0.5 * (np.sign(m) + np.tanh(old * gradient)), atol=1e-15)


def test_expressions_are_worked_out_once_in_double_precision():
    names = {"beta": np.float64(0.999), "t": np.arange(1, 4.0)}
    (value,) = evaluate([("sub", 1.0, ("pow", "beta", "t"))], names)
    assert np.allclose(value, 1 - 0.999 ** np.arange(1, 4.0), rtol=1e-15)


def test_an_initial_value_is_worked_out_at_the_first_step():
    program = parse(
        """
def first(w, g, lr):
    m: Tensor = 2 * g
    m = lerp(m, g, 0.25)
    return lr * m
"""
    )
    gradients = np.random.default_rng(0).normal(size=(3, LAYOUT.size))
    m = 2 * gradients[0]
    for gradient, update in zip(
        gradients,
        run(tape(program, LAYOUT), np.zeros(LAYOUT.size), gradients, 0.5, 10),
        strict=True,
    ):
        m = m + 0.25 * (gradient - m)
        assert np.allclose(update, 0.5 * m, atol=1e-15)


@pytest.mark.parametrize(
    ("line", "said"),
    [("grad_at(w)", "grad_at"), ("unmatrix(matrix(g), w)", "matrix"), ("loss * g", "'loss'")],
)
def test_what_a_tape_does_not_carry_is_named(line, said):
    code = f"def p(w, g, loss):\n    if ndim(w) >= 2:\n        return {line}\n    return g\n"
    code = code if "matrix" in line else f"def p(w, g, loss):\n    return {line}\n"
    with pytest.raises(NotATape, match=f"tapes do not carry .*{said}"):
        tape(parse(code), LAYOUT)
