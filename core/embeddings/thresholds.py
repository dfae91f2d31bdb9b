"""Numbers that the window shows too; nothing heavy is imported with them."""

from typing import Final

MIN_LABELLED: Final = 10
"""Fewer labelled samples teach nothing worth suggesting."""
