"""How far each image is from those most like it: among all, and among those of its own label.

Source of the method: the distance to the nearest neighbours as a measure of outliers (Ramaswamy et al. 2000; Angiulli
and Pizzuti 2002; on deep features, Kuan and Mueller 2022). The median over the neighbours is taken, so that a copy or
two of a stray image don't vouch for it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from core.embeddings.bank import FeatureBank
from core.progress import Progress
from core.quality.label_members import members_of
from core.translation import mark

REFERENCES: Final = 512
"""Of a label's images this many, drawn, stand for it: the cost stays in proportion to the number of images."""
OWN_NEIGHBOURS: Final = 5
MIN_OWN: Final = 12
"""Of fewer images of a label, none can be called unlike the others."""
_CLOSEST: Final = 1e-6


def log_distance(distances: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (N,) the logarithm of the median of distances (N, k); NaN where none is finite."""
    if distances.shape[1] == 0:
        return np.full(len(distances), np.nan)
    known = np.where(np.isfinite(distances), distances, np.inf).astype(np.float64)
    middle = np.median(known, axis=1)
    return np.where(np.isfinite(middle), np.log(np.maximum(middle, _CLOSEST)), np.nan)


def own_label_distances(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    held: NDArray[np.bool_],
    progress: Progress,
    *,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return (N, `OWN_NEIGHBOURS`) cosine distances, 0 to 2, to the nearest images of the same label.

    Each label is represented by `REFERENCES` of its images at the most. NaN where there is no label, no features, or
    the label has fewer than `MIN_OWN` images; with several labels, those of the one it fits best.

    Parameters
    ----------
    rows
        (N,) row in the bank, -1 where there is none.
    held
        (N, K) which labels each has.
    """
    found = np.full((len(rows), OWN_NEIGHBOURS), np.nan, dtype=np.float32)
    members = [some[rows[some] >= 0] for some in members_of(held)]
    members = [some for some in members if len(some) >= MIN_OWN]
    progress.begin(mark("Comparing images with their own label"), sum(len(some) for some in members))
    generator = np.random.default_rng(seed)
    for some in members:
        chosen = some
        if len(some) > REFERENCES:
            chosen = np.sort(generator.choice(some, REFERENCES, replace=False))
        references = normalize(torch.from_numpy(bank.take(rows[chosen])), dim=1).nan_to_num(0.0)
        for part, features in bank.chunks(rows[some]):
            here = some[part]
            near = _nearest(normalize(features, dim=1), references, here, chosen)
            found[here] = np.fmin(found[here], near)
            progress.advance(len(here))
    return found


def _nearest(
    features: Tensor, references: Tensor, here: NDArray[np.int64], chosen: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return (m, `OWN_NEIGHBOURS`) distances to the nearest references, an image's own place among them left out."""
    likeness = features @ references.T
    place = np.searchsorted(chosen, here)
    itself = (place < len(chosen)) & (chosen[np.minimum(place, len(chosen) - 1)] == here)
    likeness[np.flatnonzero(itself), place[itself]] = -2.0
    closest = likeness.topk(OWN_NEIGHBOURS, dim=1).values
    distances: NDArray[np.float32] = (1.0 - closest).clamp_min(0.0).numpy()
    return distances
