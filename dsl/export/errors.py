"""The error of a program that cannot be written in the wanted language."""

from ..errors import ProgramError


class ExportError(ProgramError):
    """A target that export does not know, or a program that has no form there."""
