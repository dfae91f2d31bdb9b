"""Suspects where several labels may hold at once: each label is a question of yes or no for itself.

What is counted are answers, a label of an image each: an image may have several wrong ones.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.quality.suspects.anchors import Ints
from core.quality.suspects.counting import with_sum
from core.quality.suspects.find import Suspects, find_suspects

_INTERVAL: Final = 1.96
_DOUBTED: Final = 0.5
_IN_COMMON: Final = 0.5
"""Share of what the numbers of single labels may be off by that they have in common: the same models and people."""
_FEW: Final = 20_000
"""Up to so many images, the errors of one label alone may be too few to tell how many there are."""
_MOST_MORE: Final = 2.5

Answers = NDArray[np.float32]
"""(N, K), P(wrong) of what is said of each label of each image; NaN where nothing can be said."""


def find_suspects_each(
    probabilities: NDArray[np.floating], held: NDArray[np.bool_], labelled: NDArray[np.bool_]
) -> tuple[Suspects, Ints, Answers]:
    """Judge every label of every sample.

    Parameters
    ----------
    probabilities
        (N, K), each 0 to 1, out of sample.
    held
        (N, K) which labels each has; `labelled` (N,) says of whom that is known.

    Returns
    -------
    The worst of each sample as suspects, (N,) which answers these are, and P(wrong) of every answer. An answer's code
    is twice the label's index, plus 1 where it was said to hold; -1 where nothing can be said. `suggested` of the
    suspects is the answer that is suggested in the same code, and `noise` (2K, 2K) has the matrix of each label on its
    diagonal. The numbers of errors are those of wrong answers.
    """
    n, k = held.shape
    each = np.full((n, k), np.nan, dtype=np.float32)
    noise, reach = np.eye(2 * k), np.zeros((k, 2))
    for label in range(k):
        p = np.asarray(probabilities[:, label], np.float64)
        given = np.where(labelled, held[:, label].astype(np.int64), -1)
        one = find_suspects(np.stack([1 - p, p], axis=1), given)
        known = one.suggested >= 0
        each[known, label] = one.p_wrong[known]
        noise[2 * label : 2 * label + 2, 2 * label : 2 * label + 2] = one.noise
        errors = one.expected_errors
        reach[label] = errors.value - errors.low, errors.high - errors.value
    _as_all_together(each, probabilities, held)
    values = float(np.nansum(each, dtype=np.float64))
    below, above = np.hypot(np.sqrt(np.square(reach).sum(axis=0)), _IN_COMMON * reach.sum(axis=0)).tolist()
    total = Metric(values, max(0.0, values - below), values + above)
    judged = max(1, int(np.isfinite(each).sum()))
    rate = Metric(*(number / judged for number in (total.value, total.low, total.high)))
    worst, at = worst_of(each)
    answer = np.where(at >= 0, 2 * at + held[np.arange(n), at], -1)
    suggested = np.where(answer >= 0, answer ^ 1, -1)
    unsure = float(np.log1p(above / (values + 1)) / _INTERVAL)
    return Suspects(worst, suggested, worst > _DOUBTED, noise, rate, total, unsure), answer, each


def _as_all_together(each: Answers, probabilities: NDArray[np.floating], held: NDArray[np.bool_]) -> None:
    """Raise P(wrong), in place, where all labels taken together tell of more errors than each for itself.

    Of a label with a handful of errors the rate of noise is estimated too low on average, which adds up over labels.
    """
    known = np.isfinite(each)
    if each.shape[1] < 2 or len(each) > _FEW or not known.any():
        return
    p = np.asarray(probabilities[known], np.float64)
    together = find_suspects(np.stack([1 - p, p], axis=1), held[known].astype(np.int64)).expected_errors.value
    odds = np.clip(each[known].astype(np.float64), 1e-12, 1 - 1e-12)
    counted = float(odds.sum())
    if together <= counted:
        return
    each[known] = with_sum(np.log(odds / (1 - odds)), min(together, _MOST_MORE * counted), 0.0, 10.0)


def worst_of(each: Answers) -> tuple[NDArray[np.float64], Ints]:
    """Return (N,) P(wrong) of the worst answer of each image, and which label it is about; 0 and -1 without any."""
    if not each.shape[1]:
        return np.zeros(len(each)), np.full(len(each), -1, dtype=np.int64)
    p = np.where(np.isnan(each), np.float32(-1), each)
    at = p.argmax(axis=1)
    worst = p[np.arange(len(p)), at].astype(np.float64)
    return np.maximum(worst, 0.0), np.where(worst >= 0, at, -1).astype(np.int64)


def doubted(each: Answers) -> NDArray[np.bool_]:
    """Return (N, K) which answers a case of their image is about: the worst, and all that are more likely wrong."""
    found: NDArray[np.bool_] = each > _DOUBTED
    _, at = worst_of(each)
    rows = np.flatnonzero(at >= 0)
    found[rows, at[rows]] = True
    return found
