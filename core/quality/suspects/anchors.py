"""Anchors: the samples that a classifier is surest of, and what they were given.

Their labels say how often labels go wrong, and which becomes which (Patrini et al. 2017), because next to no confusion
of the classifier is among them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHARE: Final = 0.2
_MOST: Final = 0.8
_FEWEST: Final = 30
_LOWEST: Final = 0.8
_TELLING: Final = 0.3
_FEW_PAIRS: Final = 0.2


def anchor_counts(probabilities: Floats, given: Ints) -> Floats:
    """Return (K, K): of the samples predicted to be t that are surest, how many were given which label.

    A fifth of each label at least; more, as far as those less sure bear another label no more often: noise knows
    nothing of how sure the classifier is, while its own confusions become more frequent.
    """
    k = probabilities.shape[1]
    predicted = probabilities.argmax(1)
    confidence = probabilities[np.arange(len(given)), predicted]
    order = np.lexsort((-confidence, predicted))
    of = predicted[order]
    starts = np.searchsorted(of, np.arange(k + 1))
    found = np.diff(starts)
    place = np.arange(len(order)) - starts[of]
    share = _share(place / found[of], given[order] != of)
    taken = place < np.maximum(_FEWEST, (found * share).astype(np.int64))[of]
    counts = np.bincount(of[taken] * k + given[order][taken], minlength=k * k)
    return counts.reshape(k, k).astype(np.float64)


def _share(place: Floats, other: NDArray[np.bool_]) -> float:
    """Return which share may be anchors, from each one's place by sureness, 0 to 1, and whether it bears another label.

    Tenth by tenth, as long as the next is no worse than those before by more than chance, and some have errors.
    """
    tenth = np.minimum((place * 10).astype(np.int64), 9)
    sizes, errors = np.bincount(tenth, minlength=10), np.bincount(tenth, other, 10)
    first = round(10 * _SHARE)
    for tenths in range(first, round(10 * _MOST)):
        usual = errors[:tenths].sum() / max(1, sizes[:tenths].sum()) * sizes[tenths]
        if errors[tenths] > usual + usual**0.5:
            return tenths / 10
    return _MOST


def confident_joint(probabilities: Floats, given: Ints) -> Floats:
    """Return (K, K) counts of confident label by given label.

    A sample is confident of a label that is at least as probable as it is on average among those given it; of several
    such labels, of the most probable one (Northcutt et al. 2021).
    """
    k = probabilities.shape[1]
    counts = np.bincount(given, minlength=k)
    own = np.bincount(given, probabilities[np.arange(len(given)), given], k)
    thresholds = np.where(counts > 0, own / np.maximum(counts, 1), 1.0)
    above = np.where(probabilities >= thresholds, probabilities, 0.0)
    confident = above.argmax(1)
    some = above[np.arange(len(given)), confident] > 0
    found = np.bincount(confident[some] * k + given[some], minlength=k * k)
    return found.reshape(k, k).astype(np.float64)


def known_cells(anchors: Floats) -> float:
    """Return how much anchors say about the cells of the matrix, 0 to 1: by errors for each cell."""
    errors, cells = float(anchors.sum() - np.trace(anchors)), len(anchors) * (len(anchors) - 1)
    return (errors + 1) / (errors + 1 + cells)


def rate_deviation(anchors: Floats, n: int) -> float:
    """Return the standard deviation of the share of wrong labels among n samples that the anchors are some of."""
    seen = max(1.0, float(anchors.sum()))
    errors = seen - float(np.trace(anchors))
    return float(np.sqrt((errors + 1) * max(0.0, 1 - seen / n)) / seen)


def spread_evenly(anchors: Floats) -> tuple[float, bool]:
    """Return how evenly errors are spread over the pairs of labels, and whether chance spreads uniform noise like that.

    The measure is the share of the errors that the lower four fifths of the pairs have, over what they have on
    average where noise is uniform, as frequent, and seen in as many anchors: 1 as uniform noise, 0 all in few pairs.
    """
    k = len(anchors)
    totals = np.maximum(anchors.sum(1), 1)
    off = ~np.eye(k, dtype=bool)
    rate = anchors[off].sum() / max(anchors.sum(), 1)
    if rate == 0:
        return 1.0, True
    seen = _low_share((anchors / totals[:, None])[off])
    expected = np.broadcast_to((totals * rate / (k - 1))[:, None], (k, k))[off]
    sizes = np.broadcast_to(totals[:, None], (k, k))[off]
    rng = generator(0)
    by_chance = [_low_share(rng.poisson(expected) / sizes) for _ in range(40 if k <= 100 else 4)]
    chance = float(np.mean(by_chance))
    if chance < _TELLING:
        used = _pairs_used(anchors[off], expected)
        return used, used >= _FEW_PAIRS
    return min(1.0, seen / chance), bool(seen >= np.quantile(by_chance, 0.05))


def _pairs_used(counts: Floats, expected: Floats) -> float:
    """Return the share of the cells that the counts spread over, 1 where none is repeated.

    Simpson's index without its bias, in which a cell counts by what is expected of it. Of use where counts are so few
    that most cells are empty by chance.
    """
    repeated = (counts * (counts - 1) / np.maximum(expected, 1e-12)).sum()
    return float(min(1.0, counts.sum() / repeated)) if repeated > 0 else 1.0


def _low_share(rates: Floats) -> float:
    ordered = np.sort(rates)
    low = max(1, int(_LOWEST * len(ordered)))
    return float(ordered[:low].mean() / ordered.mean()) if ordered[-1] > 0 else 1.0


def generator(seed: int) -> np.random.Generator:
    """Return numbers at random, the same for the same seed."""
    # Of a stream of its own: who plants noise with a plain seed would find all of it among the rows that are drawn.
    return np.random.default_rng([20_211, 41_021, seed])
