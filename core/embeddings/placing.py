"""Where samples go on a map whose others have been placed: among those they are most like.

For more samples than a map is fitted to, and for the few that come later. Like the start that `openTSNE.transform`
gives new points (Poličar, Stražar and Zupan 2023), with the near neighbours counting more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress
from core.translation import mark

NEIGHBOURS: Final = 5
_AT_ONCE: Final = 50_000
_CELLS_FROM: Final = 4_000
_PROBED: Final = 0.06
"""The part of the anchors' cells that is looked into: nine in ten neighbours are found in a twentieth of the time."""


@dataclass(frozen=True, slots=True)
class Places:
    """Of each of n samples, the indexes (n, k) of the anchors most like it, and how much each counts (n, k)."""

    anchors: NDArray[np.int32]
    weights: NDArray[np.float32]

    def among(self, positions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, 2) where the samples are when the anchors are at `positions` (m, 2)."""
        if not self.anchors.shape[1]:
            return np.zeros((len(self.anchors), 2), dtype=np.float32)
        found = np.zeros((len(self.anchors), 2), dtype=np.float32)
        for column in range(self.anchors.shape[1]):
            found += positions[self.anchors[:, column]] * self.weights[:, column, None]
        return found


def find_places(points: NDArray[np.float32], anchors: NDArray[np.float32], progress: Progress | None = None) -> Places:
    """Find the anchors that are nearest to points.

    Parameters
    ----------
    points, anchors
        (n, K) and (m, K), finite.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    import faiss

    progress = progress or Progress()
    count = min(NEIGHBOURS, len(anchors))
    indexes = np.zeros((len(points), count), dtype=np.int32)
    weights = np.zeros((len(points), count), dtype=np.float32)
    if not count or not len(points):
        return Places(indexes, weights)
    cells = round(4 * len(anchors) ** 0.5) if len(anchors) >= _CELLS_FROM else 1
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(anchors.shape[1]), anchors.shape[1], cells)
    index.nprobe = max(1, round(_PROBED * cells))
    # Fewer than it would like to have a cell are no reason for it to complain.
    index.cp.min_points_per_centroid = 1
    index.train(np.ascontiguousarray(anchors))
    index.add(np.ascontiguousarray(anchors))
    progress.begin(mark("Placing the images"), len(points))
    for start in range(0, len(points), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        squares, found = index.search(np.ascontiguousarray(points[part]), count)
        indexes[part] = np.where(found >= 0, found, found[:, :1])
        weights[part] = _weights(np.where(found >= 0, squares, np.inf))
        progress.advance(len(found))
    return Places(indexes, weights)


def _weights(squares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return weights (n, k) that sum to 1 for squared distances, the nearest first; one at 0 takes nearly all."""
    nearest = squares[:, :1]
    with np.errstate(divide="ignore"):
        found = 1 / (np.maximum(squares, 0) + 1e-6 + 0.1 * nearest)
    weights: NDArray[np.float32] = (found / found.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights
