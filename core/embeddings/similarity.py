"""Which samples look like some others: by the cosine between their features, a chunk at a time.

Memory is that of one chunk, whatever the number of samples. Centring and scaling the features first made no difference
that could be told on real blood cells, so they are taken as they are.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from core.embeddings.bank import FeatureBank
from core.progress import Progress
from core.translation import mark

MAX_EXEMPLARS: Final = 64
"""Of more than these a part is compared: nobody means each of a thousand."""


class Likeness(StrEnum):
    """Like the mean of the chosen, or like any one of them."""

    MEAN = "mean"
    CLOSEST = "closest"


def similarity(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    chosen: NDArray[np.int64],
    likeness: Likeness = Likeness.CLOSEST,
    progress: Progress | None = None,
    *,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return (N,) how similar each sample is to the chosen, -1 to 1.

    Parameters
    ----------
    rows
        (N,) the samples' rows in the bank, none of them -1.
    chosen
        (M,) indexes into `rows`, M >= 1; of more than `MAX_EXEMPLARS` a part is drawn by the seed.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    progress = progress or Progress()
    if len(chosen) > MAX_EXEMPLARS:
        chosen = np.random.default_rng(seed).choice(chosen, MAX_EXEMPLARS, replace=False)
    exemplars = normalize(torch.from_numpy(bank.take(rows[chosen])), dim=1)
    if likeness is Likeness.MEAN:
        exemplars = normalize(exemplars.mean(0, keepdim=True), dim=1)
    found = np.empty(len(rows), dtype=np.float32)
    progress.begin(mark("Comparing images"), len(rows))
    for part, features in bank.chunks(rows):
        lengths = torch.linalg.vector_norm(features, dim=1).clamp_min(1e-12)
        found[part] = ((features @ exemplars.T).amax(1) / lengths).numpy()
        progress.advance(len(features))
    return found


def similarity_order(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    chosen: NDArray[np.int64],
    likeness: Likeness = Likeness.CLOSEST,
    progress: Progress | None = None,
) -> NDArray[np.int64]:
    """Return (N,) indexes into `rows`, the most similar first; the chosen themselves lead. As `similarity`."""
    scores = similarity(bank, rows, chosen, likeness, progress)
    scores[chosen] = 2.0
    return np.argsort(-scores, kind="stable").astype(np.int64)
