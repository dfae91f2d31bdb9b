"""What is usual in a data set, and how far from it an image is: by order statistics, which a few bad images don't move.

A deviation is counted in units in which a tenth of the set lies beyond 1.28, as in a normal distribution; the scale is
that of its own side, as levels and sizes are skewed. From 3.5 on, one in 4,000 images of a normal distribution is
called odd, and one in 160 where the tails are as heavy as Laplace's.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
ODD: Final = 3.5
"""From how many units on an image is odd."""
MOST: Final = 0.065
"""A larger share of a data set is not odd: this is how the data set is."""
_STEP: Final = 1.2
"""From one image of a tail to the next, at most."""
_TENTH: Final = 1.2816
_LEAST_LABEL: Final = 30
_EXPLAINED: Final = 0.85


def centred(values: Values, labels: NDArray[np.int64]) -> Values:
    """Return values less the median of their label, where labels differ systematically; otherwise as they are.

    Parameters
    ----------
    values
        (N,), NaN where there is none.
    labels
        (N,) codes, -1 without; labels of fewer than 30 images count as without one.
    """
    return values + shifts(values, labels)


def shifts(values: Values, labels: NDArray[np.int64]) -> Values:
    """Return (N,) what `centred` adds to each value; zeros where labels do not differ systematically."""
    found = np.zeros(len(values))
    codes, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    large = (counts >= _LEAST_LABEL) & (codes >= 0)
    if large.sum() < 2:
        return found
    middle, order = _median(values), np.argsort(index, kind="stable")
    for code, members in enumerate(np.split(order, np.cumsum(counts)[:-1])):
        if large[code]:
            found[members] = middle - _median(values[members])
    # What is left between the quartiles says whether the labels explain anything.
    return found if _spread(values + found) < _EXPLAINED * _spread(values) else np.zeros(len(values))


def rows_by_label(labels: NDArray[np.int64]) -> list[int]:
    """Return one row of each label that is large enough to be judged on its own."""
    codes, first, counts = np.unique(labels, return_index=True, return_counts=True)
    return [int(row) for row in first[(counts >= _LEAST_LABEL) & (codes >= 0)]]


def usual_range(values: Values) -> tuple[float, float, float]:
    """Return between which values nine in ten lie, and the middle: low, middle, high; zeros of none."""
    known = values[np.isfinite(values)]
    low, middle, high = np.quantile(known, (0.05, 0.5, 0.95)) if len(known) else (0.0, 0.0, 0.0)
    return float(low), float(middle), float(high)


def above(values: Values, least_scale: float = 0.0) -> Values:
    """Return (N,) how far each value is above the usual, in units (negative: below); 0 where there is no value.

    Parameters
    ----------
    least_scale
        What nobody would see is no deviation: the unit is at least this.
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return np.zeros(len(values))
    middle, tenth = np.quantile(known, (0.5, 0.9))
    scale = max(float(tenth - middle) / _TENTH, least_scale, 1e-12)
    units: Values = np.nan_to_num((values - middle) / scale, nan=0.0, posinf=0.0, neginf=0.0)
    return units


def below(values: Values, least_scale: float = 0.0) -> Values:
    """Return (N,) how far each value is below the usual; as `above`."""
    return above(-values, least_scale)


def apart(values: Values, least_scale: float = 0.0) -> Values:
    """Return (N,) how far each value is from the usual on its own side; as `above`."""
    return np.maximum(above(values, least_scale), below(values, least_scale))


def odd_from(deviations: Values, least: float = ODD) -> float:
    """Return from which deviation on images are odd: `least`, unless more than `MOST` of the set would be.

    So many are no exceptions but a kind of their own, such as small cells among large ones: odd is then only what is
    twice as far out as they begin.
    """
    if not len(deviations):
        return least
    kind = float(np.quantile(deviations, 1 - MOST))
    return 2 * kind if kind >= least else least


def odd_beyond_tail(deviations: Values, odd: float, clear: float) -> float:
    """Return from which deviation on images are odd, where none is clearly so: beyond the set's own tail.

    A heavy tail goes on past any limit, in small steps. Where it does so up to the last image, and that is less than
    `clear`, the tail is how the set is; where some image stands apart or is clearly odd, `odd` holds.
    """
    tail = np.sort(deviations[deviations >= odd])
    if not len(tail) or tail[-1] >= clear:
        return odd
    start = float(deviations.max(where=deviations < odd, initial=0.0))
    steps = tail / np.concatenate([[max(start, 1e-12)], tail[:-1]])
    return _STEP * float(tail[-1]) if (steps <= _STEP).all() else odd


def logit(levels: Values) -> Values:
    """Return levels (0 to 1) on a scale on which halving a dim one and halving what a bright one lacks are alike.

    Levels beyond 0 to 1, of floats, are first brought there by the set's own range.
    """
    known = levels[np.isfinite(levels)]
    if not len(known):
        return levels
    if known.min() < 0 or known.max() > 1:
        low, high = float(known.min()), float(known.max())
        levels = 0.02 + 0.96 * (levels - low) / (high - low)
        known = levels[np.isfinite(levels)]
    floor = float(np.clip(0.02 * np.median(known), 1e-7, 0.002))
    inside = np.clip(levels, floor, 1 - 0.002)
    found: Values = np.log(inside / (1 - inside))
    return found


def residual(values: Values, causes: Values) -> Values:
    """Return (N,) what a straight line through the causes (N, m) does not explain of the values.

    Fitted by least squares to the images within 2.5 deviations of it, in turns, so that odd ones have no say.
    """
    x = np.column_stack([causes, np.ones(len(values))])
    used = np.ones(len(values), dtype=np.bool_)
    left = values - np.median(values)
    for _ in range(4):
        if used.sum() <= 2 * x.shape[1]:
            break
        line = np.linalg.lstsq(x[used], values[used], rcond=None)[0]
        left = values - x @ line
        left = left - np.median(left)
        used = np.abs(left) <= 2.5 * 1.4826 * np.median(np.abs(left)) + 1e-12
    return left


def _median(values: Values) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0


def _spread(values: Values) -> float:
    known = values[np.isfinite(values)]
    return float(np.subtract(*np.quantile(known, (0.75, 0.25)))) if len(known) else 0.0
