"""The judge of multi-label predictions: every number with the interval it is known to.

As for single labels, groups are what is independent, and every interval comes from drawing whole groups. Averages over
labels run over those that occur in the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.domain.metrics import Metric
from core.evaluation import metrics as scores
from core.evaluation.bootstrap import basic_interval, mean_of_shares, percentile_interval, share_interval
from core.evaluation.intervals import DEFAULT_RESAMPLES, metric_json
from core.evaluation.metrics import Floats, Ints
from core.evaluation.multilabel_sums import MultiInput, MultiSums, MultiTotals

_SHARES = ("exact_match", "hamming_loss", "micro_f1", "label_ranking")
_MEANS_OVER_LABELS = ("macro_f1", "mean_average_precision", "macro_roc_auc")
_PER_LABEL = ("average_precision", "roc_auc", "precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class MultiLabelMetrics:
    """How one label fared.

    Attributes
    ----------
    label
        Its index, 0 to K - 1.
    support, groups
        How many samples have it, in how many groups.
    threshold
        Where it is given; NaN where the decisions came from elsewhere (a parent is given where any child is).
    average_precision, roc_auc
        Without a threshold: 0 to 1; NaN where no sample has the label (the area: or where all have).
    precision, recall, f1
        At the threshold; NaN as for single labels.
    right, false_alarms, missed, rightly_absent
        The 2 x 2 table of truth and decision, in samples.
    """

    label: int
    support: int
    groups: int
    threshold: float
    average_precision: Metric
    roc_auc: Metric
    precision: Metric
    recall: Metric
    f1: Metric
    right: int
    false_alarms: int
    missed: int
    rightly_absent: int

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON's own types; what is not known is null."""
        return {
            "label": self.label,
            "support": self.support,
            "groups": self.groups,
            "threshold": None if np.isnan(self.threshold) else self.threshold,
            **{name: metric_json(getattr(self, name)) for name in _PER_LABEL},
            "right": self.right,
            "false_alarms": self.false_alarms,
            "missed": self.missed,
            "rightly_absent": self.rightly_absent,
        }


@dataclass(frozen=True, slots=True, eq=False)
class MultiEvaluation:
    """Everything known about a set of multi-label predictions.

    Attributes
    ----------
    metrics
        ``macro_f1``, ``micro_f1``, ``mean_average_precision``, ``macro_roc_auc``, ``exact_match`` (share of samples
        with every decision right), ``label_ranking`` (label-ranking average precision): 0 to 1, high is good.
        ``hamming_loss`` (share of wrong decisions), ``log_loss`` (nats), ``brier`` and ``ece``, each a mean over
        samples and labels: low is good.
    per_label
        K entries, in label order.
    pairs
        (K, K) int64: how many samples that have the row's label were wrongly given the column's; on the diagonal, how
        many that have the label were given it.
    n, groups
        How many samples, in how many groups.
    """

    metrics: dict[str, Metric]
    per_label: list[MultiLabelMetrics]
    pairs: Ints
    n: int
    groups: int

    def to_json(self) -> dict[str, Any]:
        """Return all of it in JSON's own types; what is not known is null."""
        return {
            "n": self.n,
            "groups": self.groups,
            "metrics": {name: metric_json(metric) for name, metric in self.metrics.items()},
            "per_label": [row.to_json() for row in self.per_label],
            "pairs": self.pairs.tolist(),
        }


def evaluate_multi(
    probabilities: ArrayLike,
    truth: ArrayLike,
    given: ArrayLike,
    groups: ArrayLike,
    *,
    thresholds: Sequence[float] = (),
    seed: int = 0,
    resamples: int = DEFAULT_RESAMPLES,
) -> MultiEvaluation:
    """Judge multi-label predictions; every number comes with a 95 % interval by bootstrap over groups.

    Parameters
    ----------
    probabilities
        (N, K), finite, 0 to 1.
    truth, given
        (N, K) bool: the labels each sample has, and those it was given.
    groups
        (N,) integers or strings, as for `core.evaluation.intervals.evaluate`.
    thresholds
        K, to be told with the labels; empty where they did not decide.
    seed, resamples
        Of the resampling. Average precision and ROC curve, which must be walked anew for every draw, use only the
        first of the draws where there are many samples, but never fewer than 200.

    Raises
    ------
    BugError
        Where shapes do not match or a probability is not finite.
    """
    judged = MultiInput.checked(probabilities, truth, given, groups)
    sums = MultiSums(judged)
    whole, resampled = sums.whole(), sums.resampled(resamples, seed)
    per_label = _per_label(judged, sums, whole, resampled, thresholds)
    wrongly = judged.given & ~judged.truth
    pairs = judged.truth.astype(np.float64).T @ wrongly.astype(np.float64)  # exact below 2**53 samples
    np.fill_diagonal(pairs, whole.counts.right[0])
    return MultiEvaluation(
        metrics=_overall(whole, resampled, sums.n_groups, per_label),
        per_label=per_label,
        pairs=pairs.astype(np.int64),
        n=sums.n_samples,
        groups=sums.n_groups,
    )


def _overall(
    whole: MultiTotals, resampled: MultiTotals | None, n_groups: int, per_label: list[MultiLabelMetrics]
) -> dict[str, Metric]:
    again = resampled.metrics() if resampled else {}
    found: dict[str, Metric] = {}
    for name, value in whole.metrics().items():
        interval = share_interval if name in _SHARES else basic_interval if name == "ece" else percentile_interval
        found[name] = interval(float(value[0]), again.get(name, np.zeros(0)), n_groups)
    for name in _MEANS_OVER_LABELS:
        found[name] = mean_of_shares(found[name], [row.groups for row in per_label if row.support])
    return found


def _values(totals: MultiTotals) -> dict[str, Floats]:
    return {
        "average_precision": totals.average_precision,
        "roc_auc": totals.roc_auc,
        "precision": scores.precision(totals.counts),
        "recall": scores.recall(totals.counts),
        "f1": scores.f1(totals.counts),
    }


def _per_label(
    judged: MultiInput, sums: MultiSums, whole: MultiTotals, resampled: MultiTotals | None, thresholds: Sequence[float]
) -> list[MultiLabelMetrics]:
    k = sums.n_labels
    value, again = _values(whole), _values(resampled) if resampled else {}
    as_truth, either = sums.groups_with(judged.truth), sums.groups_with(judged.truth | judged.given)
    carriers = {"precision": sums.groups_with(judged.given), "f1": either}
    table: dict[str, list[Metric]] = {}
    for name in _PER_LABEL:
        drawn = again.get(name, np.zeros((0, k)))
        carried = carriers.get(name, as_truth)
        table[name] = [share_interval(float(value[name][0, i]), drawn[:, i], int(carried[i])) for i in range(k)]
    right, true, predicted = (
        column[0].astype(np.int64) for column in (whole.counts.right, whole.counts.true, whole.counts.predicted)
    )
    return [
        MultiLabelMetrics(
            label=i,
            support=int(true[i]),
            groups=int(as_truth[i]),
            threshold=float(thresholds[i]) if len(thresholds) else float("nan"),
            **{name: column[i] for name, column in table.items()},
            right=int(right[i]),
            false_alarms=int(predicted[i] - right[i]),
            missed=int(true[i] - right[i]),
            rightly_absent=int(sums.n_samples - true[i] - predicted[i] + right[i]),
        )
        for i in range(k)
    ]
