"""optax transformations as programs: `lift(optax.adamw(1e-3))`."""

from ._lift import Lifted as Lifted
from ._lift import lift as lift
from ._lift import lifted as lifted
from .values import LiftError as LiftError
