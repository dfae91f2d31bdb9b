"""How much of what looks like wrong labels may be a classifier that errs often.

Anchors tell the noise because next to no confusion of the classifier is among them. Where it errs often, some is also
among the samples it is surest of, and nothing but its own word tells one from the other: noise knows nothing of how
sure the classifier is, while its own confusions become more frequent as it says they do.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from core.quality.suspects.anchors import Floats, Ints

_ROWS: Final = 20_000
_NUMBERS: Final = 100_000
_SHARPEST: Final = 20.0
_TENTHS: Final = 6
"""Of each predicted label, the surest first, that the growth of disagreement is seen in; the last are doubtful."""
_OF_ANCHORS: Final = 2
_SELDOM, _OFTEN = 0.08, 0.2
_NOISE_FIRST, _CONFUSION_FIRST = 0.25, 0.5
_THRESHOLDS_FROM, _THRESHOLDS_AT = 0.4, 0.7
_THRESHOLD_WEIGHT: Final = 0.5


def own_confusion(probabilities: Floats, given: Ints) -> float:
    """Return the share, 0 to 1, of the anchors' other labels that may be confusions of the classifier itself.

    How much more often less sure samples bear another label than the surest ones, over how much more often the
    classifier says they do, is how far it is to be believed; its word is then taken for the anchors. Classifiers that
    seldom err, or seldom beside how often labels do, are not held to it: what they say of their surest samples is
    mostly a matter of how they were fitted.

    Parameters
    ----------
    probabilities
        (N, K), rows summing to 1, out of sample.
    given
        (N,) label indexes.
    """
    step = -(-len(given) // _ROWS)
    p, y = probabilities[::step], given[::step]
    predicted = p.argmax(1)
    sure = p[np.arange(len(y)), predicted]
    order = np.lexsort((-sure, predicted))
    of = predicted[order]
    starts = np.searchsorted(of, np.arange(p.shape[1] + 1))
    place = (np.arange(len(order)) - starts[of]) / np.diff(starts)[of]
    tenth = np.minimum((place * 10).astype(np.int64), 9)
    sizes = np.bincount(tenth, minlength=10)
    other = (of != y[order]).astype(np.float64)
    said = _doubts(p, float(other.mean()))[order]
    errors, doubts = np.bincount(tenth, other, 10), np.bincount(tenth, said, 10)
    first = slice(_OF_ANCHORS)
    anchors, doubted = (float(sums[first].sum() / max(1, sizes[first].sum())) for sums in (errors, doubts))
    if not anchors:
        return 0.0
    errs = max(0.0, float(other.mean()) - anchors)
    often, mostly = _ramp(errs, _SELDOM, _OFTEN), _ramp(errs / (errs + anchors), _NOISE_FIRST, _CONFUSION_FIRST)
    believed = _slope(doubts / np.maximum(sizes, 1), errors / np.maximum(sizes, 1), sizes)
    return min(1.0, believed * doubted / anchors) * often * mostly


def threshold_shift(probabilities: Floats, given: Ints, confused: float) -> Floats:
    """Return (K,) shifts of log p that bring labels nearer to each other which the classifier holds likely unequally.

    A label's threshold is its mean probability among those given it, as in confident learning (Northcutt et al. 2021):
    where a classifier errs so often that it hardly ever says a rare label, few of the samples given that are wrong.
    Nothing where it seldom errs, as `own_confusion` has it.
    """
    k = probabilities.shape[1]
    weight = _ramp(confused, _THRESHOLDS_FROM, _THRESHOLDS_AT)
    if not weight:
        return np.zeros(k)
    counts = np.bincount(given, minlength=k)
    own = np.bincount(given, probabilities[np.arange(len(given)), given], k)
    shift: Floats = -_THRESHOLD_WEIGHT * weight * np.log((own + 1 / k) / (counts + 1))
    return np.where(counts > 0, shift, 0.0)


def _doubts(probabilities: Floats, errors: float) -> Floats:
    """Return (N,) how unsure the classifier is of what it predicts, sharpened until it is no more so than it errs."""
    doubts: Floats = 1 - probabilities.max(1)
    if doubts.mean() <= errors:
        return doubts
    logs = np.log(np.maximum(probabilities, 1e-30))
    logs -= logs.max(1, keepdims=True)
    few = logs[:: max(1, logs.size // _NUMBERS)]
    low, high = 1.0, _SHARPEST
    for _ in range(10):
        middle = (low * high) ** 0.5
        unsure = float((1 - 1 / np.exp(few * middle).sum(1)).mean())
        low, high = (middle, high) if unsure > errors else (low, middle)
    sharpened: Floats = 1 - 1 / np.exp(logs * high).sum(1)
    return sharpened


def _ramp(x: float, low: float, high: float) -> float:
    return float(np.clip((x - low) / (high - low), 0, 1))


def _slope(x: Floats, y: Floats, sizes: Ints) -> float:
    """Return how much y grows with x, 0 to 1, over the tenths of the surest."""
    x, y, weights = x[:_TENTHS], y[:_TENTHS], sizes[:_TENTHS]
    off = x - np.average(x, weights=weights)
    spread = float((weights * off**2).sum())
    return float(np.clip((weights * off * y).sum() / spread, 0, 1)) if spread > 1e-6 * weights.sum() else 0.0
