"""Writes the end of a generated file: run as a script, it compares itself with its program."""

from __future__ import annotations

import math

from ..program import Program
from .conformance import RATE, STEPS, Conformance
from .lines import indented
from .names import class_name, function_name
from .target import Target

_WIDTH = 88


def check_lines(program: Program, target: Target, vector: Conformance) -> list[str]:
    """Returns the block under `if __name__ == "__main__":`."""
    if not vector.finite:
        said = "on the fixed gradients the rule leaves the finite numbers."
        return [f"# Run as a script, this file has nothing to compare: {said}"]
    lines = [
        f"# {STEPS} steps in float64 on fixed gradients end where those of the program itself do.",
        *_STEPS[target.name](program, vector, target),
        f"agrees = apart <= {vector.tolerance:.1g}",
        'verdict = "agrees with" if agrees else "differs from"',
        f'print(f"{program.name} {{verdict}} its program: largest difference {{apart:.1e}}")',
        "raise SystemExit(0 if agrees else 1)",
    ]
    return ['if __name__ == "__main__":', *indented(lines)]


def _expected(vector: Conformance) -> list[str]:
    rows, row = [], ""
    for number in vector.expected:
        text = f"{number:.12g}"
        if len(row) + len(text) + 2 > _WIDTH - 8:
            rows, row = [*rows, row], ""
        row += f"{' ' if row else ''}{text},"
    return ["expected = [", *indented([*rows, row]), "]"]


def _arguments(program: Program, rate: bool = True) -> list[str]:
    """Returns what of the learning rate and the horizon a rule takes."""
    given = [f"{RATE}"] if rate and "lr" in program.inputs else []
    return [*given, *([f"T={STEPS}"] if "T" in program.inputs else [])]


def _numbers(vector: Conformance, array: str) -> list[str]:
    """Returns the lines that make the start and the gradients, alike in every library."""
    count = (1 + STEPS) * vector.size
    parts, begin = [], 0
    for shape in vector.shapes:
        end = begin + math.prod(shape)
        cut = f"row[{begin or ''}:{end if end < vector.size else ''}]"
        parts.append(cut if len(shape) == 1 else f"{cut}.reshape({', '.join(map(str, shape))})")
        begin = end
    return [
        f"powers = [pow(3, i, 257) for i in range({count})]  # exact in every library",
        f"rows = ({array} / 64 - 257 / 128).reshape({1 + STEPS}, {vector.size})",
        f"params, *steps = [[{', '.join(parts)}] for row in rows]",
    ]


def _torch(program: Program, vector: Conformance, target: Target) -> list[str]:
    del target
    made = f"{class_name(program)}({', '.join(['params', *_arguments(program)])})"
    return [
        *_numbers(vector, "torch.tensor(powers, dtype=torch.float64)"),
        f"optimizer = {made}",
        "for grads in steps:",
        *indented(["for w, g in zip(params, grads):", "    w.grad = g", "optimizer.step()"]),
        *_expected(vector),
        "final = torch.cat([w.flatten() for w in params])",
        "apart = float(abs(final - torch.tensor(expected, dtype=torch.float64)).max())",
    ]


def _numpy(program: Program, vector: Conformance, target: Target) -> list[str]:
    del target
    given = ", ".join(["state", "params", "grads", *_arguments(program)])
    return [
        *_numbers(vector, "np.array(powers)"),
        "state = init(params)",
        "for grads in steps:",
        f"    params, state = update({given})",
        *_expected(vector),
        "apart = abs(np.concatenate([w.ravel() for w in params]) - expected).max()",
    ]


def _optax(program: Program, vector: Conformance, target: Target) -> list[str]:
    return [
        'jax.config.update("jax_enable_x64", True)',
        f"rule = {function_name(program, target)}({', '.join(_arguments(program))})",
        *_numbers(vector, "jnp.array(powers)"),
        "state, update = rule.init(params), jax.jit(rule.update)",
        "for grads in steps:",
        *indented([
            "updates, state = update(grads, state, params)",
            "params = optax.apply_updates(params, updates)",
        ]),
        *_expected(vector),
        "final = jnp.concatenate([w.ravel() for w in params])",
        "apart = float(abs(final - jnp.array(expected)).max())",
    ]


_STEPS = {"torch": _torch, "numpy": _numpy, "optax": _optax}
