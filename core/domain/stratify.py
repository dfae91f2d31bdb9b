"""Dealing out units that carry many labels: iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011).

The rarest label goes first, because nothing can make up later for what it lacks: each unit that has it goes to the
split that still lacks most of that label, then most samples of all. Here a unit is a whole group; large ones go before
small ones, which then even out what those left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def stratify(
    units: NDArray[np.intp], sizes: NDArray[np.float64], shares: NDArray[np.float64], home: NDArray[np.intp]
) -> None:
    """Place each of `units`; fills `home`.

    Parameters
    ----------
    units
        The units without a home, in the order that decides ties.
    sizes
        (U, L + 1): how many samples of each label a unit has; the last column is how many samples in all.
    shares
        (S,) of the splits; one of 0 gets nothing.
    home
        (U,) the split of each unit, -1 where it has none yet.
    """
    placed = np.stack([sizes[home == split].sum(axis=0) for split in range(len(shares))])
    lacking: list[list[float]] = (shares[:, None] * sizes.sum(axis=0) - placed).tolist()
    open_splits = np.flatnonzero(shares > 0).tolist()
    waiting = np.ones(len(units), bool)
    own = sizes[units]
    left = own[:, :-1].sum(axis=0)
    while waiting.any():
        label = _rarest(left)
        rows = np.flatnonzero(waiting & (own[:, label] > 0)) if label >= 0 else np.flatnonzero(waiting)
        largest_first = rows[np.lexsort((rows, -own[rows, -1], -own[rows, label]))]
        for row in largest_first.tolist():
            home[units[row]] = _place(own[row].tolist(), label, lacking, open_splits)
        waiting[rows] = False
        left = left - own[rows, :-1].sum(axis=0)


def _rarest(left: NDArray[np.float64]) -> int:
    """Return the label of which least is left to deal out, -1 where nothing of any is."""
    there = np.flatnonzero(left > 0.5)
    return int(there[left[there].argmin()]) if len(there) else -1


def _place(unit: list[float], label: int, lacking: list[list[float]], open_splits: list[int]) -> int:
    """Return the split that lacks most of the label, then most samples, and take the unit off what it lacks."""
    chosen = max(open_splits, key=lambda split: (lacking[split][label], lacking[split][-1], -split))
    need = lacking[chosen]
    for index, amount in enumerate(unit):
        if amount:
            need[index] -= amount
    return chosen
