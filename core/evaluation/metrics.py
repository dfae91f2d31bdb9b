"""Scores of hard predictions, from counts per label.

Everything here is a function of three counts per label (right, true, predicted), which add up over groups of
samples: that is what lets `core.evaluation.bootstrap` resample groups without touching the samples again.

Averages over labels ("macro", "balanced") run over the labels *present in the truth*. A label that nobody
has in the evaluated samples has no recall, so counting it as 0 or as 1 would be invented; predictions of it
still cost, as they are errors on the samples' true labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import BugError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts per label; leading axes (such as resamples) are free.

    Attributes
    ----------
    right
        (..., K) samples of the label that were predicted as it (true positives).
    true
        (..., K) samples of the label (support).
    predicted
        (..., K) samples predicted as the label.
    """

    right: Floats
    true: Floats
    predicted: Floats


def confusion_matrix(y: ArrayLike, predicted: ArrayLike, n_labels: int) -> Ints:
    """Count the samples of each true label (row) by their predicted label (column).

    Parameters
    ----------
    y, predicted
        (N,) label indexes, 0 to `n_labels` - 1.
    n_labels
        K, the number of labels.

    Returns
    -------
    (K, K) int64; the sum is N.

    Raises
    ------
    BugError
        Where the shapes differ or an index is out of range.
    """
    truth, guess = label_indexes(y, n_labels), label_indexes(predicted, n_labels)
    if truth.shape != guess.shape:
        raise BugError(f"{truth.shape} true labels but {guess.shape} predictions")
    cells = np.bincount(truth * n_labels + guess, minlength=n_labels * n_labels)
    return cells.reshape(n_labels, n_labels).astype(np.int64)


def label_indexes(values: ArrayLike, n_labels: int) -> Ints:
    """Return `values` as (N,) int64 label indexes; `BugError` where one is not in 0 to `n_labels` - 1."""
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(0, np.int64)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise BugError(f"label indexes must be (N,) integers, not {array.shape} {array.dtype}")
    if array.min() < 0 or array.max() >= n_labels:
        raise BugError(f"label indexes {array.min()} to {array.max()} with {n_labels} labels")
    return array.astype(np.int64)


def tally(confusion: ArrayLike) -> Tally:
    """Return the counts per label of a confusion matrix (..., K, K), rows the truth."""
    counts = np.asarray(confusion, np.float64)
    return Tally(np.diagonal(counts, axis1=-2, axis2=-1).copy(), counts.sum(axis=-1), counts.sum(axis=-2))


def accuracy(counts: Tally) -> Floats:
    """Return the share of right predictions, (...), 0 to 1; NaN where there is no sample."""
    return divide(counts.right.sum(axis=-1), counts.true.sum(axis=-1))


def recall(counts: Tally) -> Floats:
    """Return per label the share of its samples that were found, (..., K); NaN for one without samples."""
    return divide(counts.right, counts.true)


def precision(counts: Tally) -> Floats:
    """Return per label the share of its predictions that were right, (..., K); NaN where there are none."""
    return divide(counts.right, counts.predicted)


def f1(counts: Tally) -> Floats:
    """Return per label the harmonic mean of precision and recall, (..., K), 0 to 1.

    0 for a label that has samples of which none was found; NaN for a label without samples.
    """
    score = divide(2 * counts.right, counts.true + counts.predicted)
    return np.where(counts.true > 0, score, np.nan)


def balanced_accuracy(counts: Tally) -> Floats:
    """Return the mean recall over the labels present in the truth, (...), 0 to 1; NaN without samples."""
    return mean_of_known(recall(counts))


def macro_f1(counts: Tally) -> Floats:
    """Return the mean F1 over the labels present in the truth, (...), 0 to 1; NaN without samples."""
    return mean_of_known(f1(counts))


def mean_of_known(values: Floats) -> Floats:
    """Return the mean over the last axis of what is not NaN; NaN where nothing is known."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))


def divide(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Return `part` / `whole`, NaN where `whole` is 0."""
    above, below = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    ratio = np.full(above.shape, np.nan)
    np.divide(above, below, out=ratio, where=below != 0)
    return ratio
