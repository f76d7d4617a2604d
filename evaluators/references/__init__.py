"""The implementations in other libraries that the programs of the zoo are compared with.

Where libraries disagree (nadam, radam, amsgrad, adagrad, rmsprop, muon) each form is a program of
its own.
"""

from .adam import ADAM_FAMILY
from .combinators import COMBINED
from .others import OTHERS
from .plain import PLAIN
from .reference import COLLECTION, OPTAX, TORCH, Reference
from .shaped import SHAPED

REFERENCES: tuple[Reference, ...] = (*PLAIN, *ADAM_FAMILY, *SHAPED, *OTHERS, *COMBINED)

__all__ = ["COLLECTION", "OPTAX", "REFERENCES", "TORCH", "Reference"]
