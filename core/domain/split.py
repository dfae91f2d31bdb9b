"""Which samples are for training, validation and test: groups whole, labels in proportion, stable as samples come in.

One thing must stay true: no group is ever in two splits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SPLIT_CODES, Split
from core.domain.stratify import stratify
from core.errors import UserError

_ORDER: Final = (Split.TRAIN, Split.VAL, Split.TEST)
_CODES: Final = np.array([SPLIT_CODES[split] for split in _ORDER], dtype=np.int8)


@dataclass(frozen=True, slots=True)
class SplitRatios:
    """The shares of train, val and test; they add up to 1."""

    train: float
    val: float
    test: float

    def __str__(self) -> str:
        return "/".join(f"{100 * share:g}" for share in (self.train, self.val, self.test))


def parse_ratios(text: str) -> SplitRatios:
    """Read ratios such as ``70/15/15`` (any three numbers ≥ 0 with train > 0); raises `UserError`."""
    try:
        shares = [float(part) for part in re.split(r"[/,:]", text)]
    except ValueError:
        raise UserError("ratios_invalid", value=text) from None
    if len(shares) != 3 or not all(np.isfinite(shares)) or min(shares) < 0 or shares[0] <= 0:
        raise UserError("ratios_invalid", value=text)
    total = sum(shares)
    if not np.isfinite(total):
        raise UserError("ratios_invalid", value=text)
    return SplitRatios(*(share / total for share in shares))


def assign_splits(
    units: Sequence[str],
    unit_of: NDArray[np.int64],
    label_of: NDArray[np.int64] | NDArray[np.bool_],
    current: NDArray[np.int8],
    ratios: SplitRatios,
    seed: int,
) -> NDArray[np.int8]:
    """Assign each sample a split.

    A unit (a group, or a sample without one) goes whole into one split, and one that already has samples in a split
    stays there. The others are dealt out: those of several samples one by one, the weightiest first, each to where it
    leaves the labels closest to their shares (the greedy rule of stratified group k-fold); then the single samples
    fill, label by label, what is still short. Samples of many labels are dealt by `core.domain.stratify`. Order and
    ties are decided by a keyed hash of the unit's name, so that nothing but the seed and the names matters, not even
    the order of import.

    Parameters
    ----------
    units
        U stable names.
    unit_of
        (N,) index into `units`.
    label_of
        (N,) label of each sample, any integers; -1 for none. Or (N, K) bool: which of K labels each sample has.
    current
        (N,) present split codes, 0 for none.
    ratios, seed
        Shares of the splits; any integer of at most 64 characters.

    Returns
    -------
    NDArray[np.int8]
        (N,) split codes, none of them 0.
    """
    if not len(unit_of):
        return np.empty(0, dtype=np.int8)
    shares = np.array([ratios.train, ratios.val, ratios.test])
    home = _present_homes(len(units), unit_of, current)
    new = np.flatnonzero(home < 0)
    new = new[np.argsort([_rank(units[unit], seed) for unit in new.tolist()], kind="stable")]
    if label_of.ndim == 2:
        stratify(new, _many_sizes(len(units), unit_of, label_of), shares, home)
        return _CODES[home[unit_of]]
    labels, label_index = np.unique(label_of, return_inverse=True)
    sizes = np.zeros((len(units), len(labels)))
    np.add.at(sizes, (unit_of, label_index), 1)
    single = sizes[new].sum(axis=1) == 1
    _deal_groups(new[~single], sizes, shares, home)
    _deal_singles(new[single], sizes, shares, home)
    return _CODES[home[unit_of]]


def _present_homes(n_units: int, unit_of: NDArray[np.int64], current: NDArray[np.int8]) -> NDArray[np.intp]:
    """Return (U,) index into `_ORDER` of the split most of a unit's samples are in; -1 where none is in any."""
    votes = np.zeros((n_units, 3))
    placed = current > 0
    np.add.at(votes, (unit_of[placed], current[placed].astype(np.intp) - 1), 1)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), -1)


def _many_sizes(
    n_units: int, unit_of: NDArray[np.int64], has_label: NDArray[np.int64] | NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return (U, K + 1): how many samples of each label every unit has, and how many in all."""
    counts = [np.bincount(unit_of, has_label[:, k], n_units) for k in range(has_label.shape[1])]
    return np.stack([*counts, np.bincount(unit_of, minlength=n_units)], axis=1).astype(np.float64)


def _rank(name: str, seed: int) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8, key=str(seed).encode()).digest()


def _filled(sizes: NDArray[np.float64], home: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return (3, L): how many samples of each label each split has so far."""
    return np.stack([sizes[home == i].sum(axis=0) for i in range(3)])


def _deal_groups(
    units: NDArray[np.intp], sizes: NDArray[np.float64], shares: NDArray[np.float64], home: NDArray[np.intp]
) -> None:
    """Place each unit where the splits' shares of the labels come closest to what was asked; fills `home`."""
    totals = sizes.sum(axis=0)
    filled = _filled(sizes, home) / totals
    parts = sizes / totals
    weightiest_first = units[np.argsort(-parts[units].max(axis=1), kind="stable")] if len(units) else units
    closed = shares == 0
    for unit in weightiest_first.tolist():
        # Adding p to a share that is off by d changes the squared error by 2dp + p²; p² is the same for each split.
        cost = ((filled - shares[:, None]) * parts[unit]).sum(axis=1)
        cost[closed] = np.inf
        home[unit] = int(cost.argmin())
        filled[home[unit]] += parts[unit]


def _deal_singles(
    units: NDArray[np.intp], sizes: NDArray[np.float64], shares: NDArray[np.float64], home: NDArray[np.intp]
) -> None:
    """Fill with single samples, label by label, what each split lacks of its share; fills `home`."""
    filled, totals = _filled(sizes, home), sizes.sum(axis=0)
    label_of_unit = sizes[units].argmax(axis=1) if len(units) else units
    for label in np.unique(label_of_unit).tolist():
        members = units[label_of_unit == label]
        lacking = np.maximum(shares * totals[label] - filled[:, label], 0)
        home[members] = np.repeat(np.arange(3), _apportion(len(members), lacking))


def _apportion(n: int, weights: NDArray[np.float64]) -> NDArray[np.intp]:
    """Share out `n` in proportion to `weights`, by largest remainder (Hamilton's method); the first wins ties."""
    exact = n * weights / weights.sum()
    whole = np.floor(exact + 1e-9).astype(np.intp)
    by_remainder = np.argsort(-(exact - whole), kind="stable")
    whole[by_remainder[: n - int(whole.sum())]] += 1
    return np.asarray(whole, dtype=np.intp)
