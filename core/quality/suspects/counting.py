"""How many labels are wrong, from log odds that are in the right order: as probabilities, and with an interval."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.domain.metrics import Metric
from core.quality.suspects.anchors import Floats
from core.quality.suspects.noise import NoiseModel

_MISTAKEN_FOR_WRONG: Final = 0.035
_NOT_MISTAKEN: Final = 0.1
_UNCERTAIN: Final = 0.15
_MISTAKEN_UNCERTAIN: Final = 0.04
_INTERVAL: Final = 1.96
_CONFUSED: Final = (0.8, 0.5)
"""By how much fewer errors there are than counted, by the share of it that may be confusions: the rate, the least."""
_PERHAPS_NONE: Final = 5.0
_CONFUSED_UNSURE: Final = (5.0, 1.4)
"""Deviation of the logarithm of their number, by the same share: the rate, the most."""


def count_errors(odds: Floats, mistaken: float, model: NoiseModel) -> tuple[Floats, Metric, float]:
    """Return what log odds (N,) of wrong labels mean.

    Parameters
    ----------
    mistaken
        How many labels the classifier would not have given.

    Returns
    -------
    Probabilities (N,) in the same order; their sum, with an interval; and the standard deviation of its logarithm, as
    far as the model of the noise may be off.
    """
    wrong = _sigmoid(odds) if model.uniform else _discounted(odds, mistaken)
    counted = _expected(wrong, mistaken, model.unsure * len(odds))
    deviation = float(np.log1p((counted.high - counted.value) / (counted.value + 1)) / _INTERVAL)
    if not model.confused:
        return wrong, counted, deviation
    rate, least = _CONFUSED
    wrong = _as_many(odds, counted.value * max(least, float(np.exp(-rate * model.confused))))
    rate, most = _CONFUSED_UNSURE
    deviation = float(np.hypot(deviation, min(rate * model.confused, most)))
    return wrong, _perhaps_fewer(float(wrong.sum()), counted, model.confused), deviation


def _discounted(odds: Floats, mistaken: float) -> Floats:
    """Return probabilities (N,) of which as many fewer are expected to be wrong as the classifier errs with confidence.

    Such errors are like wrong labels, of the pairs that are easily confused; where noise is uniform, these pairs stand
    out, and are not counted in the first place.
    """
    total = float(_sigmoid(odds).sum())
    return _as_many(odds, max(_NOT_MISTAKEN * total, total - _MISTAKEN_FOR_WRONG * max(0.0, mistaken - total)))


def with_sum(odds: Floats, wanted: float, low: float, high: float) -> Floats:
    """Return probabilities that sum to `wanted`, of log odds that are all moved by the same, `low` to `high`."""
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if _sigmoid(odds + middle).sum() > wanted else (middle, high)
    return _sigmoid(odds + high)


def _as_many(odds: Floats, wanted: float) -> Floats:
    """Return probabilities (N,), in the order of the log odds, of which no more than `wanted` are expected wrong."""
    return with_sum(odds, wanted, -20.0, 0.0)


def _expected(wrong: Floats, mistaken: float, unsure: float) -> Metric:
    """Return the expected number of errors, and an interval wide enough for what no calibration can know.

    Wide by chance, by how far the model may be off, and by the deviation `unsure` of what few sure samples say.
    """
    n, value = len(wrong), float(wrong.sum())
    chance = _INTERVAL * (float((wrong * (1 - wrong)).sum()) ** 0.5 + 1)
    model = _UNCERTAIN * value + _MISTAKEN_UNCERTAIN * max(0.0, mistaken - value)
    reach = float(np.hypot(model, _INTERVAL * unsure)) + chance
    return Metric(value, max(0.0, value - reach), min(float(n), value + reach))


def _perhaps_fewer(value: float, counted: Metric, confused: float) -> Metric:
    """Return the expected number where a share of what was `counted` may be confusions: from few to as many as that."""
    chance = _INTERVAL * (value**0.5 + 1)
    fewest = value * max(0.0, 1 - _PERHAPS_NONE * confused) - chance
    return Metric(value, max(0.0, min(counted.low, fewest)), counted.high)


def _sigmoid(odds: Floats) -> Floats:
    out: Floats = 1 / (1 + np.exp(-odds))
    return out
