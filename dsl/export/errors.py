"""The error of a program that cannot be written in the wanted language."""


class ExportError(ValueError):
    """A program or a target that export does not know; its text is one sentence for the user."""
