"""The principal components of features: found on a drawn part, applied to all a chunk at a time.

The part is drawn by content: those whose digest is smallest. Digests are as good as chance, so the part is a fair
one; it is the same whatever order the samples come in, and nearly the same when a few come or go. The components are
found by random projection with power iterations (Halko, Martinsson and Tropp 2011), of features brought to unit length,
as everywhere where likeness is the cosine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from core.embeddings.bank import FeatureBank
from core.progress import Progress
from core.translation import mark

MAX_DRAWN: Final = 20_000
"""More samples do not move the leading components by anything that could be seen."""
_AT_ONCE: Final = 1_024
_OVERSAMPLED: Final = 10
_POWER_ITERATIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Components:
    """The mean (F,) of the unit features, and the directions (F, K) in which they differ most, the first the most."""

    mean: Tensor
    axes: Tensor


def drawn_part(bank: FeatureBank, rows: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Return at most `limit` indexes into rows (N,), by content and so in the same order for equal data; none of -1."""
    there = np.flatnonzero(rows >= 0)
    contents = bank.contents(rows[there])
    return there[np.lexsort((contents[:, 1], contents[:, 0]))[:limit]].astype(np.int64)


def find_components(
    bank: FeatureBank, rows: NDArray[np.int64], count: int, progress: Progress | None = None, *, seed: int = 0
) -> Components:
    """Return the first `count` components of the features of rows (N,); zeros where there are fewer.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    progress = progress or Progress()
    progress.begin(mark("Finding what the images differ in"))
    part = rows[drawn_part(bank, rows, MAX_DRAWN)]
    order = np.argsort(part, kind="stable")
    features = torch.empty(len(part), bank.n_features)
    # Read as they lie on disk, and some at a time: scattered over a large bank they take seconds.
    for some, found in bank.chunks(part[order], _AT_ONCE):
        features[torch.from_numpy(order[some])] = normalize(found, dim=1)
        progress.checkpoint()
    features = features[features.isfinite().all(dim=1)]
    mean = features.mean(0) if len(features) else torch.zeros(bank.n_features)
    features -= mean
    axes = torch.zeros(bank.n_features, count)
    leading = _leading(features, count, seed, progress)
    axes[:, : leading.shape[1]] = leading
    return Components(mean, axes)


def apply_components(
    bank: FeatureBank, rows: NDArray[np.int64], components: Components, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Return (N, K) the coordinates of rows (N,); NaN where a row is -1 or its features are not finite.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    progress = progress or Progress()
    found = np.full((len(rows), components.axes.shape[1]), np.nan, dtype=np.float32)
    there = np.flatnonzero(rows >= 0)
    shift = components.mean @ components.axes
    progress.begin(mark("Placing the images"), len(there))
    for part, features in bank.chunks(rows[there]):
        found[there[part]] = (normalize(features, dim=1) @ components.axes - shift).numpy()
        progress.advance(len(features))
    return found


def _leading(centred: Tensor, count: int, seed: int, progress: Progress) -> Tensor:
    """Return the leading right singular vectors of (n, F) as columns, each with its largest entry positive."""
    width = min(count + _OVERSAMPLED, *centred.shape)
    if not width:
        return torch.zeros(centred.shape[1], 0)
    start = np.random.default_rng(seed).standard_normal((centred.shape[1], width), dtype=np.float32)
    basis, _ = torch.linalg.qr(centred @ torch.from_numpy(start))
    for _ in range(_POWER_ITERATIONS):
        progress.checkpoint()
        basis, _ = torch.linalg.qr(centred @ (centred.T @ basis))
    _, strengths, directions = torch.linalg.svd(basis.T @ centred, full_matrices=False)
    # What is left of rounding where all features are equal, or lie on fewer dimensions, is no direction.
    kept: Tensor = directions[:count][strengths[:count] > 1e-6 * max(1.0, float(strengths[0]))].T
    if not kept.shape[1]:
        return kept
    signs: Tensor = kept[kept.abs().argmax(0), torch.arange(kept.shape[1])].sign()
    return kept * signs
