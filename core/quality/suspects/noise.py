"""How the labels of a data set go wrong: which label becomes which, and how often.

The model. A sample has a true label t; its probabilities, sharpened by a and shifted by b, say how likely each is:
softmax(a · log p + b). What was given is then drawn from row t of the noise matrix. Fitting a, b and the matrix
together to the given labels (expectation maximisation, Dempster et al. 1977; Goldberger and Ben-Reuven 2017 call it a
noise adaptation layer) has no single answer: a matrix without noise and blunt probabilities fit as well as a noisy one
and sharp probabilities. Two estimates that come from confident samples alone settle it, as a prior of the matrix, in
which labels with few such samples lean on what all have in common (`core.quality.suspects.matrix`):

- anchors (Patrini et al. 2017): the given labels of the samples that are surest of a label. Best where noise is rare,
  because next to no confusion of the classifier is among them.
- the confident joint (Northcutt et al. 2021), for labels whose anchors do not mostly bear the label itself.

Where the anchors' errors are spread no more unevenly than chance spreads uniform noise, the matrix is uniform: what
looks like structure in it would be the classifier's own confusions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.suspects.anchors import (
    Floats,
    Ints,
    anchor_counts,
    confident_joint,
    generator,
    known_cells,
    rate_deviation,
    spread_evenly,
)
from core.quality.suspects.confusion import own_confusion, threshold_shift
from core.quality.suspects.matrix import confusions_of, held_possible, matrix_of_anchors, uniform_matrix

_SMALLEST: Final = (1e-30, 1e-7)
"""Between these, probabilities of nothing count as the smallest that is there: half precision knows few below 1e-7,
and over-confident classifiers say things that are far less probable, and mean it by comparison."""
_ROUNDS: Final = 20
_SETTLED: Final = 2e-3
_RARE, _FREQUENT = 0.016, 0.1
_LEAST: Final = 1e-3
_UNIFORM_FROM: Final = 0.7
_UNIFORM_FROM_IF_UNKNOWN: Final = 0.5
_MIXED_FROM, _MIXED_BELOW = 0.15, 0.035
_CONFUSED: Final = 0.1
_MOST_NUMBERS: Final = 10_000_000
_PRIOR_WEIGHT: Final = 5.0
_HELD_BY: Final = 4.0
"""Samples that hold the shift of each label to nothing, beside a thousandth of those there are."""
_FIT_NUMBERS: Final = 100_000
_FIT_ROWS: Final = (2_000, 20_000)


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """What was fitted.

    Attributes
    ----------
    matrix
        (K, K): row t is the distribution of what samples that are truly t were given; rows sum to 1.
    sharpness
        a > 0, of the probabilities.
    offset
        (K,) b, added to a · log p.
    evenness
        How evenly errors are spread over pairs of labels: 1 as uniform noise, 0 all in few pairs.
    uniform
        Whether that is no more uneven than chance makes of uniform noise, or hardly more; the matrix is so, then.
    as_uniform
        How much the order of suspicion should be that of uniform noise: 1, or 0.5 where some of it has a structure,
        but so little, or so like the classifier's confusions, that the order by the matrix would put these first, or 0.
    balanced
        Whether labels are predicted as often as given, by a classifier that noise has not blunted: its probabilities
        need no offset to be compared with each other.
    floor
        What less probable labels count as.
    unsure
        Standard deviation of the share of wrong labels, as few anchors as there are cannot say it better.
    confused
        Which share of what is counted as wrong may be confusions of the classifier, 0 to 1.
    """

    matrix: Floats
    sharpness: float
    offset: Floats
    evenness: float
    uniform: bool
    as_uniform: float
    balanced: bool
    floor: float
    unsure: float
    confused: float


def smallest(probabilities: NDArray[np.floating]) -> float:
    """Return what less probable labels count as."""
    least = float(np.min(probabilities, where=probabilities > 0, initial=_SMALLEST[1]))
    return max(least, _SMALLEST[0])


def log_probabilities(probabilities: NDArray[np.floating], floor: float) -> Floats:
    """Return the logarithms (n, K), the largest of each row 0, of probabilities of any precision."""
    logs: Floats = np.log(np.maximum(probabilities, floor, dtype=np.float64))
    logs -= logs.max(axis=1, keepdims=True)
    return logs


def fit_noise(probabilities: NDArray[np.floating], given: Ints, seed: int = 0) -> NoiseModel:
    """Fit the model.

    Parameters
    ----------
    probabilities
        (N, K >= 2), out of sample, finite, not negative.
    given
        (N >= 1,) label indexes.
    seed
        Draws the samples that the fit looks at, where there are more than it needs.
    """
    few = few_rows(*probabilities.shape)
    if few is not None:
        probabilities, given = probabilities[few], given[few]
    k = probabilities.shape[1]
    floor = smallest(probabilities)
    shift = _matching_shift(probabilities, given, floor)
    moved = np.maximum(probabilities, floor, dtype=np.float64) * np.exp(shift)
    moved /= moved.sum(1, keepdims=True)
    anchors = anchor_counts(moved, given)
    evenness, usual = spread_evenly(anchors)
    confusions, confident = confusions_of(moved, given), confident_joint(moved, given)
    share = np.bincount(given, minlength=k) / len(given)
    prior = matrix_of_anchors(anchors, confusions, confident, held_possible(moved), share)
    rows, weights = _drawn(given, k, seed)
    matrix, a, b = _fit(
        log_probabilities(moved[rows], floor), given[rows], weights, prior, _PRIOR_WEIGHT / known_cells(anchors)
    )
    rate = 1 - float(np.trace(anchors)) / max(1.0, float(anchors.sum()))
    # Where next to no anchor is wrong, the classifier's own confusions are the more of what is uneven; and where few
    # errors have to tell many cells apart, they tell little about structure. Where many are wrong, noise it is.
    known = 0.0 if rate < _RARE else known_cells(anchors) if rate < _FREQUENT else 1.0
    uniform = usual or evenness >= known * _UNIFORM_FROM + (1 - known) * _UNIFORM_FROM_IF_UNKNOWN
    if uniform:
        # Without what the most confused pairs have beyond the others, as far as that is not chance.
        matrix = uniform_matrix(k, max(_LEAST, rate * ((1 + evenness) / 2 if usual else evenness)))
    confused = own_confusion(moved, given)
    mixed = (evenness >= _MIXED_FROM and rate < _MIXED_BELOW) or confused > _CONFUSED
    as_uniform = 1.0 if uniform else 0.5 if mixed else 0.0
    balanced = a <= 1 and not shift.any()
    unsure = rate_deviation(anchors, len(given))
    offset = a * shift + b + a * threshold_shift(moved, given, confused)
    return NoiseModel(matrix, a, offset, evenness, uniform, as_uniform, balanced, floor, unsure, confused)


def few_rows(n: int, k: int) -> Ints | None:
    """Return rows, sorted, where there are more numbers than a model of the noise needs."""
    most = max(20_000, _MOST_NUMBERS // k)
    return None if n <= most else np.sort(generator(1).choice(n, most, replace=False))


def _fit(logs: Floats, given: Ints, weights: Floats, prior: Floats, strength: float) -> tuple[Floats, float, Floats]:
    """Return the matrix, the sharpness and the shift (K,) by expectation maximisation.

    The prior of the matrix weighs `strength` times what the data say.
    """
    k = logs.shape[1]
    a, b, matrix = 1.0, np.zeros(k), prior
    # Labels first: sums over labels, of which there are few, are an order of magnitude faster so.
    logs = np.ascontiguousarray(logs.T)
    weighed_given = np.zeros((len(given), k))
    weighed_given[np.arange(len(given)), given] = weights
    for _ in range(_ROUNDS):
        soft = _soft(a * logs + b[:, None], axis=0)
        likely = soft * matrix[:, given]
        likely /= np.maximum(likely.sum(0), 1e-300)
        counts = likely @ weighed_given
        matrix = counts + strength * counts.sum(1, keepdims=True) * prior + 0.1 * prior + 1e-12
        matrix /= matrix.sum(1, keepdims=True)
        step = _newton_step(logs, soft, likely, weights, b)
        a = float(np.clip(a + np.clip(step[0], -1, 1), 0.2, 8.0))
        b = b + np.clip(step[1:], -2, 2)
        if np.abs(step).max() < _SETTLED:
            break
    return matrix, a, b


def _newton_step(logs: Floats, soft: Floats, target: Floats, weights: Floats, b: Floats) -> Floats:
    """Return the step (1 + K,) of sharpness and shift towards the maximum of sum w * target * log soft.

    `logs`, `soft` and `target` are (K, n).
    """
    k = len(logs)
    weighed = soft * weights
    off = target * weights - weighed
    gradient = np.concatenate([[np.vdot(off, logs)], off.sum(1)])
    times = soft * logs
    mean = times.sum(0)
    curvature = np.empty((k + 1, k + 1))
    curvature[0, 0] = np.dot((times * logs).sum(0) - mean**2, weights)
    curvature[0, 1:] = curvature[1:, 0] = times @ weights - weighed @ mean
    curvature[1:, 1:] = np.diag(weighed.sum(1)) - weighed @ soft.T
    ridge = 1e-3 * float(weights.sum()) / k + _HELD_BY
    gradient[1:] -= ridge * b
    step: Floats = np.linalg.solve(curvature + ridge * np.eye(k + 1), gradient)
    return step


def _soft(z: Floats, axis: int) -> Floats:
    z -= z.max(axis=axis, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=axis, keepdims=True)
    return z


def _matching_shift(probabilities: NDArray[np.floating], given: Ints, floor: float) -> Floats:
    """Return (K,) shifts of log p after which each label is predicted as often as given (Saerens et al. 2002)."""
    n, k = probabilities.shape
    wanted = (np.bincount(given, minlength=k) + 0.5) / (n + 0.5 * k)
    rows = generator(0).permutation(n)[: max(2_000, 50_000 // k)] if n > 2_000 else slice(None)
    some = np.maximum(probabilities[rows], floor, dtype=np.float64)
    ratio = np.ones(k)
    for _ in range(10):
        moved = some * ratio
        moved /= moved.sum(1, keepdims=True)
        ratio *= wanted / np.maximum(moved.mean(0), 1e-9)
    logs = np.log(np.clip(ratio, 1e-4, 1e4))
    logs -= np.median(logs)
    # Small differences are the noise's own doing, or chance.
    shift: Floats = np.sign(logs) * np.maximum(np.abs(logs) - 0.5, 0)
    return shift


def _drawn(given: Ints, k: int, seed: int) -> tuple[Ints, Floats]:
    """Return rows for the fit and their weights: all rows of rare labels, a part of the frequent ones'."""
    n = len(given)
    most = int(np.clip(_FIT_NUMBERS // k, *_FIT_ROWS))
    if n <= most:
        return np.arange(n, dtype=np.int64), np.ones(n)
    counts = np.bincount(given, minlength=k)
    chance = np.minimum(1.0, np.maximum(most / n, 30 / np.maximum(counts, 1)))
    rows = np.flatnonzero(generator(seed).random(n) < chance[given])
    return rows, 1 / chance[given[rows]]
