"""F1 of every label on many draws of whole groups, of one answer or several, for either kind of project."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.evaluation.bootstrap import draws, percentile_interval


def answers(logits: NDArray[np.float32], independent: bool) -> NDArray[np.bool_]:
    """Return (n, K) the labels that logits speak for: the highest, or each above 0 where labels are independent."""
    if independent:
        return logits > 0
    said = np.zeros(logits.shape, dtype=np.bool_)
    said[np.arange(len(logits)), logits.argmax(axis=1)] = True
    return said


def drawn_groups(groups: NDArray[np.int64], resamples: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (n,) the number of each sample's group, and (1 + R, G) how often each is drawn: first all of them once."""
    names, group = np.unique(groups, return_inverse=True)
    every = np.ones((1, len(names)), dtype=np.int64)
    return group.ravel(), np.concatenate([every, *(times[None] for times in draws(len(names), resamples, seed))])


def f1_by_draw(
    said: NDArray[np.bool_], held: NDArray[np.bool_], group: NDArray[np.int64], times: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return (R, K) F1 of each label, 0 to 1, on each draw of groups; NaN where a label is neither there nor said.

    Parameters
    ----------
    said, held
        (n, K) the labels answered, and the labels that hold.
    group
        (n,) number of each sample's group.
    times
        (R, G) how often each group was drawn.
    """
    sums = np.zeros((3, times.shape[1], held.shape[1]))
    for table, values in zip(sums, (said & held, said, held), strict=True):
        np.add.at(table, group, values)
    right, answered, true = (times.astype(np.float64) @ table for table in sums)
    either = answered + true
    f1: NDArray[np.float64] = np.divide(2 * right, either, out=np.full(either.shape, np.nan), where=either > 0)
    return f1


def macro(f1: NDArray[np.float64], of: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (R,) the mean over the labels `of` (K,); one that a draw missed is left out of that draw."""
    chosen = f1[:, of]
    known = ~np.isnan(chosen)
    total = np.where(known, chosen, 0.0).sum(axis=1)
    counted = known.sum(axis=1)
    mean: NDArray[np.float64] = np.divide(total, counted, out=np.full(len(total), np.nan), where=counted > 0)
    return mean


def with_interval(by_draw: NDArray[np.float64], n_groups: int) -> Metric:
    """Return the first of (1 + R,) values with the interval that the others give."""
    return percentile_interval(float(by_draw[0]), by_draw[1:], n_groups)
