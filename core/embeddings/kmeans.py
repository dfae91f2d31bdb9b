"""The middles of groups of points (k-means of faiss), turn by turn, so that the user can stop between two of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress


def kmeans(
    points: NDArray[np.float32],
    count: int,
    progress: Progress,
    *,
    turns: int,
    per_group: int,
    seed: int,
    spherical: bool = False,
) -> NDArray[np.float32]:
    """Return (count, C) the middles of groups of points; equal inputs give equal answers.

    Parameters
    ----------
    points
        (N, C), at least `count` of them.
    turns
        How often all middles are moved to where their points are.
    per_group
        How many points a group are looked at; of more, a part is drawn.
    spherical
        Whether the middles are brought to length 1, and points belong to the one in whose direction they lie.

    Raises
    ------
    Cancelled
        The user stopped; within a turn, a second or two of a million points.
    """
    import faiss

    most = per_group * count
    if len(points) > most:
        points = points[np.sort(np.random.default_rng(seed).choice(len(points), most, replace=False))]
    found = faiss.Kmeans(
        points.shape[1], count, niter=1, seed=seed, spherical=spherical, min_points_per_centroid=1,
        max_points_per_centroid=per_group,
    )  # fmt: skip
    middles: NDArray[np.float32] | None = None
    for _ in range(turns):
        progress.checkpoint()
        found.train(points, init_centroids=middles)
        middles = found.centroids
    assert middles is not None
    return middles
