"""What was recorded of images that tells which were taken together: a minute, a folder of a study, a slide's number.

Not everything recorded is such a thing: two microscopes are not two slides. A recorded value counts where it has many
values, none of them common, and where images that share it are more alike than their labels alone explain.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_VALUES: Final = 8
LARGEST_SHARE: Final = 0.25
MIN_SHARED: Final = 0.3
"""Of the images with a value, so many share it with another at the least."""
LIFT: Final = 1.3
"""Neighbours share the value this many times as often as images of these labels would by chance."""
SURE: Final = 5.0
"""And by so many standard deviations."""
_NEIGHBOURS: Final = 5


def tells_sessions(codes: NDArray[np.int64]) -> bool:
    """Return whether values (N,), -1 for none, could be sessions: many, none too common, most of several images."""
    known = codes[codes >= 0]
    if len(known) < 2 * MIN_VALUES:
        return False
    counts = np.unique(known, return_counts=True)[1]
    several = counts[counts > 1]
    return (
        len(several) >= MIN_VALUES
        and float(counts.max() / len(known)) <= LARGEST_SHARE
        and float(several.sum() / len(known)) >= MIN_SHARED
    )


def alike_within(codes: NDArray[np.int64], given: NDArray[np.int64], indexes: NDArray[np.int32]) -> bool:
    """Return whether images that share a value are more alike than images of the same labels are.

    Parameters
    ----------
    codes
        (N,) values, -1 for none.
    given
        (N,) label, -1 for none.
    indexes
        (N, k) neighbours of each, -1 for none.
    """
    near = indexes[:, :_NEIGHBOURS].astype(np.int64)
    both = (near >= 0) & (codes[:, None] >= 0) & (codes[near] >= 0)
    first, place = np.nonzero(both)
    if not len(first):
        return False
    second = near[first, place]
    known = np.flatnonzero(codes >= 0)
    _, value = np.unique(codes[known], return_inverse=True)
    value_of = np.full(len(codes), -1, dtype=np.int64)
    value_of[known] = value.ravel()
    label = given + 1
    width = int(label.max()) + 1
    table = np.bincount(value_of[known] * width + label[known], minlength=(int(value.max()) + 1) * width)
    of_label = np.bincount(label[known], minlength=width)
    itself = label[first] == label[second]
    # The chance that an image of the neighbour's label has the value of the first, itself not counted.
    there = table[value_of[first] * width + label[second]] - itself
    chance = there / np.maximum(of_label[label[second]] - itself, 1)
    shared = float((value_of[first] == value_of[second]).sum())
    expected = float(chance.sum())
    # Neighbours come in both directions and in clumps: a fifth of them is independent evidence.
    deviation = np.sqrt(_NEIGHBOURS * float((chance * (1 - chance)).sum()) + 1e-9)
    return shared > LIFT * expected and shared - expected > SURE * deviation
