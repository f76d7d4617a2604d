"""The words of the language: inputs, kinds, and how primitives are spelled."""

from __future__ import annotations

import keyword

# What a program may ask for, and what each is.
INPUTS = {
    "w": "the parameters",
    "g": "the gradient",
    "t": "the number of the step, from 1",
    "T": "the number of steps of the whole run",
    "lr": "the learning rate of this step",
    "loss": "the loss of this step",
    "batch_size": "the number of examples of this step",
}

KINDS = ("Scalar", "Layer", "Vector", "Matrix", "Tensor", "History")
SIDES = ("rows", "cols", "short", "long", "axes")  # of a parameter as a matrix; all of its axes
WORDS = ("out", "rows", "cols", "axes", "eye")  # no names; `short` and `long` are taken by many
MAX_AXES = 4  # of a parameter; a loop over its axes stands for as many
RESULTS = ("w", "w_eval")  # what a program may set beside its states

# Primitives that are written otherwise than by their name.
SPELLED = {"maximum": "max", "minimum": "min"}


def is_free(name: str) -> bool:
    """Tells whether a variable, state or hyperparameter may have this name."""
    taken = name in KINDS or name in WORDS or keyword.iskeyword(name)
    return name.isidentifier() and name.isascii() and not taken and name != "return"
