"""The implementations in other libraries that the programs of the zoo are compared with.

Where libraries disagree (nadam, radam, amsgrad, adagrad, rmsprop, muon) each form is a program of
its own.
"""

from .adam import ADAM_FAMILY
from .adam_kin import ADAM_KIN
from .combinators import COMBINED
from .free import FREE
from .held import HELD
from .layers import LAYERS
from .matrices import MATRICES
from .momentum import MOMENTA
from .others import OTHERS
from .paper_adaptive import PAPER_ADAPTIVE
from .paper_asked import PAPER_ASKED
from .paper_blocks import PAPER_BLOCKS
from .paper_classic import PAPER_CLASSIC
from .paper_federated import PAPER_FEDERATED
from .paper_free import PAPER_FREE
from .paper_levels import PAPER_LEVELS
from .paper_loops import PAPER_LOOPS
from .paper_low_rank import PAPER_LOW_RANK
from .paper_matrices import PAPER_MATRICES
from .paper_momentum import PAPER_MOMENTUM
from .paper_more import PAPER_MORE
from .paper_more_2 import PAPER_MORE_2
from .paper_noisy import NOISY
from .paper_online import PAPER_ONLINE
from .paper_orthogonal import PAPER_ORTHOGONAL
from .paper_polyak import PAPER_POLYAK
from .paper_psgd import PAPER_PSGD
from .paper_psgd_2 import PAPER_PSGD_2
from .paper_rest import PAPER_REST
from .paper_rest_2 import PAPER_REST_2
from .paper_schedules import PAPER_SCHEDULES
from .paper_second_order import PAPER_SECOND_ORDER
from .paper_sharpness import PAPER_SHARPNESS
from .paper_wrappers import PAPER_WRAPPERS
from .plain import PLAIN
from .polyak import POLYAK
from .rates import RATES
from .reference import COLLECTION, OPTAX, PAPER, STEPS, TORCH, Reference
from .shaped import SHAPED

REFERENCES: tuple[Reference, ...] = (
    *PLAIN, *ADAM_FAMILY, *ADAM_KIN, *SHAPED, *OTHERS, *RATES, *COMBINED, *POLYAK, *FREE,
    *MOMENTA, *LAYERS, *MATRICES, *NOISY, *HELD,
    *PAPER_ADAPTIVE, *PAPER_MOMENTUM, *PAPER_MATRICES, *PAPER_ORTHOGONAL,
    *PAPER_LOW_RANK, *PAPER_PSGD, *PAPER_PSGD_2, *PAPER_LOOPS,
    *PAPER_POLYAK, *PAPER_SECOND_ORDER, *PAPER_SHARPNESS,
    *PAPER_FREE, *PAPER_SCHEDULES, *PAPER_FEDERATED,
    *PAPER_CLASSIC, *PAPER_MORE, *PAPER_MORE_2,
    *PAPER_ONLINE, *PAPER_WRAPPERS, *PAPER_REST, *PAPER_REST_2, *PAPER_ASKED,
    *PAPER_LEVELS, *PAPER_BLOCKS,
)  # fmt: skip

__all__ = ["COLLECTION", "OPTAX", "PAPER", "REFERENCES", "STEPS", "TORCH", "Reference"]
