"""How many samples there are of each kind: one pass over them, however many kinds are asked for."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from core.store.columns import parse_numbers

USABLE = "sample.excluded = 0 AND sample.problem IS NULL AND sample.missing = 0 AND sample.state = 0"


class Kind(IntFlag):
    """What a sample is, as bits of one number: below these its split and its state, above them its label's id."""

    EXCLUDED = 1 << 4
    MISSING = 1 << 5
    UNREADABLE = 1 << 6
    LABELLED = 1 << 7
    LABEL_ID = 1 << 8


_SPLIT, _STATE = 0b11, 0b1100
_LABEL_BIT = 9
_UNUSABLE = _STATE | Kind.EXCLUDED | Kind.MISSING | Kind.UNREADABLE
# Sums, because SQLite gives shifts and bitwise "or" the same precedence.
_CODE = (
    f"split + 4 * state + {Kind.EXCLUDED:d} * excluded + {Kind.MISSING:d} * missing"
    f" + {Kind.UNREADABLE:d} * (problem IS NOT NULL) + {Kind.LABELLED:d} * labelled"
    f" + {Kind.LABEL_ID:d} * (label_id IS NOT NULL) + {1 << _LABEL_BIT} * coalesce(label_id, 0)"
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many samples have each of the combinations that occur.

    Attributes
    ----------
    codes, counts
        (C,) int64, the combinations, and how many have each.
    groups
        How many groups the usable ones belong to.
    """

    codes: NDArray[np.int64]
    counts: NDArray[np.int64]
    groups: int

    @property
    def usable(self) -> int:
        """How many training can use."""
        return int(self.counts[self._is_usable()].sum())

    def count(self, kind: int = 0) -> int:
        """Return how many are of a kind; all, without one."""
        return int(self.counts[(self.codes & kind) == kind].sum())

    def count_usable(self, kind: Kind) -> int:
        """Return how many are of a kind and usable."""
        return int(self.counts[self._is_usable() & ((self.codes & kind) > 0)].sum())

    def by_label(self) -> dict[int, int]:
        """Return how many of the usable have each label, by id."""
        return self._sums(self._is_usable() & ((self.codes & Kind.LABEL_ID) > 0), self.codes >> _LABEL_BIT)

    def by_split(self) -> dict[int, int]:
        """Return how many of the usable are in each split, by code."""
        return self._sums(self._is_usable(), self.codes & _SPLIT)

    def by_state(self) -> dict[int, int]:
        """Return how many are in each state, by code."""
        return self._sums(np.ones(len(self.codes), np.bool_), (self.codes & _STATE) >> 2)

    def _is_usable(self) -> NDArray[np.bool_]:
        usable: NDArray[np.bool_] = (self.codes & _UNUSABLE) == 0
        return usable

    def _sums(self, chosen: NDArray[np.bool_], keys: NDArray[np.int64]) -> dict[int, int]:
        found: dict[int, int] = {}
        for key, count in zip(keys[chosen].tolist(), self.counts[chosen].tolist(), strict=True):
            found[key] = found.get(key, 0) + count
        return found


def tally(connection: sqlite3.Connection) -> Tally:
    """Count all samples by everything that one number can say of each."""
    row = connection.execute(
        f"SELECT group_concat({_CODE}), group_concat(coalesce(group_id, 0)) FROM sample"
    ).fetchone()
    codes, groups = parse_numbers(row[0]), parse_numbers(row[1])
    groups = groups[((codes & _UNUSABLE) == 0) & (groups > 0)]
    counted = np.bincount(codes)
    occurring = np.flatnonzero(counted)
    return Tally(occurring, counted[occurring], int(np.count_nonzero(np.bincount(groups))))


def labels_of_many(connection: sqlite3.Connection) -> dict[int, int]:
    """Return how many of the usable samples have each label, by id, in a project of many labels an image."""
    # In the order of the samples: through the index on labels each of them would be looked up on its own.
    row = connection.execute(
        "SELECT group_concat(sample_label.label_id) FROM sample_label NOT INDEXED CROSS JOIN sample"
        f" ON sample.id = sample_label.sample_id WHERE {USABLE}"
    ).fetchone()
    counted = np.bincount(parse_numbers(row[0]))
    return {label: int(counted[label]) for label in np.flatnonzero(counted).tolist()}
