"""Which unlabelled samples are worth labelling next: those the head doubts, and no two of them alike.

Doubt is the margin between the two most likely labels (Scheffer et al. 2001). Doubt alone asks for many copies of one
hard case, so the next batch is chosen one by one among the doubtful: each time the one with the largest product of
doubt and of distance to what was chosen before (farthest-first k-centre, Sener and Savarese 2018, weighted by doubt;
margin first and diversity within it as in Citovsky et al. 2021). Of very many samples a drawn part takes part. The
same features, head and seed give the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.progress import Progress

BATCH: Final = 60
"""How many are chosen with diversity in mind: about a screen."""
MAX_CANDIDATES: Final = 20_000
DOUBTFUL_PER_CHOSEN: Final = 20
_EPSILON: Final = 1e-6


def doubt(probabilities: NDArray[np.float32], *, independent: bool = False) -> NDArray[np.float32]:
    """Return (n,) how undecided a head is, 0 (sure) to 1 (a draw).

    Parameters
    ----------
    probabilities
        (n, K), K >= 2 unless the labels are independent: then the most doubtful of them counts.
    """
    if independent:
        return np.asarray(1 - np.abs(2 * probabilities - 1).min(axis=1), dtype=np.float32)
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1 - (two[:, 1] - two[:, 0]), dtype=np.float32)


def diverse_batch(
    features: NDArray[np.float32], doubts: NDArray[np.float32], size: int, progress: Progress | None = None
) -> NDArray[np.int64]:
    """Choose `size` samples that are doubtful and unlike one another, the most useful first.

    Parameters
    ----------
    features
        (n, F) float32, finite.
    doubts
        (n,) 0 to 1.

    Returns
    -------
    NDArray[np.int64]
        (min(size, n),) indexes.
    """
    checkpoint = (progress or Progress()).checkpoint
    x = torch.from_numpy(features)
    x = torch.nn.functional.normalize(x - x.mean(0), dim=1)
    weight = torch.from_numpy(doubts) + _EPSILON
    far = torch.ones(len(x))
    chosen: list[int] = []
    for _ in range(min(size, len(x))):
        checkpoint()
        best = int(torch.argmax(weight * far))
        chosen.append(best)
        # 1 - cosine is 0 to 2; what was chosen is never chosen again.
        far = torch.minimum(far, (1 - x @ x[best]).clamp_min(0))
        far[best] = -1.0
    return np.array(chosen, dtype=np.int64)


def usefulness_order(
    take: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    doubts: NDArray[np.float32],
    *,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> NDArray[np.int64]:
    """Order candidates: first a batch that is doubtful and diverse, then the others by doubt.

    Parameters
    ----------
    take
        Returns the features (m, F) of some candidates by their indexes (m,).
    doubts
        (n,) 0 to 1.

    Returns
    -------
    NDArray[np.int64]
        (n,) indexes, the most useful first; equals in the order they come.
    """
    by_doubt = np.argsort(-doubts, kind="stable").astype(np.int64)
    doubtful = by_doubt[: batch * DOUBTFUL_PER_CHOSEN]
    first = doubtful[diverse_batch(take(doubtful), doubts[doubtful], batch, progress)]
    return np.concatenate([first, by_doubt[~np.isin(by_doubt, first)]])
