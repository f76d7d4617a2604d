"""Tuned AdamW's curves, stored beside this file as the command `stepsmith baseline` writes them."""

from .stored import curve_for, curve_of, path_of, read, write

__all__ = ["curve_for", "curve_of", "path_of", "read", "write"]
