"""The noise matrix that anchors speak for: which label becomes which, and how often, where few errors have to tell."""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.suspects.anchors import Floats, Ints

_LOWEST: Final = 0.8
_SURELY_CONFUSED: Final = 0.05
_POWERS: Final = (1.0, 2.0, 4.0)
_EVEN_SHARES: Final = (0.1, 0.3, 0.5, 0.75, 1.0)
_HANDS: Final = (10.0, 30.0, 100.0, 300.0, 1e3, 1e4)
"""In anchors: from rows that are each like nothing but themselves to rows that are all alike."""
_NEGLIGIBLE: Final = 1e-4


def matrix_of_anchors(anchors: Floats, confusions: Floats, confident: Floats, held: Floats, share: Floats) -> Floats:
    """Return the matrix (K, K) that confident samples speak for.

    Parameters
    ----------
    anchors, confident
        (K, K) counts, as `anchor_counts` and `confident_joint` have them.
    confusions
        (K, K) what is given where a label is predicted; rows sum to 1.
    held
        (K, K) mean probabilities where a label is predicted.
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
    # Few errors in many cells say how often labels are wrong, and little about which becomes which.
    found = _pooled(noise, held, float(share @ (1 - np.diag(prior))))
    found[odd] = prior[odd]
    return found


def _pooled(noise: Floats, held: Floats, rate: float) -> Floats:
    """Return the matrix (K, K) of anchors' counts, where few of them are made up for by what all have in common.

    Each row is drawn around a common shape, between uniform noise and noise that hits only the label most often held
    possible: powers of `held` (K, K), the mean probabilities where a label is predicted. How strong a hand the shape
    has (in anchors), and which it is, is weighed by how likely it makes the counts (Dirichlet and multinomial;
    Minka 2000).
    """
    k, some = len(held), noise > 0
    off = ~np.eye(k, dtype=bool)
    alike = [_shares(np.where(off, np.maximum(held, 1e-9) ** power, 0.0)) for power in _POWERS]

    def shape(power: int, even: float) -> Floats:
        made: Floats = rate * (even * off / (k - 1) + (1 - even) * alike[power]) + (1 - rate) * np.eye(k)
        return made

    tried = list(product(range(len(_POWERS)), _EVEN_SHARES, _HANDS))
    logs = [_log_likelihood(noise, some, hand, shape(power, even)[some]) for power, even, hand in tried]
    weights = np.exp(np.array(logs) - max(logs))
    found = np.zeros((k, k))
    for weight, (power, even, hand) in zip((weights / weights.sum()).tolist(), tried, strict=True):
        if weight > _NEGLIGIBLE:
            found += weight * _shares(noise + hand * shape(power, even))
    return _shares(found)


def _log_likelihood(counts: Floats, some: NDArray[np.bool_], hand: float, shape: Floats) -> float:
    """Return how likely rows of counts are, beside a constant, that are drawn around `hand` times a shape.

    Only the cells that have `some` matter; `shape` has theirs.
    """
    from scipy.special import gammaln

    seen = gammaln(hand * shape + counts[some]) - gammaln(hand * shape)
    return float(seen.sum() - (gammaln(hand + counts.sum(1)) - gammaln(hand)).sum())


def _shares(rows: Floats) -> Floats:
    out: Floats = rows / rows.sum(1, keepdims=True)
    return out


def confusions_of(probabilities: Floats, given: Ints) -> Floats:
    """Return (K, K): the distribution of given labels where a label is predicted."""
    k = probabilities.shape[1]
    counts = np.bincount(probabilities.argmax(1) * k + given, minlength=k * k).reshape(k, k).astype(np.float64)
    counts += 1e-9 * np.eye(k)
    out: Floats = counts / counts.sum(1, keepdims=True)
    return out


def held_possible(probabilities: Floats) -> Floats:
    """Return (K, K): the mean probabilities where a label is predicted."""
    predicted = probabilities.argmax(1)
    sums = np.stack([np.bincount(predicted, column, len(probabilities.T)) for column in probabilities.T], axis=1)
    found: Floats = sums / np.maximum(np.bincount(predicted, minlength=len(sums)), 1)[:, None]
    return found


def uniform_matrix(k: int, rate: float) -> Floats:
    """Return the (K, K) matrix of noise that gives every other label equally often."""
    matrix = np.full((k, k), rate / max(1, k - 1))
    np.fill_diagonal(matrix, 1 - rate)
    return matrix


def _normalised(counts: Floats) -> Floats:
    k = len(counts)
    matrix = counts + 0.5 / k
    # A label nobody is sure of is taken to be right.
    matrix[counts.sum(1) == 0, :] += 1e-3
    matrix += np.eye(k) * (counts.sum(1) == 0)
    out: Floats = matrix / matrix.sum(1, keepdims=True)
    return out
