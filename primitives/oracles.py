"""What a program may ask of the task: the loss and its derivatives on the batch of this step.

Whoever runs the program adds `oracle`, a function of the arrays of all parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from .core import ORACLE, Array, Primitive


def _asked(xp: ModuleType, leaves: list[Array], *, oracle: Callable[[list[Array]], Array]) -> Array:
    del xp
    return oracle(leaves)


PRIMITIVES = (
    Primitive(
        "grad_at", _asked, 1, ORACLE, "tensor", flops=0.0, gradients=1.0,
        doc="The gradient of this step's loss at the point x.",
    ),
    Primitive(
        "loss_at", _asked, 1, ORACLE, "scalar", flops=0.0, gradients=1 / 3,
        doc="This step's loss at the point x.",
    ),
    Primitive(
        "hvp", _asked, 1, ORACLE, "tensor", flops=0.0, gradients=2.0,
        doc="The Hessian of this step's loss at the parameters, times x.",
    ),
)  # fmt: skip
