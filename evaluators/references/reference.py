"""What a reference is, and the settings that many of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

OPTAX, TORCH = "optax", "torch"
COLLECTION = "pytorch_optimizer"  # a hundred rules for torch
PAPER = "paper"  # the equations of a paper or its authors' code, written out here in NumPy
STEPS = 24  # of a comparison; T for rules that read it
Settings = Mapping[str, float]
Arrays = list[Any]  # one NumPy array for each parameter
Step = Callable[[int, float, Arrays, Arrays, Mapping[str, Callable[..., Any]]], Arrays]


@dataclass(frozen=True)
class Reference:
    """One implementation of a program.

    make: for optax `make(optax, schedule, settings)`, a transformation; for a paper
    `make(numpy, parameters, settings)`, a function `step(t, lr, ws, gs, oracles)` that counts t
    from 1, keeps its own state and returns the new parameters; for the others
    `make(module, parameters, settings)`, pairs of an optimizer and its share of the learning rate.
    settings: hyperparameters by the program's names; "lr", if there, is the first learning rate.
    out: the output axis, first in torch and last in optax. gradient_scale: how many times as large
    as usual the gradients are. asks: it needs a real loss, at the parameters or elsewhere; optax's
    `update` then gets value= and value_fn=, torch's `step` a closure, a paper's step every
    oracle by its name. A paper's step always gets `normal`, `uniform` and `rademacher`,
    which give the noise of a stream. narrow: what it computes in single precision, which keeps the
    two from agreeing to more digits. shapes: of the parameters, where those that most references
    are compared on do not do. zeros: the share of entries whose gradient is 0, for rules that would
    show a wrong answer there alone. roles: of the parameters, none if empty.
    """

    program: str
    library: str
    call: str
    make: Callable[[Any, Any, Settings], Any]
    settings: tuple[Settings, ...] = ({},)
    out: int = -1
    gradient_scale: float = 1.0
    asks: bool = False
    narrow: str = ""
    shapes: tuple[tuple[int, ...], ...] | None = None
    zeros: float = 0.0
    roles: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The module that `make` is given."""
        return "numpy" if self.library == PAPER else self.library


ADAM = ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3})
DECAYED = (
    {"weight_decay": 0.0},
    {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.2},
)
MOMENTUM = ({}, {"beta": 0.6})


def betas(h: Settings) -> tuple[float, float]:
    return h.get("beta1", 0.9), h.get("beta2", 0.999)


def each(make: Callable[[Any, Any, Settings], Any]) -> Callable[[Any, Any, Settings], Any]:
    """Makes the pairs for an optimizer of the collection that takes all parameters."""
    return lambda module, ps, h: [(make(module, ps, h), 1.0)]


def whole(make: Callable[[Any, Any, Settings], Any]) -> Callable[[Any, Any, Settings], Any]:
    """Makes the pairs for a torch optimizer that takes all parameters."""
    return lambda torch, ps, h: [(make(torch.optim, ps, h), 1.0)]
