"""How the labels of a data set go wrong: which label becomes which, and how often.

The model. A sample has a true label t; its probabilities, sharpened by a and shifted by b, say how likely each is:
softmax(a · log p + b). What was given is then drawn from row t of the noise matrix. Fitting a, b and the matrix
together to the given labels (expectation maximisation, Dempster et al. 1977; Goldberger and Ben-Reuven 2017 call it a
noise adaptation layer) has no single answer: a matrix without noise and blunt probabilities fit as well as a noisy one
and sharp probabilities. Two estimates that come from confident samples alone settle it, as a prior of the matrix:

- anchors (Patrini et al. 2017): the given labels of the samples that are surest of a label. Best where noise is rare,
  because next to no confusion of the classifier is among them.
- the confident joint (Northcutt et al. 2021), for labels whose anchors do not mostly bear the label itself.

Where the anchors' errors are spread no more unevenly than chance spreads uniform noise, the matrix is uniform: what
looks like structure in it would be the classifier's own confusions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SMALLEST: Final = (1e-30, 1e-7)
"""Between these, probabilities of nothing count as the smallest that is there: half precision knows few below 1e-7,
and over-confident classifiers say things that are far less probable, and mean it by comparison."""
_ANCHOR_SHARE: Final = 0.2
_MOST_ANCHORS: Final = 0.8
_FEWEST_ANCHORS: Final = 30
_ROUNDS: Final = 20
_RARE: Final = 0.016
_LEAST: Final = 1e-3
_UNIFORM_FROM: Final = 0.7
_UNIFORM_FROM_IF_UNKNOWN: Final = 0.5
_MIXED_FROM, _MIXED_BELOW = 0.3, 0.035
_LOWEST: Final = 0.8
_TELLING: Final = 0.3
_FEW_PAIRS: Final = 0.2
_MOST_NUMBERS: Final = 10_000_000
_SURELY_CONFUSED: Final = 0.05
_PRIOR_WEIGHT: Final = 5.0
_LEAST_EVEN: Final = 0.75
_HELD_BY: Final = 4.0
"""Samples that hold the shift of each label to nothing, beside a thousandth of those there are."""
_FIT_NUMBERS: Final = 120_000
_FIT_ROWS: Final = (2_000, 20_000)


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """What was fitted.

    Attributes
    ----------
    matrix
        (K, K): row t is the distribution of what samples that are truly t were given; rows sum to 1.
    sharpness
        a > 0, of the probabilities.
    offset
        (K,) b, added to a · log p.
    evenness
        How evenly errors are spread over pairs of labels: 1 as uniform noise, 0 all in few pairs.
    uniform
        Whether that is no more uneven than chance makes of uniform noise, or hardly more; the matrix is so, then.
    as_uniform
        How much the order of suspicion should be that of uniform noise: 1, or 0.5 where some of it has a structure,
        but so little that the order by the matrix would put the classifier's confusions first, or 0.
    balanced
        Whether labels are predicted as often as given, by a classifier that noise has not blunted: its probabilities
        need no offset to be compared with each other.
    floor
        What less probable labels count as.
    """

    matrix: Floats
    sharpness: float
    offset: Floats
    evenness: float
    uniform: bool
    as_uniform: float
    balanced: bool
    floor: float


def smallest(probabilities: NDArray[np.floating]) -> float:
    """Return what less probable labels count as."""
    least = float(np.min(probabilities, where=probabilities > 0, initial=_SMALLEST[1]))
    return max(least, _SMALLEST[0])


def log_probabilities(probabilities: NDArray[np.floating], floor: float) -> Floats:
    """Return the logarithms (n, K), the largest of each row 0, of probabilities of any precision."""
    logs: Floats = np.log(np.maximum(probabilities, floor, dtype=np.float64))
    logs -= logs.max(axis=1, keepdims=True)
    return logs


def fit_noise(probabilities: NDArray[np.floating], given: Ints, seed: int = 0) -> NoiseModel:
    """Fit the model.

    Parameters
    ----------
    probabilities
        (N, K >= 2), out of sample, finite, not negative.
    given
        (N >= 1,) label indexes.
    seed
        Draws the samples that the fit looks at, where there are more than it needs.
    """
    few = few_rows(*probabilities.shape)
    if few is not None:
        probabilities, given = probabilities[few], given[few]
    k = probabilities.shape[1]
    floor = smallest(probabilities)
    shift = _matching_shift(probabilities, given, floor)
    moved = np.maximum(probabilities, floor, dtype=np.float64) * np.exp(shift)
    moved /= moved.sum(1, keepdims=True)
    anchors = anchor_counts(moved, given)
    evenness, usual = spread_evenly(anchors)
    confusions = _confusions(moved, given)
    share = np.bincount(given, minlength=k) / len(given)
    prior = _prior(anchors, confusions, confident_joint(moved, given), evenness, share)
    rows, weights = _drawn(given, k, seed)
    matrix, a, b = _fit(
        log_probabilities(moved[rows], floor), given[rows], weights, prior, _PRIOR_WEIGHT / _known(anchors)
    )
    rate = 1 - float(np.trace(anchors)) / max(1.0, float(anchors.sum()))
    # Where next to no anchor is wrong, the classifier's own confusions are the more of what is uneven.
    # And where few errors have to tell many cells apart, they tell little about structure.
    known = _known(anchors) if rate >= _RARE else 0.0
    uniform = usual or evenness >= known * _UNIFORM_FROM + (1 - known) * _UNIFORM_FROM_IF_UNKNOWN
    if uniform:
        # Without what the most confused pairs have beyond the others, as far as that is not chance.
        matrix = uniform_matrix(k, max(_LEAST, rate * ((1 + evenness) / 2 if usual else evenness)))
    mixed = evenness >= _MIXED_FROM and rate < _MIXED_BELOW
    as_uniform = 1.0 if uniform else 0.5 if mixed else 0.0
    balanced = a <= 1 and not shift.any()
    return NoiseModel(matrix, a, a * shift + b, evenness, uniform, as_uniform, balanced, floor)


def _prior(anchors: Floats, confusions: Floats, confident: Floats, evenness: float, share: Floats) -> Floats:
    """Return the matrix (K, K) that confident samples speak for.

    Parameters
    ----------
    anchors, confident
        (K, K) counts, as `anchor_counts` and `confident_joint` have them.
    confusions
        (K, K) what is given where a label is predicted; rows sum to 1.
    evenness
        Of the anchors' errors.
    share
        (K,) of each label among those given.
    """
    k = len(anchors)
    # Of what the classifier confuses at all, it is sure about some: that is no noise, but in every pair some is.
    off = ~np.eye(k, dtype=bool)
    noise, own = anchors.copy(), anchors.sum(1, keepdims=True) * confusions * _SURELY_CONFUSED
    noise[off] = np.maximum(anchors[off] - own[off], 0)
    if k > 2:
        noise[off] = np.maximum(noise[off], np.sort(noise[off])[: int(_LOWEST * off.sum())].mean())
    prior = _normalised(noise)
    # The surest samples of a label that mostly bear another one are no anchors.
    odd = prior.argmax(1) != np.arange(k)
    prior[odd] = _normalised(confident)[odd]
    # Few errors in many cells say how often labels are wrong, and little about which becomes which: any, or those that
    # are confused.
    rate = float(share @ (1 - np.diag(prior)))
    shape = np.where(off, confusions, 0.0) + 1e-12 * off
    shape *= rate / shape.sum(1, keepdims=True)
    np.fill_diagonal(shape, 1 - rate)
    even, known = max(evenness, _LEAST_EVEN), _known(anchors)
    found: Floats = known * prior + (1 - known) * (even * uniform_matrix(k, rate) + (1 - even) * shape)
    return found


def _known(anchors: Floats) -> float:
    """Return how much anchors say about the cells of the matrix, 0 to 1: by errors for each cell."""
    errors, cells = float(anchors.sum() - np.trace(anchors)), len(anchors) * (len(anchors) - 1)
    return (errors + 1) / (errors + 1 + cells)


def _confusions(probabilities: Floats, given: Ints) -> Floats:
    """Return (K, K): the distribution of given labels where a label is predicted."""
    k = probabilities.shape[1]
    counts = np.bincount(probabilities.argmax(1) * k + given, minlength=k * k).reshape(k, k).astype(np.float64)
    counts += 1e-9 * np.eye(k)
    out: Floats = counts / counts.sum(1, keepdims=True)
    return out


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
    share = _anchor_share(place / found[of], given[order] != of)
    taken = place < np.maximum(_FEWEST_ANCHORS, (found * share).astype(np.int64))[of]
    counts = np.bincount(of[taken] * k + given[order][taken], minlength=k * k)
    return counts.reshape(k, k).astype(np.float64)


def _anchor_share(place: Floats, other: NDArray[np.bool_]) -> float:
    """Return which share may be anchors, from each one's place by sureness, 0 to 1, and whether it bears another label.

    Tenth by tenth, as long as the next is no worse than those before by more than chance, and some have errors.
    """
    tenth = np.minimum((place * 10).astype(np.int64), 9)
    sizes, errors = np.bincount(tenth, minlength=10), np.bincount(tenth, other, 10)
    first = round(10 * _ANCHOR_SHARE)
    for tenths in range(first, round(10 * _MOST_ANCHORS)):
        usual = errors[:tenths].sum() / max(1, sizes[:tenths].sum()) * sizes[tenths]
        if errors[tenths] > usual + usual**0.5:
            return tenths / 10
    return _MOST_ANCHORS


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


def uniform_matrix(k: int, rate: float) -> Floats:
    """Return the (K, K) matrix of noise that gives every other label equally often."""
    matrix = np.full((k, k), rate / max(1, k - 1))
    np.fill_diagonal(matrix, 1 - rate)
    return matrix


def few_rows(n: int, k: int) -> Ints | None:
    """Return rows, sorted, where there are more numbers than a model of the noise needs."""
    most = max(20_000, _MOST_NUMBERS // k)
    return None if n <= most else np.sort(generator(1).choice(n, most, replace=False))


def _low_share(rates: Floats) -> float:
    ordered = np.sort(rates)
    low = max(1, int(_LOWEST * len(ordered)))
    return float(ordered[:low].mean() / ordered.mean()) if ordered[-1] > 0 else 1.0


def _fit(logs: Floats, given: Ints, weights: Floats, prior: Floats, strength: float) -> tuple[Floats, float, Floats]:
    """Return the matrix, the sharpness and the shift (K,) by expectation maximisation.

    The prior of the matrix weighs `strength` times what the data say.
    """
    k = logs.shape[1]
    a, b, matrix = 1.0, np.zeros(k), prior
    # Labels first: sums over labels, of which there are few, are an order of magnitude faster so.
    logs = np.ascontiguousarray(logs.T)
    weighed_given = np.zeros((len(given), k))
    weighed_given[np.arange(len(given)), given] = weights
    for _ in range(_ROUNDS):
        soft = _soft(a * logs + b[:, None], axis=0)
        likely = soft * matrix[:, given]
        likely /= np.maximum(likely.sum(0), 1e-300)
        counts = likely @ weighed_given
        matrix = counts + strength * counts.sum(1, keepdims=True) * prior + 0.1 * prior + 1e-12
        matrix /= matrix.sum(1, keepdims=True)
        step = _newton_step(logs, soft, likely, weights, b)
        a = float(np.clip(a + np.clip(step[0], -1, 1), 0.2, 8.0))
        b = b + np.clip(step[1:], -2, 2)
    return matrix, a, b


def _newton_step(logs: Floats, soft: Floats, target: Floats, weights: Floats, b: Floats) -> Floats:
    """Return the step (1 + K,) of sharpness and shift towards the maximum of sum w * target * log soft.

    `logs`, `soft` and `target` are (K, n).
    """
    k = len(logs)
    weighed = soft * weights
    off = target * weights - weighed
    gradient = np.concatenate([[np.vdot(off, logs)], off.sum(1)])
    times = soft * logs
    mean = times.sum(0)
    curvature = np.empty((k + 1, k + 1))
    curvature[0, 0] = np.dot((times * logs).sum(0) - mean**2, weights)
    curvature[0, 1:] = curvature[1:, 0] = times @ weights - weighed @ mean
    curvature[1:, 1:] = np.diag(weighed.sum(1)) - weighed @ soft.T
    ridge = 1e-3 * float(weights.sum()) / k + _HELD_BY
    gradient[1:] -= ridge * b
    step: Floats = np.linalg.solve(curvature + ridge * np.eye(k + 1), gradient)
    return step


def _soft(z: Floats, axis: int) -> Floats:
    z -= z.max(axis=axis, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=axis, keepdims=True)
    return z


def _matching_shift(probabilities: NDArray[np.floating], given: Ints, floor: float) -> Floats:
    """Return (K,) shifts of log p after which each label is predicted as often as given (Saerens et al. 2002)."""
    n, k = probabilities.shape
    wanted = (np.bincount(given, minlength=k) + 0.5) / (n + 0.5 * k)
    rows = generator(0).permutation(n)[: max(2_000, 50_000 // k)] if n > 2_000 else slice(None)
    some = np.maximum(probabilities[rows], floor, dtype=np.float64)
    ratio = np.ones(k)
    for _ in range(10):
        moved = some * ratio
        moved /= moved.sum(1, keepdims=True)
        ratio *= wanted / np.maximum(moved.mean(0), 1e-9)
    logs = np.log(np.clip(ratio, 1e-4, 1e4))
    logs -= np.median(logs)
    # Small differences are the noise's own doing, or chance.
    shift: Floats = np.sign(logs) * np.maximum(np.abs(logs) - 0.5, 0)
    return shift


def _normalised(counts: Floats) -> Floats:
    k = len(counts)
    matrix = counts + 0.5 / k
    # A label nobody is sure of is taken to be right.
    matrix[counts.sum(1) == 0, :] += 1e-3
    matrix += np.eye(k) * (counts.sum(1) == 0)
    out: Floats = matrix / matrix.sum(1, keepdims=True)
    return out


def _drawn(given: Ints, k: int, seed: int) -> tuple[Ints, Floats]:
    """Return rows for the fit and their weights: all rows of rare labels, a part of the frequent ones'."""
    n = len(given)
    most = int(np.clip(_FIT_NUMBERS // k, *_FIT_ROWS))
    if n <= most:
        return np.arange(n, dtype=np.int64), np.ones(n)
    counts = np.bincount(given, minlength=k)
    chance = np.minimum(1.0, np.maximum(most / n, 30 / np.maximum(counts, 1)))
    rows = np.flatnonzero(generator(seed).random(n) < chance[given])
    return rows, 1 / chance[given[rows]]


def generator(seed: int) -> np.random.Generator:
    """Return numbers at random, the same for the same seed."""
    # Of a stream of its own: who plants noise with a plain seed would find all of it among the rows that are drawn.
    return np.random.default_rng([20_211, 41_021, seed])
