"""Writes the end of a generated file: run as a script, it compares itself with its program."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..needs import oracles
from ..program import Program
from .conformance import RATE, STEPS, Conformance
from .lines import indented, packed
from .names import class_name, function_name
from .target import Target

_WIDTH = 88


def check_lines(program: Program, target: Target, vector: Conformance) -> list[str]:
    """Returns the block under `if __name__ == "__main__":`."""
    if not (vector.finite and vector.settled):
        said = "rounding decides where the rule goes" if vector.finite else "it leaves the numbers"
        return [f"# Run as a script, this file has nothing to compare: on fixed gradients {said}."]
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
    lines = [*_numbers(vector, "torch.tensor(powers, dtype=torch.float64)")]
    asked, answers = _asked(program, "torch")
    if not asked:
        loop = ["for w, g in zip(params, batch):", "    w.grad = g", "optimizer.step()"]
    else:
        lines.append("params = [w.clone().requires_grad_() for w in params]")
        given = ["lambda: loss(params, batch)", *answers]
        loop = [f"optimizer.step({', '.join(given)})"]
        if not set(asked) & CLOSURES:
            loop[:0] = [
                "for w, g in zip(params, torch.autograd.grad(loss(params, batch), params)):",
                "    w.grad = g",
            ]
    return [
        *lines,
        *(_LOSS if asked else []),
        f"optimizer = {made}",
        "for batch in steps:",
        *indented(loop),
        *_expected(vector),
        "final = torch.cat([w.detach().flatten() for w in params])",
        "apart = float(abs(final - torch.tensor(expected, dtype=torch.float64)).max())",
    ]


def _numpy(program: Program, vector: Conformance, target: Target) -> list[str]:
    del target
    asked, answers = _asked(program, "numpy")
    loss = ["loss(params, batch)"] if "loss" in program.inputs else []
    grads = "slope(params, batch)" if asked else "batch"
    rate, *horizon = [*_arguments(program), ""]
    given = ["state", "params", grads]
    if "lr" in program.inputs:
        given.append(rate)
    elif rate:
        horizon = [rate]
    given += [*(part for part in horizon if part), *loss, *answers]
    return [
        *_numbers(vector, "np.array(powers)"),
        *((_LOSS + _SLOPE) if asked else []),
        "state = init(params)",
        "for batch in steps:",
        *indented(call("params, state = update", given)),
        *_expected(vector),
        "apart = abs(np.concatenate([w.ravel() for w in params]) - expected).max()",
    ]


def _optax(program: Program, vector: Conformance, target: Target) -> list[str]:
    asked, answers = _asked(program, "optax")
    step, update = ["updates, state = update(batch, state, params)"], "jax.jit(rule.update)"
    if asked:
        value = ["value=loss(params, batch)"]
        given = ["jax.grad(loss)(params, batch)", "state", "params", *value, *answers]
        step, update = call("updates, state = rule.update", given), ""
    made = ["state, update = rule.init(params), jax.jit(rule.update)"]
    return [
        'jax.config.update("jax_enable_x64", True)',
        f"rule = {function_name(program, target)}({', '.join(_arguments(program))})",
        *_numbers(vector, "jnp.array(powers)"),
        *(_LOSS if asked else []),
        *(made if update else ["state = rule.init(params)"]),
        "for batch in steps:",
        *indented([*step, "params = optax.apply_updates(params, updates)"]),
        *_expected(vector),
        "final = jnp.concatenate([w.ravel() for w in params])",
        "apart = float(abs(final - jnp.array(expected)).max())",
    ]


def call(head: str, arguments: Sequence[str]) -> list[str]:
    """Returns a call on one line, or with its arguments on lines of their own."""
    line = f"{head}({', '.join(arguments)})"
    if len(line) <= _WIDTH - 8:
        return [line]
    return [f"{head}(", *indented(packed(arguments)), ")"]


# What a rule that asks for the loss is checked on: with d the distance from numbers of the step.
_LOSS = [
    "def loss(point, batch):",
    "    return sum(((w - x)**2 / 2 + (w - x)**4 / 4).sum() for w, x in zip(point, batch))",
]
_SLOPE = [
    "def slope(point, batch):",
    "    return [w - x + (w - x) ** 3 for w, x in zip(point, batch)]",
]
CLOSURES = {"grad_at", "loss_at", "hvp"}
_NULL = "[0 * x for x in batch]"
_BOX = "lambda point: [x.clip(-1.5, 1.5) for x in point]"
_ANSWERS: dict[str, dict[str, str]] = {
    "torch": {
        "full_grad": f"full_closure=lambda: loss(params, {_NULL})",
        "project": f"project={_BOX}",
        "prox": "prox=lambda point, sizes: ["
        "torch.sign(x) * (abs(x) - 0.3 * s).clip(0) for x, s in zip(point, sizes)]",
        "lmo": "lmo=lambda point: [-1.5 * torch.sign(x) for x in point]",
    },
    "numpy": {
        "grad_at": "grad_at=lambda point: slope(point, batch)",
        "loss_at": "loss_at=lambda point: loss(point, batch)",
        "hvp": "hvp=lambda vector: ["
        "(1 + 3 * (w - x) ** 2) * v for w, x, v in zip(params, batch, vector)]",
        "full_grad": f"full_grad=lambda point: slope(point, {_NULL})",
        "project": f"project={_BOX}",
        "prox": "prox=lambda point, sizes: ["
        "np.sign(x) * (abs(x) - 0.3 * s).clip(0) for x, s in zip(point, sizes)]",
        "lmo": "lmo=lambda point: [-1.5 * np.sign(x) for x in point]",
    },
    "optax": {
        "grad_at": "value_fn=lambda point: loss(point, batch)",
        "loss_at": "value_fn=lambda point: loss(point, batch)",
        "hvp": "value_fn=lambda point: loss(point, batch)",
        "full_grad": f"full_value_fn=lambda point: loss(point, {_NULL})",
        "project": f"project={_BOX}",
        "prox": "prox=lambda point, sizes: ["
        "jnp.sign(x) * (abs(x) - 0.3 * s).clip(0) for x, s in zip(point, sizes)]",
        "lmo": "lmo=lambda point: [-1.5 * jnp.sign(x) for x in point]",
    },
}


def _asked(program: Program, target: str) -> tuple[list[str], list[str]]:
    """Returns what a program asks for beside the gradient, and the arguments that answer it."""
    asked = [*(["loss"] if "loss" in program.inputs else []), *oracles(program)]
    answers = _ANSWERS[target]
    return asked, [*dict.fromkeys(answers[name] for name in asked if name in answers)]


_STEPS = {"torch": _torch, "numpy": _numpy, "optax": _optax}
