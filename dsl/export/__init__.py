"""Programs as source text for other libraries: `export(program, "torch")`."""

from ._export import TARGETS as TARGETS
from ._export import export as export
from .errors import ExportError as ExportError
from .names import class_name as class_name
