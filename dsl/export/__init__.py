"""Programs as source text for other libraries: `export(program, "torch")`."""

from ._export import LIBRARIES as LIBRARIES
from ._export import TARGETS as TARGETS
from ._export import export as export
from .errors import ExportError as ExportError
from .header import origin_of as origin_of
from .names import class_name as class_name
from .usage import pasted as pasted
from .usage import renamed as renamed
