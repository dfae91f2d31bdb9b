"""Suspects where several labels may hold at once: each label is a question of yes or no for itself."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.quality.suspects.anchors import Ints
from core.quality.suspects.find import Suspects, find_suspects

_INTERVAL: Final = 1.96


def find_suspects_each(
    probabilities: NDArray[np.floating], held: NDArray[np.bool_], labelled: NDArray[np.bool_]
) -> tuple[Suspects, Ints]:
    """Judge every label of every sample, and keep the worst of each sample.

    Parameters
    ----------
    probabilities
        (N, K), each 0 to 1, out of sample.
    held
        (N, K) which labels each has; `labelled` (N,) says of whom that is known.

    Returns
    -------
    The suspects, and (N,) which answers they are about: twice the label's index, plus 1 where it was said to hold;
    -1 where nothing can be said. `suggested` of the suspects is the answer that is suggested in the same code, and
    `noise` (2K, 2K) has the matrix of each label on its diagonal. The numbers of errors are those of wrong answers.
    """
    n, k = held.shape
    worst, answer = np.zeros(n), np.full(n, -1, dtype=np.int64)
    noise, values, reach = np.eye(2 * k), 0.0, np.zeros(2)
    judged = 0
    for label in range(k):
        p = np.asarray(probabilities[:, label], np.float64)
        given = np.where(labelled, held[:, label].astype(np.int64), -1)
        one = find_suspects(np.stack([1 - p, p], axis=1), given)
        known = one.suggested >= 0
        judged += int(known.sum())
        worse = known & ((one.p_wrong > worst) | (answer < 0))
        worst[worse], answer[worse] = one.p_wrong[worse], 2 * label + given[worse]
        noise[2 * label : 2 * label + 2, 2 * label : 2 * label + 2] = one.noise
        errors = one.expected_errors
        values += errors.value
        reach += np.square([errors.value - errors.low, errors.high - errors.value])
    below, above = np.sqrt(reach).tolist()
    total = Metric(values, max(0.0, values - below), values + above)
    rate = Metric(*(number / max(1, judged) for number in (total.value, total.low, total.high)))
    suggested = np.where(answer >= 0, answer ^ 1, -1)
    unsure = float(np.log1p(above / (values + 1)) / _INTERVAL)
    return Suspects(worst, suggested, worst > 0.5, noise, rate, total, unsure), answer
