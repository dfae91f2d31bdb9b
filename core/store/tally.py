"""How many samples there are of each kind: one pass over them, however many kinds are asked for."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from core.store.columns import id_ranges, parse_numbers

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
    groups, groups_shown
        How many groups the usable ones belong to, and how many all but the excluded do.
    """

    codes: NDArray[np.int64]
    counts: NDArray[np.int64]
    groups: int
    groups_shown: int

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

    def count_shown(self, kind: int = 0) -> int:
        """Return how many are of a kind and not excluded; all that are not, without one."""
        return int(self.counts[self._is_shown() & ((self.codes & kind) == kind)].sum())

    def by_label_shown(self) -> dict[int, int]:
        """Return how many of all but the excluded have each label, by id."""
        return self._sums(self._is_shown() & ((self.codes & Kind.LABEL_ID) > 0), self.codes >> _LABEL_BIT)

    def by_label(self) -> dict[int, int]:
        """Return how many of the usable have each label, by id."""
        return self._sums(self._is_usable() & ((self.codes & Kind.LABEL_ID) > 0), self.codes >> _LABEL_BIT)

    def by_split(self) -> dict[int, int]:
        """Return how many of the usable are in each split, by code."""
        return self._sums(self._is_usable(), self.codes & _SPLIT)

    def by_split_shown(self) -> dict[int, int]:
        """Return how many of all but the excluded are in each split, by code."""
        return self._sums(self._is_shown(), self.codes & _SPLIT)

    def by_state(self) -> dict[int, int]:
        """Return how many are in each state, by code."""
        return self._sums(np.ones(len(self.codes), np.bool_), (self.codes & _STATE) >> 2)

    def _is_usable(self) -> NDArray[np.bool_]:
        usable: NDArray[np.bool_] = (self.codes & _UNUSABLE) == 0
        return usable

    def _is_shown(self) -> NDArray[np.bool_]:
        shown: NDArray[np.bool_] = (self.codes & Kind.EXCLUDED) == 0
        return shown

    def _sums(self, chosen: NDArray[np.bool_], keys: NDArray[np.int64]) -> dict[int, int]:
        found: dict[int, int] = {}
        for key, count in zip(keys[chosen].tolist(), self.counts[chosen].tolist(), strict=True):
            found[key] = found.get(key, 0) + count
        return found


def tally(connection: sqlite3.Connection) -> Tally:
    """Count all samples by everything that one number can say of each."""
    counted: Counter[int] = Counter()
    usable, shown = np.empty(0, np.bool_), np.empty(0, np.bool_)
    for ids in id_ranges(connection):
        row = connection.execute(
            f"SELECT group_concat({_CODE}), group_concat(coalesce(group_id, 0)) FROM sample WHERE id BETWEEN ? AND ?",
            ids,
        ).fetchone()
        codes, groups = parse_numbers(row[0]), parse_numbers(row[1])
        bins = np.bincount(codes)
        occurring = np.flatnonzero(bins)
        counted.update(dict(zip(occurring.tolist(), bins[occurring].tolist(), strict=True)))
        usable = _with(usable, groups[(codes & _UNUSABLE) == 0])
        shown = _with(shown, groups[(codes & Kind.EXCLUDED) == 0])
    found = np.array(sorted(counted.items()), dtype=np.int64).reshape(-1, 2)
    # Nobody's group has the number 0.
    return Tally(found[:, 0].copy(), found[:, 1].copy(), *(int(met[1:].sum()) for met in (usable, shown)))


def _with(met: NDArray[np.bool_], groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which groups have been met, now that these have been too; by their ids."""
    size = max(len(met), int(groups.max(initial=-1)) + 1)
    grown = np.zeros(size, np.bool_)
    grown[: len(met)] = met
    grown[groups] = True
    return grown


def labels_of_many(connection: sqlite3.Connection) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many samples have each label, by id, in a project of many labels an image.

    First of the usable samples, then of all but the excluded.
    """
    # In the order of the samples: through the index on labels each of them would be looked up on its own.
    row = connection.execute(
        f"SELECT group_concat(2 * sample_label.label_id + ({USABLE})) FROM sample_label NOT INDEXED CROSS JOIN sample"
        " ON sample.id = sample_label.sample_id WHERE sample.excluded = 0"
    ).fetchone()
    numbers = parse_numbers(row[0])
    return _counted(numbers[numbers % 2 == 1] // 2), _counted(numbers // 2)


def _counted(labels: NDArray[np.int64]) -> dict[int, int]:
    counted = np.bincount(labels)
    return {label: int(counted[label]) for label in np.flatnonzero(counted).tolist()}
