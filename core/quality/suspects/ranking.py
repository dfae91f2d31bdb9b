"""The order of suspicion where noise is uniform: who is least like the label that was given.

Self-confidence is the right order for probabilities that mean what they say. Where a classifier is weak and blunt, a
sample that nothing speaks for is no suspect yet, and an order that asks for a confident alternative is better. Which
of them serves a data set is found out by planting noise in it and looking for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.suspects.noise import Floats, Ints, NoiseModel, few_rows, generator, joint, log_probabilities

_TOGETHER_WEIGHT: Final = 0.8
_LEAST_TOGETHER: Final = 0.2
_PLANTED_AMONG: Final = 6_000
_LEAST_PLANTED: Final = 0.02
_PLANTED_IN_ALL: Final = 240
_CLEARLY: Final = 0.003
"""By how much average precision must be better before a ranking nearer to self-confidence is given up."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A way to tell how doubtful a label is.

    Attributes
    ----------
    one
        Whether the most probable other label counts, or all others together.
    floor
        What is added to the probability of the given label: below it, less is no more doubtful.
    """

    one: bool = False
    floor: float = 0.0


RANKINGS: Final = (
    Ranking(),
    Ranking(one=True),
    Ranking(one=True, floor=0.003),
    Ranking(one=True, floor=0.01),
    Ranking(one=True, floor=0.03),
    Ranking(one=True, floor=0.1),
    Ranking(one=True, floor=0.3),
)
"""The first is self-confidence, with confusable labels telling less."""


def doubts(logs: Floats, given: Ints, telling: Floats, rankings: tuple[Ranking, ...]) -> list[Floats]:
    """Return for each ranking how doubtful the given labels are (n,), by log probabilities (n, K) of any scale."""
    at = np.arange(len(given))
    p = np.exp(logs)
    total = p.sum(1)
    # The logarithm is kept: differences count where the given label is next to impossible, too.
    log_own, own = logs[at, given] - np.log(total), p[at, given] / total
    p /= total[:, None]
    p[at, given] = 0.0
    p *= telling[given]
    everything, most = p.sum(1), p.max(1)
    out = []
    for ranking in rankings:
        if ranking.floor:
            out.append(np.log(np.maximum(most, 1e-300)) - np.log(own + ranking.floor))
        else:
            rest = most if ranking.one else everything
            out.append(np.log(np.maximum(rest, 1e-300)) - log_own)
    return out


def choose_ranking(
    probabilities: NDArray[np.floating], given: Ints, telling: Floats, model: NoiseModel, rate: float
) -> Ranking | None:
    """Return the ranking that finds planted uniform noise best; of those that are about as good, the first.

    None where the model's own posterior serves: where the classifier learnt from these labels itself, so that its
    probabilities are blunt, and the posterior finds no less than self-confidence does. It knows of rare labels.

    Parameters
    ----------
    probabilities
        (N, K), and `given` (N,).
    model
        Of the noise; its sharpness multiplies log probabilities.
    rate
        Of noise that is expected, 0 to 1: as much is planted.
    """
    n, k = probabilities.shape
    rng = generator(2)
    rows = np.arange(n) if n <= _PLANTED_AMONG else np.sort(rng.choice(n, _PLANTED_AMONG, replace=False))
    plain, labels = log_probabilities(probabilities[rows]), given[rows]
    logs, at = plain * max(1.0, model.sharpness), np.arange(len(rows))
    planted_rate = float(np.clip(rate, _LEAST_PLANTED, 0.4))
    rounds = int(np.clip(_PLANTED_IN_ALL / (planted_rate * len(rows)), 2, 10))
    found, own_found = np.zeros(len(RANKINGS)), 0.0
    for _ in range(rounds):
        planted = rng.random(len(rows)) < planted_rate
        moved = np.where(planted, (labels + rng.integers(1, k, len(rows))) % k, labels)
        found += [average_precision(planted, doubt) for doubt in doubts(logs, moved, telling, RANKINGS)]
        likely = joint(plain, model, moved)
        own_found += average_precision(planted, 1 - likely[at, moved] / np.maximum(likely.sum(1), 1e-300))
    # The posterior is ahead of what it has already found among the negatives, which counts against it here.
    if model.sharpness > 1 and own_found >= found[0]:
        return None
    return RANKINGS[int((found / rounds >= found.max() / rounds - _CLEARLY).argmax())]


def average_precision(wrong: NDArray[np.bool_], doubt: Floats) -> float:
    """Return the area under precision and recall of an order by doubt; 0 where nothing is wrong."""
    hits = wrong[np.argsort(-doubt, kind="stable")]
    places = np.flatnonzero(hits)
    return float((np.arange(1, len(places) + 1) / (places + 1)).mean()) if len(places) else 0.0


def telling_pairs(probabilities: NDArray[np.floating]) -> Floats:
    """Return (K, K): how much the probability of one label says against another.

    Less between labels that the classifier often holds possible together (the cosine of their columns): uniform noise
    is no more frequent there than elsewhere, but doubtful samples are.
    """
    few = few_rows(*probabilities.shape)
    some = np.asarray(probabilities if few is None else probabilities[few], np.float32)
    k = some.shape[1]
    off = ~np.eye(k, dtype=bool)
    first, second = (np.log(_together(half)[off]) for half in (some[::2], some[1::2]))
    # What two halves of the samples do not agree on is chance.
    sure = float(np.corrcoef(first, second)[0, 1]) if first.std() > 1e-6 and second.std() > 1e-6 else 0.0
    out = np.ones((k, k))
    out[off] = np.exp(-_TOGETHER_WEIGHT * max(0.0, sure) * (first + second) / 2)
    return out


def _together(probabilities: NDArray[np.float32]) -> Floats:
    """Return (K, K) cosines between the columns, in units of the usual one, none below `_LEAST_TOGETHER`."""
    cosines = (probabilities.T @ probabilities).astype(np.float64)
    lengths = np.sqrt(np.maximum(np.diag(cosines), 1e-12))
    cosines /= lengths * lengths[:, None]
    np.fill_diagonal(cosines, 0.0)
    usual = cosines.sum() / (len(cosines) * (len(cosines) - 1))
    out: Floats = cosines / max(usual, 1e-12) + _LEAST_TOGETHER
    return out
