"""Which pairs of images might show the same: those whose looks are nearest, and those nearest in features."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.embeddings.kmeans import kmeans
from core.embeddings.neighbours import Neighbours
from core.progress import Progress
from core.quality.duplicates.frames import cut_out, framed, inner_boxes
from core.quality.duplicates.looks import N_LOOKS, PARTS, WHOLE, Looks
from core.translation import mark

NEAREST: Final = 5
"""Pairs an image is in for its looks, and again for its features."""
EXACT_LOOKS: Final = 20_000
"""Up to how many images the looks of all are compared: four seconds on two cores."""
_LEAST: Final = 0.9
_LEAST_OF_MANY: Final = 0.94
"""Among a million there are many look-alikes; all but a few copies are above 0.95, turned or cut."""
_FEATURE_MOST: Final = 0.4
_FARTHER, _CLOSE, _TINY = 2.0, 0.75, 0.02
"""By the usual distance of this data set's nearest: up to the first the nearest, up to the second all `NEAREST`."""
_BLOCK: Final = 2_048
_CELL: Final = 400
_PROBES: Final = 6
_AXES: Final = 32
_FIT_ROWS: Final = 16_384
_FIT_PER_CELL, _TURNS, _SEED = 40, 6, 3

Pairs = NDArray[np.int64]


def candidate_pairs(
    small: NDArray[np.uint8],
    original: NDArray[np.int64],
    neighbours: Neighbours | None,
    progress: Progress,
    *,
    exact_rows: int = EXACT_LOOKS,
) -> Pairs:
    """Return (P, 2) pairs of rows, the lower first, each once and in order.

    Parameters
    ----------
    small
        (N, 32, 32) grey pictures, stretched.
    original
        (N,) the first row with the same pixels; only those rows are among the pairs.
    neighbours
        By features, where they are known.
    exact_rows
        Up to how many images all are compared; beyond, each with those of the cells it is nearest to.
    """
    first = np.flatnonzero(original == np.arange(len(original)))
    found = [first[_by_looks(small if len(first) == len(small) else small[first], progress, exact_rows)]]
    if neighbours is not None:
        row, place = np.nonzero(_close(neighbours.distances[:, :NEAREST]))
        found.append(original[np.stack([row, neighbours.indexes[row, place].astype(np.int64)], axis=1)])
    pairs = np.sort(np.concatenate(found), axis=1)
    unique: Pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return unique


def _close(distances: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which of the nearest (N, k) are unusually near for this data set, or the nearest and not far."""
    known = np.isfinite(distances)
    nearest = distances[:, :1]
    usual = max(float(np.median(nearest[known[:, :1]])) if known[:, :1].any() else 0.0, _TINY)
    close = distances <= min(_FEATURE_MOST, _CLOSE * usual)
    close[:, :1] |= nearest <= min(_FEATURE_MOST, _FARTHER * usual)
    return close & known


def _by_looks(small: NDArray[np.uint8], progress: Progress, exact_rows: int) -> Pairs:
    """Return (P, 2) the best `NEAREST` of each image, as a whole or with a part of it."""
    count = len(small)
    if count < 2:
        return np.empty((0, 2), dtype=np.int64)
    k = min(NEAREST, count - 1)
    exact = count <= exact_rows
    looks = [Looks(part) for part in (WHOLE, *PARTS)]
    wholes = _looks(small, looks[0], progress)
    index = _every(wholes) if exact else _cells(wholes, progress)
    scores = np.full((count, k), -1.0, dtype=np.float32)
    others = np.full((count, k), -1, dtype=np.int64)
    progress.begin(mark("Looking for copies"), count * len(looks))

    def ask(rows: NDArray[np.int64], queries: NDArray[np.float32]) -> None:
        near, where = index(queries, k + 1)
        near[where == rows[:, None]] = -1
        scores[rows], others[rows] = _best(scores[rows], others[rows], near, where)

    for start in range(0, count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, count))
        for part in looks:
            ask(rows, part.of(small[rows]))
            progress.advance(len(rows))
        boxes = inner_boxes(small[rows])
        around = framed(boxes, small.shape[-1])
        if around.any():
            ask(rows[around], looks[0].of(cut_out(small[rows[around]], boxes[around])))
    row, place = np.nonzero(scores >= (_LEAST if exact else _LEAST_OF_MANY))
    return np.stack([row, others[row, place]], axis=1)


def _best(
    scores: NDArray[np.float32], others: NDArray[np.int64], near: NDArray[np.float32], where: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Merge what was found with what was known, each other image once."""
    k = scores.shape[1]
    both, ids = np.concatenate([scores, near], axis=1), np.concatenate([others, where], axis=1)
    order = np.argsort(-both, axis=1, kind="stable")
    both, ids = np.take_along_axis(both, order, 1), np.take_along_axis(ids, order, 1)
    again = np.triu(np.ones((ids.shape[1],) * 2, dtype=bool), 1)[None] & (ids[:, :, None] == ids[:, None, :])
    both[again.any(axis=1)] = -1
    order = np.argsort(-both, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(both, order, 1), np.take_along_axis(ids, order, 1)


def _looks(small: NDArray[np.uint8], looks: Looks, progress: Progress) -> NDArray[np.float32]:
    found = np.empty((len(small), N_LOOKS), dtype=np.float32)
    for start in range(0, len(small), _BLOCK):
        progress.checkpoint()
        found[start : start + _BLOCK] = looks.of(small[start : start + _BLOCK])
    return found


class _every:  # noqa: N801 - used as a function
    """Compares with every image (faiss, whose search for the best few goes along with the products)."""

    def __init__(self, looks: NDArray[np.float32]) -> None:
        import faiss

        self._index = faiss.IndexFlatIP(looks.shape[1])
        self._index.add(looks)

    def __call__(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        values, places = self._index.search(queries, k)
        return values, places


class _cells:  # noqa: N801 - used as a function
    """Compares with the images of the nearest cells (faiss), along the axes that looks differ most along."""

    def __init__(self, looks: NDArray[np.float32], progress: Progress) -> None:
        import faiss

        some = looks[:: max(1, len(looks) // _FIT_ROWS)]
        self._axes = np.ascontiguousarray(np.linalg.eigh(some.T @ some)[1][:, -_AXES:])
        looks = self._shorter(looks)
        count = max(1, len(looks) // _CELL)
        quantizer = faiss.IndexFlatIP(looks.shape[1])
        quantizer.add(kmeans(looks, count, progress, turns=_TURNS, per_group=_FIT_PER_CELL, seed=_SEED, spherical=True))
        self._index = faiss.IndexIVFFlat(quantizer, looks.shape[1], count, faiss.METRIC_INNER_PRODUCT)
        self._index.train(looks[:1])  # of its quantizer, which has its centres, nothing is left to train
        for start in range(0, len(looks), _FIT_ROWS):
            progress.checkpoint()
            self._index.add(looks[start : start + _FIT_ROWS])
        self._index.nprobe = _PROBES

    def __call__(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        values, places = self._index.search(self._shorter(queries), k)
        return values, places

    def _shorter(self, looks: NDArray[np.float32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = looks @ self._axes
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
        return found
