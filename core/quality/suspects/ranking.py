"""The order of suspicion where noise is uniform: who is least like the label that was given.

Self-confidence is the right order for probabilities that mean what they say. Its odds, of sharpened probabilities
against the likeliest other label alone, find no less, and more where labels that are easily confused tell less.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.suspects.anchors import Floats
from core.quality.suspects.noise import few_rows

_TOGETHER_WEIGHT: Final = 0.8
_LEAST_TOGETHER: Final = 0.2


def average_precision(wrong: NDArray[np.bool_], doubt: Floats) -> float:
    """Return the area under precision and recall of an order by doubt; 0 where nothing is wrong."""
    hits = wrong[np.argsort(-doubt, kind="stable")]
    places = np.flatnonzero(hits)
    return float((np.arange(1, len(places) + 1) / (places + 1)).mean()) if len(places) else 0.0


def telling_pairs(probabilities: NDArray[np.floating]) -> Floats:
    """Return (K, K): how much the probability of one label says against another.

    Less between labels that the classifier often holds possible together (the cosine of their columns): uniform noise
    is no more frequent there than elsewhere, but doubtful samples are.
    """
    few = few_rows(*probabilities.shape)
    some = np.asarray(probabilities if few is None else probabilities[few], np.float32)
    k = some.shape[1]
    off = ~np.eye(k, dtype=bool)
    first, second = (np.log(_together(half)[off]) for half in (some[::2], some[1::2]))
    # What two halves of the samples do not agree on is chance.
    sure = float(np.corrcoef(first, second)[0, 1]) if first.std() > 1e-6 and second.std() > 1e-6 else 0.0
    out = np.ones((k, k))
    out[off] = np.exp(-_TOGETHER_WEIGHT * max(0.0, sure) * (first + second) / 2)
    return out


def _together(probabilities: NDArray[np.float32]) -> Floats:
    """Return (K, K) cosines between the columns, in units of the usual one, none below `_LEAST_TOGETHER`."""
    cosines = (probabilities.T @ probabilities).astype(np.float64)
    lengths = np.sqrt(np.maximum(np.diag(cosines), 1e-12))
    cosines /= lengths * lengths[:, None]
    np.fill_diagonal(cosines, 0.0)
    usual = cosines.sum() / (len(cosines) * (len(cosines) - 1))
    out: Floats = cosines / max(usual, 1e-12) + _LEAST_TOGETHER
    return out
