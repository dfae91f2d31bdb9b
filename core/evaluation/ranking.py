"""How well scores rank: average precision, area under the ROC curve, label-ranking average precision.

All three ask only for the order of the scores, so that no threshold is needed; samples of equal score stand together.
The first two are computed for many weightings of the samples at once, which is what resampling whole groups asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.evaluation.metrics import Floats, Ints, divide

_NUMBERS_AT_ONCE: Final = 1 << 21  # of one array, so that 1,000 resamples of 50,000 samples need no gigabyte


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The samples by one label's score, the highest first.

    Attributes
    ----------
    order
        (N,) rows, by falling score.
    true
        (N,) 1.0 where the sample has the label, in that order.
    ends
        (T,) the last position of each run of equal scores.
    """

    order: Ints
    true: Floats
    ends: Ints

    @staticmethod
    def of(scores: ArrayLike, truth: ArrayLike) -> Ranking:
        """Rank scores (N,) against the truth (N,) bool."""
        values = np.asarray(scores, np.float64)
        order = np.argsort(-values, kind="stable").astype(np.int64)
        falling = values[order]
        ends = np.flatnonzero(np.append(np.diff(falling) != 0, True)) if len(falling) else np.zeros(0, np.int64)
        return Ranking(order, np.asarray(truth, np.float64)[order], ends.astype(np.int64))

    def scores(self, weights: NDArray[Any]) -> tuple[Floats, Floats]:
        """Return average precision and area under the ROC curve, (R,) each, under each weighting (R, N) >= 0.

        Average precision is the mean precision at the samples that have the label, without interpolation (Manning et
        al. 2008). The area is the chance that a sample with the label scores above one without, ties counting half.
        NaN where no sample has the label, and for the area also where all have it.
        """
        parts = max(1, _NUMBERS_AT_ONCE // max(1, len(self.order)))
        found = [self._part(weights[start : start + parts]) for start in range(0, len(weights), parts)]
        return np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found])

    def _part(self, weights: NDArray[Any]) -> tuple[Floats, Floats]:
        if not len(self.order):
            nothing = np.full(len(weights), np.nan)
            return nothing, nothing.copy()
        sorted_weights = np.asarray(weights, np.float64)[:, self.order]
        found = np.cumsum(sorted_weights * self.true, axis=1)[:, self.ends]
        seen = np.cumsum(sorted_weights, axis=1)[:, self.ends]
        gained = np.diff(found, axis=1, prepend=0.0)
        precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
        average = divide((gained * precision).sum(axis=1), found[:, -1])
        wrong = seen - found
        passed = np.diff(wrong, axis=1, prepend=0.0)
        area = divide((passed * (found - gained / 2)).sum(axis=1), found[:, -1] * wrong[:, -1])
        return average, area


def average_precision(scores: ArrayLike, truth: ArrayLike) -> float:
    """Return the average precision of scores (N,) for a label the samples (N,) bool have; NaN where none has it."""
    ranking = Ranking.of(scores, truth)
    return float(ranking.scores(np.ones((1, len(ranking.order))))[0][0])


def roc_auc(scores: ArrayLike, truth: ArrayLike) -> float:
    """Return the area under the ROC curve, 0 to 1; NaN where all samples have the label or none."""
    ranking = Ranking.of(scores, truth)
    return float(ranking.scores(np.ones((1, len(ranking.order))))[1][0])


def mean_average_precision(scores: ArrayLike, truth: ArrayLike) -> float:
    """Return the mean average precision over the labels that occur in `truth` (N, K); NaN where none does."""
    values, found = np.asarray(scores), np.asarray(truth)
    each = [average_precision(values[:, k], found[:, k]) for k in range(values.shape[1]) if found[:, k].any()]
    return float(np.mean(each)) if each else float("nan")


def sample_label_ranking(scores: ArrayLike, truth: ArrayLike) -> Floats:
    """Return per sample how well its own labels stand before the others, (N,), 0 to 1 (Tsoumakas et al. 2010).

    For each label a sample has: which share of the labels scored at least as high it has too; then the mean. 1 for a
    sample that has all labels or none, where there is nothing to rank.
    """
    values, found = np.asarray(scores, np.float64), np.asarray(truth, bool)
    n, k = values.shape
    if not n:
        return np.zeros(0)
    order = np.argsort(-values, axis=1, kind="stable")
    falling, true = np.take_along_axis(values, order, 1), np.take_along_axis(found, order, 1)
    positions = np.broadcast_to(np.arange(k), (n, k))
    last = np.full((n, k), k - 1)
    last[:, :-1] = np.where(falling[:, :-1] != falling[:, 1:], positions[:, :-1], k - 1)
    ends = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    share = np.take_along_axis(np.cumsum(true, axis=1), ends, 1) / (ends + 1)
    own = found.sum(axis=1)
    mean = divide((share * true).sum(axis=1), own)
    return np.where((own == 0) | (own == k), 1.0, mean)
