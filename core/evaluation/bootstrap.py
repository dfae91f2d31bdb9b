"""Resampling of whole groups, and the interval that follows.

Samples of one patient, slide or plate resemble one another, so they are not independent evidence. Drawing
whole groups with replacement (the cluster bootstrap: Field and Welsh 2007) keeps what is dependent
together. The interval is the percentile one, with its tails moved out for few groups as Hesterberg (2015)
proposes: plain percentiles are too narrow by sqrt((G - 1) / G) and by the ratio of the normal to Student's
quantile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import erfc, pi, sqrt, tan
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from core.domain.metrics import Metric
from core.evaluation.metrics import Floats, Ints

TAIL: Final = 0.025  # on each side of a 95 % interval


def draws(n_groups: int, resamples: int, seed: int) -> Iterator[Ints]:
    """Yield, for each resample, how often each group was drawn: (G,) integers that sum to G.

    The same seed gives the same draws. One resample is held at a time: memory does not grow with their
    number.
    """
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.bincount(generator.integers(0, n_groups, n_groups), minlength=n_groups)


def percentile_interval(value: float, resampled: ArrayLike, n_groups: int) -> Metric:
    """Return `value` with the 95 % percentile interval of its resampled values.

    Parameters
    ----------
    value
        The metric on all samples, 0 to 1 where it is a share.
    resampled
        (R,) the metric on each resample; NaN where a resample could not have it (a label that was not drawn).
    n_groups
        How many groups carry the metric: those in which the label occurs.

    Returns
    -------
    The interval holds the value. It is NaN where it cannot be known: no value, or fewer than two groups.
    """
    known = np.asarray(resampled, np.float64)
    known = known[~np.isnan(known)]
    if np.isnan(value) or n_groups < 2 or not len(known):
        return Metric(value, float("nan"), float("nan"))
    tail = expanded_tail(n_groups)
    low, high = np.quantile(known, [tail, 1 - tail]).tolist()
    return Metric(value, min(low, value), max(high, value))


def basic_interval(value: float, resampled: ArrayLike, n_groups: int, *, floor: float = 0.0) -> Metric:
    """Return `value` with the basic (reflected) 95 % interval: 2 value - percentiles, not below `floor`.

    For metrics that resampling pushes to one side, as it does the calibration error: noise can only add to
    it, on the samples as on the resamples, and reflection takes off what percentiles would count twice
    (Davison and Hinkley 1997).
    """
    around = percentile_interval(value, resampled, n_groups)
    known = np.asarray(resampled, np.float64)
    if np.isnan(around.low):
        return around
    tail = expanded_tail(n_groups)
    low, high = (2 * value - np.quantile(known, [1 - tail, tail])).tolist()
    return Metric(value, min(max(low, floor), value), max(high, value))


def share_interval(value: float, resampled: ArrayLike, n_groups: int) -> Metric:
    """Return a share (0 to 1) with its interval, honest also where all or none was right, or nearly so.

    Without a single error every resample says 1, and the percentiles would claim certainty. There the exact
    binomial bound is taken (Clopper and Pearson 1934), counting groups, not samples, as trials: with G groups
    without an error, at most 1 - 0.025^(1/G) of such groups may have one. With an error or two the percentiles may
    still end above that bound; the interval reaches it all the same, as a worse result cannot promise more.
    """
    metric = percentile_interval(value, resampled, n_groups)
    if np.isnan(metric.low):
        return metric
    bound = perfect_bound(n_groups)
    return Metric(value, min(metric.low, bound), max(metric.high, 1.0 - bound))


def mean_of_shares(metric: Metric, groups: Sequence[int]) -> Metric:
    """Return a mean over labels with its interval reaching as low as that of a mean without an error.

    Parameters
    ----------
    metric
        The mean with its percentile interval.
    groups
        For each label, in how many groups it occurs.
    """
    if np.isnan(metric.low) or not groups:
        return metric
    bound = float(np.mean([perfect_bound(n_groups) for n_groups in groups]))
    return Metric(metric.value, min(metric.low, bound), metric.high)


def perfect_bound(n_groups: int) -> float:
    """Return the lower end of a share's 95 % interval where none of `n_groups` groups had an error."""
    return float(TAIL ** (1.0 / n_groups))


def expanded_tail(n_groups: int) -> float:
    """Return the share of resamples beyond each end: 0.025, less for few groups (Hesterberg 2015)."""
    reach = sqrt(n_groups / (n_groups - 1)) * student_quantile(n_groups - 1)
    return 0.5 * erfc(reach / sqrt(2.0))


def student_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t with `freedom` degrees of freedom, right to 0.2 %.

    Exact for 1 and 2; from 3 on, Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5).
    """
    p = 1.0 - TAIL
    if freedom == 1:
        return tan(pi * (p - 0.5))
    if freedom == 2:
        return (2 * p - 1) / sqrt(2 * p * TAIL)
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + float(sum(term / freedom**power for power, term in enumerate(terms, 1)))


def compress(keys: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Return the distinct keys, sorted, and the sum of the values of each."""
    distinct, index = np.unique(keys, return_inverse=True)
    return distinct, np.bincount(index.ravel(), values, len(distinct)).astype(np.float64)
