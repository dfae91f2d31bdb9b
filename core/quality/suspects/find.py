"""Which labels are probably wrong, from probabilities out of sample and the labels given.

Starts where confident learning does (Northcutt, Jiang and Chuang, JAIR 2021), with how often confident samples bear
another label, and goes on to a posterior over the true label of every sample. What must stay true: the order of
suspicion is that of `p_wrong`, and where noise is rare and uniform it is that of self-confidence, which nothing beats
there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.domain.metrics import Metric
from core.errors import BugError
from core.quality.suspects.noise import Floats, Ints, NoiseModel, fit_noise, joint, log_probabilities, uniform_matrix
from core.quality.suspects.ranking import choose_ranking, doubts, telling_pairs

_NUMBERS_AT_ONCE: Final = 1 << 20
_FLAGGED_FROM: Final = 0.5
_DOUBT: Final = 0.5
_FREQUENT: Final = 0.3
_CERTAINTY_LEFT: Final = 0.65
_UNCERTAIN: Final = 0.25
_MISTAKEN_FOR_WRONG: Final = 0.08


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """What is suspected of the labels of N samples.

    Attributes
    ----------
    p_wrong
        (N,) float64, calibrated probability that the label is wrong; 0 where there is no label or no probability.
    suggested
        (N,) int64, the label that is most probably true other than the given one; -1 where nothing can be said.
    flagged
        (N,) bool: more probably wrong than right.
    noise
        (K, K), row t: what samples that are truly t were given; rows sum to 1.
    noise_rate
        Share of wrong labels among those given, with its 95 % interval.
    expected_errors
        Their number.
    """

    p_wrong: Floats
    suggested: Ints
    flagged: NDArray[np.bool_]
    noise: Floats
    noise_rate: Metric
    expected_errors: Metric

    def order(self) -> Ints:
        """Return all rows, the most suspicious first; equal ones in their own order."""
        rows: Ints = np.argsort(-self.p_wrong, kind="stable")
        return rows


def find_suspects(probabilities: ArrayLike, given: ArrayLike) -> Suspects:
    """Judge every given label.

    Parameters
    ----------
    probabilities
        (N, K), rows summing to about 1, of a classifier that has not seen the sample; of any float precision. A row
        with a number that is not finite says nothing.
    given
        (N,) label indexes, -1 for a sample without a label.

    Raises
    ------
    BugError
        Where shapes do not match, or a label index is K or more.
    """
    p, labels = np.asarray(probabilities), np.asarray(given, dtype=np.int64)
    if p.ndim != 2 or labels.shape != (len(p),):
        raise BugError(f"probabilities {p.shape} and labels {labels.shape} must be (N, K) and (N,)")
    if len(labels) and labels.max() >= p.shape[1]:
        raise BugError(f"label {labels.max()} of {p.shape[1]}")
    sums = p.sum(axis=1, dtype=np.float64)
    usable = np.flatnonzero((labels >= 0) & np.isfinite(sums) & (sums > 0))
    if not len(usable) or p.shape[1] < 2 or (labels[usable] == labels[usable[0]]).all():
        return _nothing(*p.shape)
    every = len(usable) == len(p)
    known, y = (p, labels) if every else (p[usable], labels[usable])
    model = fit_noise(known, y)
    wrong, best = _posterior(known, y, model)
    wrong = _tempered(wrong, model)
    if model.uniform:
        wrong, best = _reordered(wrong, best, known, y, model)
    n = len(p)
    p_wrong, suggested = np.zeros(n), np.full(n, -1, dtype=np.int64)
    p_wrong[usable], suggested[usable] = wrong, best
    errors = _expected(wrong, y, known, model)
    rate = Metric(*(number / len(usable) for number in (errors.value, errors.low, errors.high)))
    return Suspects(p_wrong, suggested, p_wrong > _FLAGGED_FROM, model.matrix, rate, errors)


def _posterior(probabilities: NDArray[np.floating], given: Ints, model: NoiseModel) -> tuple[Floats, Ints]:
    """Return P(wrong) and the likeliest other label, a part of the samples at a time."""
    n, k = probabilities.shape
    wrong, best = np.empty(n), np.empty(n, dtype=np.int64)
    size = max(1, _NUMBERS_AT_ONCE // k)
    for start in range(0, n, size):
        part = slice(start, start + size)
        y = given[part]
        at = np.arange(len(y))
        likely = joint(log_probabilities(probabilities[part]), model, y)
        own = likely[at, y]
        likely[at, y] = 0.0
        rest = likely.sum(1)
        wrong[part] = rest / np.maximum(rest + own, 1e-300)
        best[part] = likely.argmax(1)
    return wrong, best


def _reordered(
    wrong: Floats, best: Ints, probabilities: NDArray[np.floating], given: Ints, model: NoiseModel
) -> tuple[Floats, Ints]:
    """Return the same numbers in the order that finds uniform noise best, and the likeliest other label."""
    n, k = probabilities.shape
    telling = telling_pairs(probabilities)
    # Blunt probabilities are sharpened; of sharp ones the order is the same.
    sharpness = max(1.0, model.sharpness)
    ranking = choose_ranking(probabilities, given, telling, model, float(wrong.mean()))
    if ranking is None:
        return wrong, best
    doubt, likeliest = np.empty(n), np.empty(n, dtype=np.int64)
    size = max(1, _NUMBERS_AT_ONCE // k)
    for start in range(0, n, size):
        part = slice(start, start + size)
        logs, y = log_probabilities(probabilities[part]) * sharpness, given[part]
        doubt[part] = doubts(logs, y, telling, (ranking,))[0]
        logs[np.arange(len(y)), y] = -np.inf
        likeliest[part] = logs.argmax(1)
    out = np.empty(n)
    out[np.argsort(doubt, kind="stable")] = np.sort(wrong)
    return out, likeliest


def _tempered(wrong: Floats, model: NoiseModel) -> Floats:
    """Return the probabilities (N,) a little lower: a classifier that errs with confidence looks like a wrong label.

    By half a unit of log odds where noise is rare, by nothing where it is so frequent that such errors are lost in it;
    where a fitted matrix makes it all but certain, two thirds of what is beyond one unit are left of that. Measured on
    label noise of eleven kinds.
    """
    doubt = _DOUBT * max(0.0, 1 - float(wrong.mean()) / _FREQUENT)
    odds = np.log(np.maximum(wrong, 1e-300)) - np.log(np.maximum(1 - wrong, 1e-16))
    slope = 1.5 if model.uniform else _CERTAINTY_LEFT
    lowered = np.where(odds <= 1, odds - doubt, 1 - doubt + (odds - 1) * slope)
    if model.uniform:
        lowered = np.minimum(lowered, odds)
    out: Floats = 1 / (1 + np.exp(-lowered))
    return out


def _expected(wrong: Floats, given: Ints, probabilities: NDArray[np.floating], model: NoiseModel) -> Metric:
    """Return the expected number of errors, and an interval wide enough for what no calibration can know.

    A classifier that is confidently wrong looks like a wrong label: up to a twelfth of what it gets wrong, beyond the
    noise, may be counted here falsely. Besides, the number is uncertain by a quarter, and by chance.
    """
    n, value = len(wrong), float(wrong.sum())
    disagree = float((probabilities.argmax(1) != given).sum())
    mistaken = max(0.0, disagree - value)
    chance = 1.96 * (float((wrong * (1 - wrong)).sum()) ** 0.5 + 1)
    low = value * (1 - _UNCERTAIN) - _MISTAKEN_FOR_WRONG * mistaken - chance
    high = value * (1 + _UNCERTAIN) + _MISTAKEN_FOR_WRONG * mistaken / 2 + chance
    return Metric(value, max(0.0, low), min(float(n), high))


def _nothing(n: int, k: int) -> Suspects:
    none = Metric(0.0, 0.0, 0.0)
    suggested = np.full(n, -1, dtype=np.int64)
    return Suspects(np.zeros(n), suggested, np.zeros(n, dtype=bool), uniform_matrix(k, 0.0), none, none)
