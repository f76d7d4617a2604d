"""The zoo: known optimizers as program texts, each with its paper and its reference."""

from ._catalogue import NAMES as NAMES
from ._catalogue import family as family
from ._catalogue import programs as programs
from ._catalogue import source as source
