"""Probabilities that mean what they say: softmax, temperature scaling, reliability, proper scores.

Temperature scaling divides all logits by one number. It never changes which label wins, only how sure it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import BugError
from core.evaluation.metrics import Floats, Ints, divide, label_indexes

MIN_TEMPERATURE: Final = 0.05
MAX_TEMPERATURE: Final = 20.0
DEFAULT_BINS: Final = 15
_ROWS_AT_ONCE: Final = 1 << 22  # numbers, so that 1,000 labels x 50,000 samples need no gigabyte of copies
_SMALLEST_PROBABILITY: Final = float(np.finfo(np.float64).eps)


def softmax(logits: ArrayLike, temperature: float = 1.0) -> Floats:
    """Return the probabilities of logits (..., K) at a temperature: (..., K) float64, each row summing to 1.

    Stable for logits of any size: the largest is subtracted first.
    """
    scores: Floats = np.asarray(logits, np.float64)
    scores = (scores - scores.max(axis=-1, keepdims=True, initial=-np.inf)) / temperature
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def fit_temperature(logits: ArrayLike, y: ArrayLike) -> float:
    """Return the temperature that makes softmax(logits / T) fit the labels best (Guo et al. 2017).

    The mean negative log-likelihood is convex in 1/T, so its slope has one root, found by bisection between
    `MIN_TEMPERATURE` and `MAX_TEMPERATURE`. The targets are smoothed by 1/(N + 2) as in Platt (1999): without
    that, a validation split without a single error would ask for T = 0, and every later probability would be 1.

    Parameters
    ----------
    logits
        (N, K) float, finite.
    y
        (N,) label indexes.

    Returns
    -------
    T > 0; above 1 the network was too sure, below 1 not sure enough. 1 where there is nothing to fit (no
    sample, one label, or logits that are all alike).

    Raises
    ------
    BugError
        Where shapes do not match or a logit is not finite.
    """
    scores = np.asarray(logits)
    if scores.ndim != 2:
        raise BugError(f"logits must be (N, K), not {scores.shape}")
    truth = label_indexes(y, scores.shape[1])
    if len(truth) != len(scores):
        raise BugError(f"{len(scores)} rows of logits but {len(truth)} labels")
    if not np.isfinite(scores).all():
        raise BugError("a logit is not finite")
    if scores.size == 0 or not np.ptp(scores, axis=1).any():
        return 1.0
    low, high = np.log(1 / MAX_TEMPERATURE), np.log(1 / MIN_TEMPERATURE)
    for _ in range(30):  # the interval of ln(1/T) shrinks to 6e-9
        middle = (low + high) / 2
        if _likelihood_slope(scores, truth, float(np.exp(middle))) < 0:
            low = middle
        else:
            high = middle
    return float(np.exp(-(low + high) / 2))


def _likelihood_slope(logits: NDArray[np.number], truth: Ints, inverse: float) -> float:
    """Return the derivative, by 1/T, of the summed negative log-likelihood against the smoothed targets."""
    n, k = logits.shape
    smoothing = 1.0 / (n + 2)
    rows = max(1, _ROWS_AT_ONCE // k)
    slope = 0.0
    for start in range(0, n, rows):
        block = np.asarray(logits[start : start + rows], np.float64)
        expected = (softmax(block, 1.0 / inverse) * block).sum()
        target = (1 - smoothing) * block[np.arange(len(block)), truth[start : start + rows]]
        slope += float(expected - target.sum() - smoothing * block.mean(axis=1).sum())
    return slope


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Confidence against accuracy, in B bins of equal width over the confidence of the predicted label.

    Attributes
    ----------
    edges
        (B + 1,) from 0 to 1; a bin holds its upper edge.
    counts
        (B,) samples in the bin.
    confidence, accuracy
        (B,) means over the bin's samples, 0 to 1; NaN for an empty bin.
    """

    edges: Floats
    counts: Ints
    confidence: Floats
    accuracy: Floats

    @property
    def error(self) -> float:
        """The expected calibration error: the gap between the two, averaged over samples; NaN without any."""
        gaps = np.abs(self.confidence - self.accuracy)[self.counts > 0]
        return float(divide((gaps * self.counts[self.counts > 0]).sum(), self.counts.sum()))


def reliability(probabilities: ArrayLike, y: ArrayLike, *, bins: int = DEFAULT_BINS) -> Reliability:
    """Sort predictions into bins by confidence and compare confidence with accuracy.

    Parameters
    ----------
    probabilities
        (N, K), rows summing to 1.
    y
        (N,) label indexes.
    bins
        B, the number of bins of equal width.
    """
    p = np.asarray(probabilities, np.float64)
    truth = label_indexes(y, p.shape[1])
    confidence, right = p.max(axis=1, initial=0.0), p.argmax(axis=1) == truth
    index = confidence_bins(confidence, bins)
    counts = np.bincount(index, minlength=bins)
    return Reliability(
        edges=np.linspace(0.0, 1.0, bins + 1),
        counts=counts.astype(np.int64),
        confidence=divide(np.bincount(index, confidence, bins), counts),
        accuracy=divide(np.bincount(index, right, bins), counts),
    )


def confidence_bins(confidence: Floats, bins: int) -> Ints:
    """Return for each confidence (N,) the index of its bin, 0 to `bins` - 1; a bin holds its upper edge."""
    index: Ints = np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1).astype(np.int64)
    return index


def expected_calibration_error(probabilities: ArrayLike, y: ArrayLike, *, bins: int = DEFAULT_BINS) -> float:
    """Return the expected calibration error, 0 (honest) to 1 (Naeini et al. 2015); NaN without samples."""
    return reliability(probabilities, y, bins=bins).error


def sample_log_loss(probabilities: Floats, y: Ints) -> Floats:
    """Return per sample -ln of the probability given to the true label, (N,), 0 (sure, right) to about 36."""
    chosen = probabilities[np.arange(len(y)), y]
    return -np.log(np.clip(chosen, _SMALLEST_PROBABILITY, 1.0))


def sample_brier(probabilities: Floats, y: Ints) -> Floats:
    """Return per sample the squared distance to the one-hot truth, (N,), 0 (right) to 2 (Brier 1950)."""
    chosen = probabilities[np.arange(len(y)), y]
    distance: Floats = np.maximum(np.square(probabilities).sum(axis=1) - 2 * chosen + 1, 0.0)
    return distance
