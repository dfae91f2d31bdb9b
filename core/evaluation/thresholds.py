"""Where to say yes: one threshold per label, chosen on the validation images.

One thing must stay true: a label with too few examples to choose by is decided at one half, and this is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import BugError
from core.evaluation.metrics import Floats

FALLBACK: Final = 0.5
FEWEST: Final = 5
"""Samples with the label, and as many without, that a threshold can be chosen by: with fewer, the best F1 is luck."""


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """Thresholds (K,), 0 to 1, and which of them were `tuned` (K,) bool; the others are `FALLBACK`."""

    values: Floats
    tuned: NDArray[np.bool_]


def tune_thresholds(probabilities: ArrayLike, truth: ArrayLike) -> Thresholds:
    """Return the thresholds of the highest F1; a label is given where its probability is at least the threshold.

    Between two neighbouring probabilities every threshold decides alike: the middle is taken. Where several such places
    have the same F1, the middle one of them is.

    Parameters
    ----------
    probabilities
        (N, K), 0 to 1.
    truth
        (N, K) bool.
    """
    p, y = np.asarray(probabilities, np.float64), np.asarray(truth, bool)
    if p.shape != y.shape or p.ndim != 2:
        raise BugError(f"probabilities {p.shape} and truth {y.shape} must be (N, K)")
    values, tuned = np.full(p.shape[1], FALLBACK), np.zeros(p.shape[1], bool)
    for k in range(p.shape[1]):
        positives = int(y[:, k].sum())
        tuned[k] = min(positives, len(y) - positives) >= FEWEST
        if tuned[k]:
            values[k] = _best(p[:, k], y[:, k])
    return Thresholds(values, tuned)


def _best(p: Floats, y: NDArray[np.bool_]) -> float:
    order = np.argsort(-p, kind="stable")
    falling = p[order]
    cuts = np.flatnonzero(np.append(np.diff(falling) != 0, True))  # yes to all up to and with this position
    right = np.cumsum(y[order])[cuts]
    f1 = 2 * right / (cuts + 1 + int(y.sum()))
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)
    cut = cuts[best[(len(best) - 1) // 2]]
    below = falling[cut + 1] if cut + 1 < len(falling) else 0.0
    return float((falling[cut] + below) / 2)
