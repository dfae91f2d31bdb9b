"""Why a label is suspected, as plain numbers and ids that can be shown beside the image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import Json
from core.embeddings.neighbours import Neighbours

MOST_AGREEING: Final = 8
MOST_LABELS: Final = 5


def label_probabilities(p: NDArray[np.floating], names: tuple[str, ...], always: tuple[int, ...]) -> dict[str, Json]:
    """Return the probabilities (K,) of the likeliest labels by name, the likeliest first, and of those in `always`."""
    order = np.argsort(-p, kind="stable").tolist()
    shown = [label for rank, label in enumerate(order) if rank < MOST_LABELS or label in always]
    return {names[label]: round(float(p[label]), 5) for label in shown}


def agreeing_neighbours(
    row: int,
    agrees: Callable[[NDArray[np.intp]], NDArray[np.bool_]],
    neighbours: Neighbours | None,
    ids: NDArray[np.int64],
) -> dict[str, Json]:
    """Return the nearest samples that agree with the suggestion.

    Parameters
    ----------
    agrees
        Says of rows (n,) whether each has the label that is suggested for `row`, or has not the one that is doubted.
    ids
        (N,) ids of the samples.

    Returns
    -------
    ``neighbours`` (ids) and their ``distances``, nearest first; of how many neighbours that were looked at.
    """
    if neighbours is None:
        return {}
    near = neighbours.indexes[row].astype(np.intp)
    known = near >= 0
    near, distances = near[known], neighbours.distances[row][known]
    those = np.flatnonzero(agrees(near))
    shown = those[:MOST_AGREEING]
    return {
        "neighbours": [int(ids[other]) for other in near[shown].tolist()],
        "distances": [round(float(distance), 5) for distance in distances[shown].tolist()],
        "agreeing": len(those),
        "looked_at": len(near),
    }
