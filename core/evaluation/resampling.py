"""Every metric on any draw of groups, from sums per group.

The sums are additive, so a resample needs only how often each group was drawn, never the samples: 1,000 resamples of
50,000 samples take about a second, whether these are 364 groups or 50,000.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import BugError
from core.evaluation import metrics as scores
from core.evaluation.bootstrap import compress, draws
from core.evaluation.calibration import DEFAULT_BINS, confidence_bins, sample_brier, sample_log_loss
from core.evaluation.metrics import Floats, Ints, Tally, label_indexes


def checked(probabilities: ArrayLike, y: ArrayLike, groups: ArrayLike) -> tuple[Floats, Ints, Ints]:
    """Return probabilities (N, K), labels (N,) and group numbers (N,) from 0; `BugError` where they do not fit."""
    p = np.asarray(probabilities, np.float64)
    if p.ndim != 2 or p.shape[1] < 1:
        raise BugError(f"probabilities must be (N, K), not {p.shape}")
    truth = label_indexes(y, p.shape[1])
    group = np.asarray(groups)
    if len(truth) != len(p) or group.shape != (len(p),):
        raise BugError(f"{len(p)} predictions, {len(truth)} labels and {group.shape} groups")
    if not np.isfinite(p).all():
        raise BugError("a probability is not finite")
    return p, truth, np.unique(group, return_inverse=True)[1].ravel().astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """What all metrics are made of, summed over the drawn groups; leading axis R after `stack`."""

    counts: Tally
    losses: Floats  # (..., 2) summed log-loss and Brier score
    gaps: Floats  # (..., B) summed confidence minus right, per confidence bin

    @staticmethod
    def stack(totals: list[Totals]) -> Totals:
        """Return many sums as one, with a leading axis."""
        return Totals(
            Tally(
                np.stack([t.counts.right for t in totals]),
                np.stack([t.counts.true for t in totals]),
                np.stack([t.counts.predicted for t in totals]),
            ),
            np.stack([t.losses for t in totals]),
            np.stack([t.gaps for t in totals]),
        )

    def metrics(self) -> dict[str, Floats]:
        """Return every overall metric, one value for each of the leading axes."""
        n = self.counts.true.sum(axis=-1)
        return {
            "accuracy": scores.accuracy(self.counts),
            "balanced_accuracy": scores.balanced_accuracy(self.counts),
            "macro_f1": scores.macro_f1(self.counts),
            "log_loss": scores.divide(self.losses[..., 0], n),
            "brier": scores.divide(self.losses[..., 1], n),
            "ece": scores.divide(np.abs(self.gaps).sum(axis=-1), n),
        }


class GroupSums:
    """Sums per group, kept sparse: only the (group, truth, prediction) cells that occur."""

    def __init__(self, p: Floats, truth: Ints, group: Ints) -> None:
        self.n_labels = k = p.shape[1]
        self.n_groups = n_groups = int(group.max()) + 1 if len(group) else 0
        predicted, confidence = p.argmax(axis=1), p.max(axis=1, initial=0.0)
        ones = np.ones(len(truth))
        cells, self._cell_counts = compress((group * k + truth) * k + predicted, ones)
        self._cell_group, self._cell_truth, self._cell_predicted = cells // (k * k), cells // k % k, cells % k
        self._right = self._cell_truth == self._cell_predicted
        losses = (sample_log_loss(p, truth), sample_brier(p, truth))
        self._losses = np.stack([_sum_by(group, loss, n_groups) for loss in losses], axis=1)
        bins = confidence_bins(confidence, DEFAULT_BINS)
        binned, self._gap = compress(group * DEFAULT_BINS + bins, confidence - (predicted == truth))
        self._gap_group, self._gap_bin = binned // DEFAULT_BINS, binned % DEFAULT_BINS

    def of(self, times: NDArray[np.integer]) -> Totals:
        """Return the sums with each group counted `times` (G,)."""
        k, weights = self.n_labels, self._cell_counts * times[self._cell_group]
        counts = Tally(
            _sum_by(self._cell_truth[self._right], weights[self._right], k),
            _sum_by(self._cell_truth, weights, k),
            _sum_by(self._cell_predicted, weights, k),
        )
        gaps = _sum_by(self._gap_bin, self._gap * times[self._gap_group], DEFAULT_BINS)
        return Totals(counts, times.astype(np.float64) @ self._losses, gaps)

    def whole(self) -> Totals:
        """Return the sums over all samples, each once."""
        return self.of(np.ones(self.n_groups, np.int64))

    def resampled(self, resamples: int, seed: int) -> Totals | None:
        """Return the sums over each of `resamples` draws of groups; None where there are fewer than two groups."""
        if self.n_groups < 2:
            return None
        return Totals.stack([self.of(times) for times in draws(self.n_groups, resamples, seed)])

    def groups_of(self, *, true: bool, predicted: bool) -> Ints:
        """Return (K,) in how many groups each label occurs as truth, as prediction, or as either."""
        k = self.n_labels
        sides = [self._cell_truth] * true + [self._cell_predicted] * predicted
        pairs = np.unique(np.concatenate([self._cell_group * k + side for side in sides]))
        return np.bincount(pairs % k, minlength=k).astype(np.int64)


def _sum_by(index: Ints, weights: Floats, length: int) -> Floats:
    return np.bincount(index, weights, length).astype(np.float64, copy=False)
