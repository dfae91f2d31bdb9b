"""Readings that meet on one image, counted per group, so that whole groups can be drawn again and again.

Every measure of agreement in `core.evaluation.agreement` is a function of one table: how often one reading said this
and another of the same image said that. Such tables add up over images, so a resample needs only how often each group
was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import BugError
from core.evaluation.bootstrap import compress, draws
from core.evaluation.metrics import Floats, Ints

MISSING = -1
# What one image counts for in all: 1, or as many as it has readings.
ImageWeight = Literal["image", "readings"]


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """How often two readings of one image said this and that, kept per group and sparse.

    Attributes
    ----------
    layers, n_labels
        L and K: the table of a draw is (L, K, K). A single-label project has one layer; in a multi-label one every
        label is a layer with K = 2 (not given, given).
    images, groups
        How many images have two readings, and in how many groups they are.
    """

    layers: int
    n_labels: int
    images: int
    groups: int
    _cell_group: Ints
    _cell: Ints
    _weight: Floats
    _symmetric: bool

    def of(self, times: NDArray[np.integer]) -> Floats:
        """Return the (L, K, K) sums with each group counted `times` (G,)."""
        k = self.n_labels
        flat = np.bincount(self._cell, self._weight * times[self._cell_group], self.layers * k * k)
        table: Floats = flat.reshape(self.layers, k, k).astype(np.float64, copy=False)
        return table + table.transpose(0, 2, 1) if self._symmetric else table

    def whole(self) -> Floats:
        """Return the sums over all images, each once."""
        return self.of(np.ones(self.groups, np.int64))

    def resampled(self, resamples: int, seed: int) -> Iterator[Floats]:
        """Yield the sums of `resamples` draws of whole groups; none where there are fewer than two groups."""
        if self.groups >= 2:
            for times in draws(self.groups, resamples, seed):
                yield self.of(times)

    def groups_with(self) -> Ints:
        """Return (L, K) in how many groups each label was read."""
        k = self.n_labels
        layer, cell = np.divmod(self._cell, k * k)
        sides = [(self._cell_group * self.layers + layer) * k + side for side in (cell // k, cell % k)]
        found = np.unique(np.concatenate(sides)) if len(layer) else np.zeros(0, np.int64)
        return np.bincount(found % (self.layers * k), minlength=self.layers * k).reshape(self.layers, k)


def pairs_among(ratings: ArrayLike, groups: ArrayLike | None, n_labels: int, weight: ImageWeight) -> PairTable:
    """Count every pair of readings of one image, whoever made them; the table is symmetric.

    Parameters
    ----------
    ratings
        (N, R) or (N, R, L) integers: what reader r said of image n, 0 to `n_labels` - 1, or `MISSING`.
    groups
        (N,) anything: images of the same value are drawn together; None: every image is on its own.
    weight
        ``"image"``: the pairs of an image add up to 1. ``"readings"``: to as many as it has readings, which is
        Krippendorff's table of coincidences.
    """
    codes = checked_ratings(ratings, n_labels)
    n, readers, layers = codes.shape
    made = (codes != MISSING).sum(axis=1)  # (N, L)
    pairs = made * (made - 1)
    share = np.divide(
        made if weight == "readings" else 1.0, pairs, out=np.zeros(pairs.shape, np.float64), where=pairs > 0
    )
    parts = [(codes[:, a], codes[:, b], share) for a, b in combinations(range(readers), 2)]
    return _table(parts, groups, (n, layers, n_labels), symmetric=True)


def pairs_between(first: ArrayLike, second: ArrayLike, groups: ArrayLike | None, n_labels: int) -> PairTable:
    """Count what one reader said (rows) by what another said (columns) of the same images; as `pairs_among`.

    `first` and `second` are (N,) or (N, L).
    """
    one, two = (_two_axes(values) for values in (first, second))
    if one.shape != two.shape:
        raise BugError(f"{one.shape} readings against {two.shape}")
    codes = checked_ratings(np.stack([one, two], axis=1), n_labels)
    parts = [(codes[:, 0], codes[:, 1], np.ones(one.shape, np.float64))]
    return _table(parts, groups, (len(one), one.shape[1], n_labels), symmetric=False)


def checked_ratings(ratings: ArrayLike, n_labels: int) -> Ints:
    """Return ratings as (N, R, L) int64; raises `BugError` where a shape or a code is impossible."""
    codes = np.asarray(ratings)
    if codes.ndim not in (2, 3) or not (codes.size == 0 or np.issubdtype(codes.dtype, np.integer)):
        raise BugError(f"ratings must be (N, R) or (N, R, L) integers, not {codes.shape} {codes.dtype}")
    codes = codes[..., None] if codes.ndim == 2 else codes
    if codes.size and (codes.min() < MISSING or codes.max() >= n_labels):
        raise BugError(f"ratings {codes.min()} to {codes.max()} with {n_labels} labels")
    return codes.astype(np.int64)


def _two_axes(values: ArrayLike) -> NDArray[np.generic]:
    array = np.asarray(values)
    return array[:, None] if array.ndim == 1 else array


def _table(
    parts: list[tuple[Ints, Ints, Floats]],
    groups: ArrayLike | None,
    shape: tuple[int, int, int],
    *,
    symmetric: bool,
) -> PairTable:
    """Sum the pairs (N, L) of all `parts` by group, layer and cell."""
    n, layers, k = shape
    group = np.arange(n) if groups is None else np.asarray(groups)
    if group.shape != (n,):
        raise BugError(f"{n} images and {group.shape} groups")
    paired = np.zeros((n, layers), bool)
    for one, two, _ in parts:
        paired |= (one != MISSING) & (two != MISSING)
    used = paired.any(axis=1)
    numbers = np.full(n, -1, np.int64)
    known, inverse = np.unique(group[used], return_inverse=True)
    numbers[used] = inverse.ravel()
    keys, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.float64)]
    for one, two, weight in parts:
        image, layer = np.nonzero((one != MISSING) & (two != MISSING))
        cell = (layer * k + one[image, layer]) * k + two[image, layer]
        keys.append(numbers[image] * (layers * k * k) + cell)
        weights.append(weight[image, layer])
    distinct, summed = compress(np.concatenate(keys), np.concatenate(weights))
    cells = layers * k * k
    return PairTable(layers, k, int(used.sum()), len(known), distinct // cells, distinct % cells, summed, symmetric)
