"""Tables of text, aligned; Hangul and Han take two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table; columns that hold numbers are aligned to the right."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(_width(cell) for cell in column) for column in columns]
    numeric = [bool(rows) and all(cell[:1].isdigit() or cell in ("", "–") for cell in column[1:]) for column in columns]
    return [
        "  ".join(
            _pad(cell, width, right=right) for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in (header, *rows)
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
