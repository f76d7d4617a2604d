"""What a program may ask of the task: the loss, its derivatives, the set that parameters keep to.

Whoever runs the program adds `oracle`, a function of the arrays of all parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from .core import ORACLE, Array, Primitive


def _asked(xp: ModuleType, *points: list[Array], oracle: Callable[..., Array]) -> Array:
    del xp
    return oracle(*points)


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
    Primitive(
        "full_grad", _asked, 1, ORACLE, "tensor", flops=0.0, gradients=1.0,
        doc="The gradient of the loss over all of the data at the point x.",
    ),
    Primitive(
        "third", _asked, 1, ORACLE, "scalar", flops=0.0, gradients=8 / 3,
        doc="The third derivative of this step's loss at the parameters, along x.",
    ),
    Primitive(
        "half_grad", _asked, 1, ORACLE, "tensor", flops=0.0, gradients=1 / 2,
        doc="The gradient at the point x of the loss on the first half of this step's batch.",
    ),
    Primitive(
        "aux_loss", _asked, 1, ORACLE, "scalar", flops=0.0, gradients=1 / 3,
        doc="The task's second loss at the point x: of a lower level, or what a constraint costs.",
    ),
    Primitive(
        "aux_grad", _asked, 1, ORACLE, "tensor", flops=0.0, gradients=1.0,
        doc="The gradient of the task's second loss at the point x.",
    ),
    Primitive(
        "aux_hvp", _asked, 1, ORACLE, "tensor", flops=0.0, gradients=2.0,
        doc="The Hessian of the task's second loss at the parameters, times x.",
    ),
    Primitive(
        "project", _asked, 1, ORACLE, "tensor", flops=0.0,
        doc="The nearest point to x that the task's constraint allows.",
    ),
    Primitive(
        "prox", _asked, 2, ORACLE, "proximal", flops=0.0,
        doc="Where y times the task's penalty, and half the squared distance to x, are least.",
    ),
    Primitive(
        "lmo", _asked, 1, ORACLE, "tensor", flops=0.0,
        doc="The point that the task's constraint allows that lies farthest against x.",
    ),
)  # fmt: skip
