"""Whole columns of numbers out of the database, a million in a tenth of a second and without holding up other threads.

A cursor that steps through a million rows takes the interpreter's lock a million times, and whatever else wants it (the
window) waits as often. Here the database puts the column together itself, within one step.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_CHUNK: Final = 2**17
"""So many characters are read at once, in less than a millisecond, before other threads have a turn."""
_RANGE: Final = 2**13


def read_numbers(connection: sqlite3.Connection, sql: str, parameters: Sequence[object] = ()) -> NDArray[np.int64]:
    """Return (N,) int64: what `sql` selects, one column of integers without NULL, in its order."""
    row = connection.execute(
        f"WITH chosen(number) AS ({sql}) SELECT group_concat(number) FROM chosen", parameters
    ).fetchone()
    return parse_numbers(row[0])


def id_ranges(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Yield the first and last of the ids of at most 8,192 samples each, for what is put together by parts.

    Then its memory does not grow with the number of samples.
    """
    low, high = connection.execute("SELECT min(id), max(id) FROM sample").fetchone()
    if low is not None:
        for first in range(low, high + 1, _RANGE):
            yield first, min(first + _RANGE - 1, high)


def parse_numbers(text: str | None) -> NDArray[np.int64]:
    """Return the integers of ``1,2,3``, of which there may be millions; none for None, which is no rows put together.

    Examples
    --------
    >>> parse_numbers("1,-2,3").tolist()
    [1, -2, 3]
    """
    parts: list[NDArray[np.int64]] = []
    start, length = 0, len(text or "")
    while text and start < length:
        end = text.find(",", start + _CHUNK)
        end = length if end < 0 else end
        parts.append(np.fromstring(text[start:end], dtype=np.int64, sep=","))
        start = end + 1
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
