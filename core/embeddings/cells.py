"""Samples put into cells of a few hundred that look alike, so that a million need not be compared with a million."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.embeddings.bank import FeatureBank
from core.embeddings.kmeans import kmeans
from core.progress import Progress
from core.translation import mark

CELL_ROWS: Final = 400
"""Samples in a cell on average."""
PROBES: Final = 6
"""Cells that each sample is compared with."""
_COMPONENTS: Final = 64
_FIT_ROWS: Final = 16_384
_TRAIN_PER_CELL: Final = 50
_TURNS: Final = 8
_LARGEST: Final = 4
_CHUNK: Final = 16_384


@dataclass(frozen=True, slots=True)
class Cells:
    """Which samples are in which cell, and which cells each sample is compared with.

    Attributes
    ----------
    count
        Number of cells.
    comparisons
        Pairs of sample and cell, in all.
    """

    count: int
    comparisons: int
    _order: NDArray[np.int64]
    _starts: NDArray[np.int64]
    _queries: NDArray[np.int64]
    _query_starts: NDArray[np.int64]

    def members(self, cell: int) -> NDArray[np.int64]:
        """Return the samples in a cell, in their order."""
        return self._order[self._starts[cell] : self._starts[cell + 1]]

    def queries(self, cell: int) -> NDArray[np.int64]:
        """Return the samples that are compared with those of the cell, in their order."""
        return self._queries[self._query_starts[cell] : self._query_starts[cell + 1]]


def build_cells(
    bank: FeatureBank, rows: NDArray[np.int64], lengths: NDArray[np.float32], progress: Progress, *, seed: int = 0
) -> Cells:
    """Return cells of the samples.

    Parameters
    ----------
    rows
        (N,) rows in the bank, none of them -1.
    lengths
        (N,) the lengths of their vectors, above 0.
    """
    import faiss

    points = _components(bank, rows, lengths, progress, seed)
    count = max(1, len(rows) // CELL_ROWS)
    progress.begin(mark("Grouping images"))
    means = faiss.IndexFlatL2(points.shape[1])
    means.add(kmeans(points, count, progress, turns=_TURNS, per_group=_TRAIN_PER_CELL, seed=seed + 1))
    cell, centres = _evened(points, _assigned(means, points, 1, progress)[:, 0])
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(centres)
    probes = _assigned(index, points, min(PROBES, len(centres)), progress)
    # Its own cell always: many centres at one place could crowd it out.
    probes[~(probes == cell[:, None]).any(1), -1] = cell[~(probes == cell[:, None]).any(1)]
    order, starts = _by_cell(cell, len(centres))
    queries, query_starts = _by_cell(probes.ravel(), len(centres))
    return Cells(len(centres), probes.size, order, starts, queries // probes.shape[1], query_starts)


def _components(
    bank: FeatureBank, rows: NDArray[np.int64], lengths: NDArray[np.float32], progress: Progress, seed: int
) -> NDArray[np.float32]:
    """Return (N, C) the first principal components of the vectors at length 1, fitted to a part of them."""
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), min(_FIT_ROWS, len(rows)), replace=False))
    part = torch.from_numpy(bank.take(rows[chosen])) / torch.from_numpy(lengths[chosen])[:, None]
    progress.checkpoint()
    mean = part.mean(0)
    spread = (part - mean).T @ (part - mean)
    progress.checkpoint()
    _, axes = torch.linalg.eigh(spread)
    axes = axes[:, -_COMPONENTS:].contiguous()
    points = np.empty((len(rows), axes.shape[1]), dtype=np.float32)
    progress.begin(mark("Reading features"), len(rows))
    for where, features in bank.chunks(rows):
        points[where] = _projected(features, torch.from_numpy(lengths[where]), mean, axes).numpy()
        progress.advance(len(features))
    return points


def _projected(features: Tensor, lengths: Tensor, mean: Tensor, axes: Tensor) -> Tensor:
    return (features @ axes) / lengths[:, None] - mean @ axes


def _assigned(index: object, points: NDArray[np.float32], count: int, progress: Progress) -> NDArray[np.int64]:
    """Return (N, count) the nearest of the index's centres."""
    found = np.empty((len(points), count), dtype=np.int64)
    for start in range(0, len(points), _CHUNK):
        _, found[start : start + _CHUNK] = index.search(points[start : start + _CHUNK], count)  # type: ignore[attr-defined]
        progress.checkpoint()
    return found


def _evened(points: NDArray[np.float32], cell: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Cut cells that are too large along their longest axis; returns (N,) cells and (M, C) their centres.

    A million equal images are one place, which k-means cannot divide.
    """
    largest = _LARGEST * CELL_ROWS
    order, starts = _by_cell(cell, int(cell.max()) + 1)
    even = np.empty_like(cell)
    centres: list[NDArray[np.float32]] = []
    for start, end in pairwise(starts.tolist()):
        members = order[start:end]
        if len(members) > largest:
            axis = int(points[members].var(0).argmax())
            members = members[np.argsort(points[members, axis], kind="stable")]
        for piece in np.array_split(members, -(-len(members) // largest)) if len(members) else ():
            even[piece] = len(centres)
            centres.append(points[piece].mean(0))
    return even, np.stack(centres)


def _by_cell(cell: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places in `cell` ordered by cell, and (count + 1,) where each cell starts."""
    order = np.argsort(cell, kind="stable").astype(np.int64)
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(cell, minlength=count), out=starts[1:])
    return order, starts
