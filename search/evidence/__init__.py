"""What is measured of a rule for its card, when a person asks for it: on fresh seeds, and kept."""

from .kept import FILE as FILE
from .kept import Kept as Kept
from .kept import load as load
from .plan import planned as planned
from .records import AROUND as AROUND
from .records import Measured as Measured
from .records import Question as Question
