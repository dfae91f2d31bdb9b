"""The judge: from probabilities and labels to every number with the interval it is known to.

One thing must stay true: groups, not samples, are what is independent. Every interval here comes from drawing
whole groups, and is NaN where a number rests on one group alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from core.domain.metrics import Metric
from core.evaluation import metrics as scores
from core.evaluation.bootstrap import (
    basic_interval,
    mean_of_shares,
    percentile_interval,
    share_interval,
)
from core.evaluation.metrics import Ints
from core.evaluation.resampling import GroupSums, Totals, checked

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
            "metrics": {name: metric_json(metric) for name, metric in self.metrics.items()},
            "per_label": [
                {
                    "label": row.label,
                    "support": row.support,
                    "groups": row.groups,
                    "precision": metric_json(row.precision),
                    "recall": metric_json(row.recall),
                    "f1": metric_json(row.f1),
                }
                for row in self.per_label
            ],
            "confusion": self.confusion.tolist(),
        }


def metric_json(metric: Metric) -> dict[str, float | None]:
    """Return value, low and high; null where they are not known."""
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
    p, truth, group = checked(probabilities, y, groups)
    sums = GroupSums(p, truth, group)
    whole, resampled = sums.whole(), sums.resampled(resamples, seed)
    confusion = scores.confusion_matrix(truth, p.argmax(axis=1), p.shape[1])
    per_label = _per_label(whole, resampled, sums)
    overall = _overall(whole, resampled, sums.n_groups, per_label)
    return Evaluation(overall, per_label, confusion, len(truth), sums.n_groups)


def _overall(
    whole: Totals, resampled: Totals | None, n_groups: int, per_label: list[LabelMetrics]
) -> dict[str, Metric]:
    again = resampled.metrics() if resampled else {}
    found: dict[str, Metric] = {}
    for name, value in whole.metrics().items():
        interval = {"accuracy": share_interval, "ece": basic_interval}.get(name, percentile_interval)
        found[name] = interval(float(value), again.get(name, np.zeros(0)), n_groups)
    for name in ("balanced_accuracy", "macro_f1"):
        found[name] = mean_of_shares(found[name], [row.groups for row in per_label if row.support])
    return found


def _per_label(whole: Totals, resampled: Totals | None, sums: GroupSums) -> list[LabelMetrics]:
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
