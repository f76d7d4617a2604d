"""A map of the zoo: rules that do alike lie close together."""

from .draw import drawn
from .layout import Layout, laid_out
from .page import write_map

__all__ = ["Layout", "drawn", "laid_out", "write_map"]
