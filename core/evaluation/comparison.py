"""Is one classifier better than another, or was it luck? Both are judged on the same samples, draw by draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.domain.metrics import Metric
from core.evaluation.bootstrap import percentile_interval
from core.evaluation.intervals import DEFAULT_RESAMPLES
from core.evaluation.resampling import GroupSums, checked


def compare(
    probabilities: ArrayLike,
    baseline: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    *,
    seed: int = 0,
    resamples: int = DEFAULT_RESAMPLES,
) -> dict[str, Metric]:
    """Return how much each metric of `core.evaluation.intervals.Evaluation` differs from that of the baseline.

    Parameters
    ----------
    probabilities, baseline
        (N, K) of the two classifiers for the same samples in the same order.
    y, groups
        (N,) as for `core.evaluation.intervals.evaluate`.
    seed, resamples
        Both classifiers meet the same draws of groups, so what makes a draw hard for both cancels out.

    Returns
    -------
    By metric, the value of `probabilities` minus that of `baseline` with its 95 % interval: where the interval does
    not hold 0, the difference is more than luck. NaN where it cannot be known (no sample; fewer than two groups).
    """
    own, other = (GroupSums(*checked(p, y, groups)) for p in (probabilities, baseline))
    value, against = own.whole().metrics(), other.whole().metrics()
    drawn, drawn_against = (sums.resampled(resamples, seed) for sums in (own, other))
    differences: dict[str, Metric] = {}
    again = drawn.metrics() if drawn else {}
    again_against = drawn_against.metrics() if drawn_against else {}
    for name in value:
        resampled = again[name] - again_against[name] if again else np.zeros(0)
        differences[name] = percentile_interval(float(value[name] - against[name]), resampled, own.n_groups)
    return differences
