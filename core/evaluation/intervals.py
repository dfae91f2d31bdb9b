"""The judge: from probabilities and labels to every number with the interval it is known to.

One thing must stay true: groups, not samples, are what is independent. Every interval here comes from drawing
whole groups, and is NaN where a number rests on one group alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.domain.metrics import Metric
from core.errors import BugError
from core.evaluation import metrics as scores
from core.evaluation.bootstrap import (
    basic_interval,
    compress,
    draws,
    percentile_interval,
    perfect_bound,
    share_interval,
)
from core.evaluation.calibration import DEFAULT_BINS, confidence_bins, sample_brier, sample_log_loss
from core.evaluation.metrics import Floats, Ints, Tally, label_indexes

DEFAULT_RESAMPLES: Final = 1000


@dataclass(frozen=True, slots=True)
class LabelMetrics:
    """How one label fared.

    Attributes
    ----------
    label
        Its index, 0 to K - 1.
    support
        How many samples have it.
    groups
        In how many groups it occurs.
    precision, recall, f1
        0 to 1. Recall and F1 are NaN for a label without samples, precision for one never predicted.
    """

    label: int
    support: int
    groups: int
    precision: Metric
    recall: Metric
    f1: Metric


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Everything known about a set of predictions.

    Attributes
    ----------
    metrics
        ``accuracy``, ``balanced_accuracy``, ``macro_f1`` (0 to 1, high is good; averages run over the
        labels present), ``log_loss`` (nats), ``brier`` (0 to 2), ``ece`` (0 to 1): low is good. Each with
        its interval.
    per_label
        K entries, in label order.
    confusion
        (K, K) int64, rows the truth.
    n, groups
        How many samples, in how many groups.
    """

    metrics: dict[str, Metric]
    per_label: list[LabelMetrics]
    confusion: Ints
    n: int
    groups: int

    def to_json(self) -> dict[str, Any]:
        """Return all of it in JSON's own types; what is not known is null."""
        return {
            "n": self.n,
            "groups": self.groups,
            "metrics": {name: _metric_json(metric) for name, metric in self.metrics.items()},
            "per_label": [
                {
                    "label": row.label,
                    "support": row.support,
                    "groups": row.groups,
                    "precision": _metric_json(row.precision),
                    "recall": _metric_json(row.recall),
                    "f1": _metric_json(row.f1),
                }
                for row in self.per_label
            ],
            "confusion": self.confusion.tolist(),
        }


def _metric_json(metric: Metric) -> dict[str, float | None]:
    return {key: None if np.isnan(number) else number for key, number in metric.to_json().items()}


def evaluate(
    probabilities: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    *,
    seed: int = 0,
    resamples: int = DEFAULT_RESAMPLES,
) -> Evaluation:
    """Judge predictions; every number comes with a 95 % interval by bootstrap over groups.

    Parameters
    ----------
    probabilities
        (N, K), finite, rows summing to 1. The prediction is the largest, the first of equals.
    y
        (N,) true label indexes, 0 to K - 1.
    groups
        (N,) integers or strings: what each sample belongs to (patient, slide). A sample on its own needs a
        group of its own.
    seed
        Of the resampling: the same seed gives the same intervals.
    resamples
        How many times the groups are drawn.

    Returns
    -------
    The evaluation. Without samples all values are NaN; with a single group all intervals are.

    Raises
    ------
    BugError
        Where shapes do not match, a probability is not finite, or a label is out of range.
    """
    p, truth, group = _checked(probabilities, y, groups)
    n_groups = int(group.max()) + 1 if len(group) else 0
    sums = _GroupSums(p, truth, group, n_groups)
    whole = sums.of(np.ones(n_groups, np.int64))
    drawn = [sums.of(times) for times in draws(n_groups, resamples, seed)] if n_groups > 1 else []
    resampled = _Totals.stack(drawn) if drawn else None
    confusion = scores.confusion_matrix(truth, p.argmax(axis=1), p.shape[1])
    per_label = _per_label(whole, resampled, sums)
    overall = _overall(whole, resampled, n_groups, per_label)
    return Evaluation(overall, per_label, confusion, len(truth), n_groups)


def _checked(probabilities: ArrayLike, y: ArrayLike, groups: ArrayLike) -> tuple[Floats, Ints, Ints]:
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
class _Totals:
    """What all metrics are made of, summed over the drawn groups; leading axis R after `stack`."""

    counts: Tally
    losses: Floats  # (..., 2) summed log-loss and Brier score
    gaps: Floats  # (..., B) summed confidence minus right, per confidence bin

    @staticmethod
    def stack(totals: list[_Totals]) -> _Totals:
        return _Totals(
            Tally(
                np.stack([t.counts.right for t in totals]),
                np.stack([t.counts.true for t in totals]),
                np.stack([t.counts.predicted for t in totals]),
            ),
            np.stack([t.losses for t in totals]),
            np.stack([t.gaps for t in totals]),
        )

    def metrics(self) -> dict[str, Floats]:
        n = self.counts.true.sum(axis=-1)
        return {
            "accuracy": scores.accuracy(self.counts),
            "balanced_accuracy": scores.balanced_accuracy(self.counts),
            "macro_f1": scores.macro_f1(self.counts),
            "log_loss": scores.divide(self.losses[..., 0], n),
            "brier": scores.divide(self.losses[..., 1], n),
            "ece": scores.divide(np.abs(self.gaps).sum(axis=-1), n),
        }


class _GroupSums:
    """Sums per group, kept sparse: only the (group, truth, prediction) cells that occur."""

    def __init__(self, p: Floats, truth: Ints, group: Ints, n_groups: int) -> None:
        self.n_labels = k = p.shape[1]
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

    def of(self, times: NDArray[np.integer]) -> _Totals:
        """Return the sums with each group counted `times` (G,)."""
        k, weights = self.n_labels, self._cell_counts * times[self._cell_group]
        counts = Tally(
            _sum_by(self._cell_truth[self._right], weights[self._right], k),
            _sum_by(self._cell_truth, weights, k),
            _sum_by(self._cell_predicted, weights, k),
        )
        gaps = _sum_by(self._gap_bin, self._gap * times[self._gap_group], DEFAULT_BINS)
        return _Totals(counts, times.astype(np.float64) @ self._losses, gaps)

    def groups_of(self, *, true: bool, predicted: bool) -> Ints:
        """Return (K,) in how many groups each label occurs as truth, as prediction, or as either."""
        k = self.n_labels
        sides = [self._cell_truth] * true + [self._cell_predicted] * predicted
        pairs = np.unique(np.concatenate([self._cell_group * k + side for side in sides]))
        return np.bincount(pairs % k, minlength=k).astype(np.int64)


def _sum_by(index: Ints, weights: Floats, length: int) -> Floats:
    return np.bincount(index, weights, length).astype(np.float64, copy=False)


def _overall(
    whole: _Totals, resampled: _Totals | None, n_groups: int, per_label: list[LabelMetrics]
) -> dict[str, Metric]:
    again = resampled.metrics() if resampled else {}
    found: dict[str, Metric] = {}
    for name, value in whole.metrics().items():
        interval = {"accuracy": share_interval, "ece": basic_interval}.get(name, percentile_interval)
        found[name] = interval(float(value), again.get(name, np.zeros(0)), n_groups)
    for name in ("balanced_accuracy", "macro_f1"):
        if found[name].low == 1.0:  # not one error: percentiles claim certainty, the labels' own bounds do not
            bounds = [perfect_bound(row.groups) for row in per_label if row.support]
            found[name] = Metric(1.0, float(np.mean(bounds)), 1.0)
    return found


def _per_label(whole: _Totals, resampled: _Totals | None, sums: _GroupSums) -> list[LabelMetrics]:
    k = sums.n_labels
    nothing = np.zeros((0, k))
    table: dict[str, list[Metric]] = {}
    as_truth, either = sums.groups_of(true=True, predicted=False), sums.groups_of(true=True, predicted=True)
    carriers = {"precision": sums.groups_of(true=False, predicted=True), "recall": as_truth, "f1": either}
    for name, score in (("precision", scores.precision), ("recall", scores.recall), ("f1", scores.f1)):
        values = score(whole.counts)
        again = score(resampled.counts) if resampled else nothing
        table[name] = [share_interval(float(values[i]), again[:, i], int(carriers[name][i])) for i in range(k)]
    return [
        LabelMetrics(
            label=i,
            support=int(whole.counts.true[i]),
            groups=int(as_truth[i]),
            precision=table["precision"][i],
            recall=table["recall"][i],
            f1=table["f1"][i],
        )
        for i in range(k)
    ]
