"""The samples nearest to each sample, by the cosine between their features.

Up to `EXACT_ROWS` samples every pair is compared. Beyond, samples are put into cells of a few hundred (k-means of
faiss, on a few principal components), and each is compared in full with those of the cells it is nearest to: what is
left out is a pair on two sides of many borders, never precision of the distance itself. Features are read in pieces,
so memory is that of the answer and a few numbers a sample. Found neighbours are kept beside the bank, by the content
of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.embeddings.bank import FeatureBank
from core.embeddings.cells import Cells, build_cells
from core.paths import atomic_write
from core.progress import Progress
from core.translation import mark

EXACT_ROWS: Final = 50_000
"""Up to this many, each sample is compared with each other: 80 s on two cores at 1,280 numbers."""
FAR: Final = np.float32(np.inf)
"""The distance of a neighbour that there is none of."""
_QUERIES: Final = 1_024
_KEPT: Final = 3
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest other samples of each sample, nearest first.

    Attributes
    ----------
    indexes
        (N, k) int32, indexes into the rows asked for; -1 where there is none: too few samples, or a sample without
        (finite) features, which is nobody's neighbour either.
    distances
        (N, k) float32 cosine distances, 0 to 2; infinite where there is none.
    exact
        Whether every pair was compared.
    """

    indexes: NDArray[np.int32]
    distances: NDArray[np.float32]
    exact: bool


def nearest(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    k: int,
    progress: Progress | None = None,
    *,
    exact_rows: int = EXACT_ROWS,
) -> Neighbours:
    """Return the `k` nearest others of each sample; equal inputs give equal answers.

    Parameters
    ----------
    rows
        (N,) the samples' rows in the bank, -1 for one without features.
    k
        How many, at least 1.
    exact_rows
        Up to how many samples every pair is compared.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    progress = progress or Progress()
    kept = _Kept(bank, rows, k, exact_rows)
    found = kept.load()
    if found is not None:
        return found
    best = _Best(len(rows), k)
    lengths = _lengths(bank, rows, progress)
    usable = np.flatnonzero(lengths > 0)
    exact = len(usable) <= exact_rows
    if len(usable) > 1:
        search = _every_pair if exact else _within_cells
        search(bank, rows, usable, lengths, best, progress)
    found = best.neighbours(exact=exact)
    kept.save(found)
    return found


def _lengths(bank: FeatureBank, rows: NDArray[np.int64], progress: Progress) -> NDArray[np.float32]:
    """Return (N,) the length of each vector; 0 where there is none or it has no direction."""
    lengths = np.zeros(len(rows), dtype=np.float32)
    present = np.flatnonzero(rows >= 0)
    progress.begin(mark("Reading features"), len(present))
    for part, features in bank.chunks(rows[present]):
        norms = torch.linalg.vector_norm(features, dim=1)
        lengths[present[part]] = torch.nan_to_num(norms, nan=0.0, posinf=0.0).numpy()
        progress.advance(len(features))
    return lengths


class _Best:
    """The best `k` found so far of each of N samples."""

    def __init__(self, count: int, k: int) -> None:
        self._indexes = torch.full((count, k), -1, dtype=torch.int32)
        self._cosines = torch.full((count, k), -torch.inf)

    def offer(self, queries: Tensor, others: Tensor, cosines: Tensor) -> None:
        """Take note of cosines (q, m) between samples `queries` (q,) and `others` (m,); itself is left out."""
        k = self._cosines.shape[1]
        cosines.masked_fill_(queries[:, None] == others[None, :], -torch.inf)
        values, places = cosines.topk(min(k, len(others)), dim=1)
        indexes = others[places].int()
        if bool(self._indexes[queries, 0].max() >= 0):
            values = torch.cat([self._cosines[queries], values], dim=1)
            indexes = torch.cat([self._indexes[queries], indexes], dim=1)
            values, places = values.topk(k, dim=1)
            indexes = indexes.gather(1, places)
        width = values.shape[1]
        self._cosines[queries, :width] = values
        self._indexes[queries, :width] = indexes

    def neighbours(self, *, exact: bool) -> Neighbours:
        """Return what was found."""
        there = torch.isfinite(self._cosines)
        indexes = self._indexes.masked_fill(~there, -1).numpy()
        distances = (1 - self._cosines).clamp_(0, 2).masked_fill_(~there, torch.inf).numpy()
        return Neighbours(indexes, distances, exact)


def _every_pair(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    usable: NDArray[np.int64],
    lengths: NDArray[np.float32],
    best: _Best,
    progress: Progress,
) -> None:
    """Compare each sample with each other."""
    features = torch.from_numpy(bank.take(rows[usable]))
    features /= torch.from_numpy(lengths[usable])[:, None]
    others = torch.from_numpy(usable)
    progress.begin(mark("Comparing images"), len(usable))
    for start in range(0, len(usable), _QUERIES):
        part = slice(start, start + _QUERIES)
        best.offer(others[part], others, features[part] @ features.T)
        progress.advance(len(others[part]))


def _within_cells(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    usable: NDArray[np.int64],
    lengths: NDArray[np.float32],
    best: _Best,
    progress: Progress,
) -> None:
    """Compare each sample with those of the cells it is nearest to."""
    cells = build_cells(bank, rows[usable], lengths[usable], progress)
    scale = torch.from_numpy(1 / lengths[usable])
    progress.begin(mark("Comparing images"), cells.comparisons)
    for members, queries in _blocks(cells):
        theirs = torch.from_numpy(bank.take(rows[usable[members]])) * scale[members, None]
        for part in torch.split(queries, _QUERIES):
            mine = torch.from_numpy(bank.take(rows[usable[part.numpy()]]))
            cosines = (mine @ theirs.T) * scale[part, None]
            best.offer(torch.from_numpy(usable[part.numpy()]), torch.from_numpy(usable[members]), cosines)
            progress.advance(len(part))


def _blocks(cells: Cells) -> Iterator[tuple[NDArray[np.int64], Tensor]]:
    """Yield each cell: the samples in it, and those to be compared with them."""
    for cell in range(cells.count):
        members = cells.members(cell)
        if len(members):
            yield members, torch.from_numpy(cells.queries(cell))


class _Kept:
    """Neighbours found before, in files beside the bank; the newest few, and only where they take a while to find."""

    def __init__(self, bank: FeatureBank, rows: NDArray[np.int64], k: int, exact_rows: int) -> None:
        self._folder = bank.folder
        way = "exact" if len(rows) <= exact_rows else "cells"
        self._path = bank.folder / f"neighbours-{_VERSION}-{bank.digest(rows)}-{way}-{k}.npz"

    def load(self) -> Neighbours | None:
        """Return them, or None where they are not known."""
        try:
            with np.load(self._path, allow_pickle=False) as found:
                return Neighbours(found["indexes"], found["distances"], bool(found["exact"]))
        except (OSError, ValueError, KeyError, EOFError):
            return None

    def save(self, found: Neighbours) -> None:
        """Keep them; what does not fit on the disk is merely found again."""
        if not self._folder.is_dir():
            return
        with suppress(OSError):
            with atomic_write(self._path) as part, part.open("wb") as file:
                np.savez(file, indexes=found.indexes, distances=found.distances, exact=np.array(found.exact))
            for old in sorted(self._folder.glob("neighbours-*.npz"), key=_written)[:-_KEPT]:
                old.unlink()


def _written(path: Path) -> int:
    return path.stat().st_mtime_ns
