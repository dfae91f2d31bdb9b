"""Which samples have a label, for all labels in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def members_of(held: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Return, for each of K labels, the rows that have it, rising; `held` is (N, K)."""
    row, label = np.nonzero(held)
    order = np.argsort(label, kind="stable")
    ends = np.cumsum(np.bincount(label, minlength=held.shape[1]))[:-1]
    return [part.astype(np.int64) for part in np.split(row[order], ends)] if held.shape[1] else []


def groups_or_self(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (N,) group codes in which a sample without a group (-1) is a group of its own."""
    return np.where(groups >= 0, groups, -np.arange(len(groups)) - 2)
