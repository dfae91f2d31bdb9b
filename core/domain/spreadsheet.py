"""Cells of tables that others open in a spreadsheet."""

from __future__ import annotations

from typing import Final

# A cell that begins so is run as a formula by spreadsheets; an apostrophe before it makes it text.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_GUARDED: Final = (*_FORMULA_STARTS, "'")


def safe_cell(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def unsafe_cell(text: str) -> str:
    """Return a cell as it was before `safe_cell` made it text; any other cell as it is."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_STARTS) else text


def guarded_cell(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula, and `unguarded_cell` gives it back exactly."""
    return f"'{text}" if text.startswith(_GUARDED) else text


def unguarded_cell(text: str) -> str:
    """Return what `guarded_cell` was given."""
    return text.removeprefix("'")
