"""Images that belong together, and whether they are on two sides of a split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SPLIT_CODES, Split

_TEST, _VAL = SPLIT_CODES[Split.TEST], SPLIT_CODES[Split.VAL]


@dataclass(frozen=True, slots=True)
class Straddling:
    """Images that belong together and are in several splits.

    Attributes
    ----------
    why
        ``duplicate``, ``group``, or the name of what was recorded of them.
    value
        Which group or recorded value it is; -1 where there is no such number.
    rows
        Those judged on (test, then validation) first.
    """

    why: str
    value: int
    rows: tuple[int, ...]


def straddling_clusters(
    clusters: Iterable[Sequence[int] | NDArray[np.int64]], splits: NDArray[np.int8]
) -> list[Straddling]:
    """Return the clusters of duplicates that have members in several splits."""
    found = []
    for cluster in clusters:
        rows = np.asarray(cluster, dtype=np.int64)
        if crosses(splits[rows]):
            found.append(Straddling("duplicate", -1, judged_first(rows, splits)))
    return found


def straddling_codes(why: str, codes: NDArray[np.int64], splits: NDArray[np.int8]) -> list[Straddling]:
    """Return the samples of each code (N,), -1 for none, that has samples in several splits."""
    placed = np.flatnonzero((codes >= 0) & (splits > 0))
    order = placed[np.argsort(codes[placed], kind="stable")]
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    parts = np.split(order, starts[1:]) if len(order) else []
    return [Straddling(why, int(codes[rows[0]]), judged_first(rows, splits)) for rows in parts if crosses(splits[rows])]


def crosses(splits: NDArray[np.int8]) -> bool:
    """Return whether samples are in two splits or more; being in none is being in neither."""
    return len(np.unique(splits[splits > 0])) > 1


def judged_first(rows: NDArray[np.int64], splits: NDArray[np.int8]) -> tuple[int, ...]:
    """Return rows in the order test, val, train, none."""
    rank = np.where(splits[rows] > 0, -splits[rows].astype(np.int64), 1)
    return tuple(rows[np.lexsort((rows, rank))].tolist())


def joined(
    count: int, clusters: Iterable[Sequence[int] | NDArray[np.int64]], *codes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return (count,) units: what any relation ties together, directly or through others, has the same number.

    Parameters
    ----------
    clusters
        Rows that belong together.
    codes
        (count,) each: samples of the same code belong together, -1 with none.
    """
    starts, ends = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for cluster in clusters:
        rows = np.asarray(cluster, dtype=np.int64)
        starts.append(np.full(len(rows) - 1, rows[0]))
        ends.append(rows[1:])
    for code in codes:
        known = np.flatnonzero(code >= 0)
        _, first, inverse = np.unique(code[known], return_index=True, return_inverse=True)
        starts.append(known[first[inverse.ravel()]])
        ends.append(known)
    one, other = np.concatenate(starts), np.concatenate(ends)
    unit = np.arange(count, dtype=np.int64)
    while True:
        # The least number spreads along the ties; then everything points at what its unit points at.
        least = np.minimum(unit[one], unit[other])
        before = unit.copy()
        np.minimum.at(unit, unit[one], least)
        np.minimum.at(unit, unit[other], least)
        unit = unit[unit]
        if np.array_equal(unit, before):
            return unit


def judged_split(splits: NDArray[np.int8]) -> int | None:
    """Return the code of the split that the score is of: test where there is one, else val; None without either."""
    for code in (_TEST, _VAL):
        if (splits == code).any():
            return code
    return None
