"""Cells of tables that others open in a spreadsheet."""

from __future__ import annotations

from typing import Final

# A cell that begins so is run as a formula by spreadsheets; an apostrophe before it makes it text.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
