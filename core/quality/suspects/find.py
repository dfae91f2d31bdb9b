"""Which labels are probably wrong, from probabilities out of sample and the labels given.

Starts where confident learning does (Northcutt, Jiang and Chuang, JAIR 2021), with how often confident samples bear
another label, and goes on to a posterior over the true label of every sample. What must stay true: the order of
suspicion is that of `p_wrong`, and where noise is uniform it is that of `core.quality.suspects.ranking`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.domain.metrics import Metric
from core.errors import BugError
from core.quality.suspects.anchors import Floats, Ints
from core.quality.suspects.counting import count_errors
from core.quality.suspects.matrix import uniform_matrix
from core.quality.suspects.noise import NoiseModel, fit_noise, log_probabilities
from core.quality.suspects.ranking import telling_pairs

_NUMBERS_AT_ONCE: Final = 1 << 20
_FLAGGED_FROM: Final = 0.5
_SURE: Final = 2.0


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
    unsure
        Standard deviation of the logarithm of that number, as far as the model of the noise may be off.
    """

    p_wrong: Floats
    suggested: Ints
    flagged: NDArray[np.bool_]
    noise: Floats
    noise_rate: Metric
    expected_errors: Metric
    unsure: float

    def without(self, rows: NDArray[np.bool_]) -> Suspects:
        """Return what is suspected of the others: of `rows` (N,) nothing is said; the numbers of all stay."""
        p_wrong, suggested = np.where(rows, 0.0, self.p_wrong), np.where(rows, -1, self.suggested)
        return replace(self, p_wrong=p_wrong, suggested=suggested, flagged=self.flagged & ~rows)

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
    odds, best = _log_odds(known, y, model)
    odds = _tempered(odds)
    wrong, errors, unsure = count_errors(odds, float((known.argmax(1) != y).sum()), model)
    n = len(p)
    p_wrong, suggested = np.zeros(n), np.full(n, -1, dtype=np.int64)
    p_wrong[usable], suggested[usable] = wrong, best
    rate = Metric(*(number / len(usable) for number in (errors.value, errors.low, errors.high)))
    return Suspects(p_wrong, suggested, p_wrong > _FLAGGED_FROM, model.matrix, rate, errors, unsure)


def _log_odds(probabilities: NDArray[np.floating], given: Ints, model: NoiseModel) -> tuple[Floats, Ints]:
    """Return the log odds of being wrong (N,), and the likeliest other label, a part of the samples at a time."""
    n, k = probabilities.shape
    odds, best, doubt = np.empty(n), np.empty(n, dtype=np.int64), np.empty(n)
    spoilt = np.log(np.maximum(model.matrix.T, 1e-300))
    # What a label says against the given one, as far as noise is uniform, and as far as it has a structure.
    telling = (1 - model.as_uniform) * (spoilt - np.diag(spoilt)[:, None])
    if model.as_uniform:
        telling += model.as_uniform * np.log(telling_pairs(probabilities))
    size = max(1, _NUMBERS_AT_ONCE // k)
    for start in range(0, n, size):
        part = slice(start, start + size)
        y = given[part]
        at = np.arange(len(y))
        logs = log_probabilities(probabilities[part], model.floor) * model.sharpness
        if model.as_uniform:
            doubt[part] = _against(logs if model.balanced else logs + model.offset, y, telling)
        logs += model.offset + spoilt[y]
        own = logs[at, y].copy()
        logs[at, y] = -np.inf
        best[part] = logs.argmax(1)
        top = logs[at, best[part]]
        odds[part] = top - own + np.log(np.exp(logs - top[:, None]).sum(1))
    if model.as_uniform:
        # The same numbers, in the order that finds uniform noise best, or both kinds.
        odds[np.argsort(doubt, kind="stable")] = np.sort(odds)
    return odds, best


def _against(logs: Floats, given: Ints, telling: Floats) -> Floats:
    """Return (n,) how much speaks for the likeliest other label, and against the given one."""
    at = np.arange(len(given))
    others = logs + telling[given]
    others[at, given] = -np.inf
    against: Floats = others.max(1) - logs[at, given]
    return against


def _tempered(odds: Floats) -> Floats:
    """Return log odds (N,) that are less sure, in the same order: no model knows all that makes images unlike."""
    high = odds > _SURE
    out = odds.copy()
    out[high] = _SURE + np.log1p(odds[high] - _SURE)
    return out


def _nothing(n: int, k: int) -> Suspects:
    none = Metric(0.0, 0.0, 0.0)
    suggested = np.full(n, -1, dtype=np.int64)
    return Suspects(np.zeros(n), suggested, np.zeros(n, dtype=bool), uniform_matrix(k, 0.0), none, none, 0.0)
